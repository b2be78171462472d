"""Programs for operators: they run beside the shop and not in it."""
