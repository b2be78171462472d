"""Reads of deposits and savings schemes."""
