"""Doors of deposits and savings schemes."""
