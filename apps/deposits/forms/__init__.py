"""Forms of deposits and savings schemes: what was typed, as the services take it."""
