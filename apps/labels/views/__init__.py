"""Doors of the tags: printing them, and the templates they are printed by."""
