"""Writes of deposits and savings schemes."""
