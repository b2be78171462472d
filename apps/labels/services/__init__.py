"""What changes templates, and what prints tags."""
