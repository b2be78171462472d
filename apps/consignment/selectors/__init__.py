"""Reads of memos: the lists, one of them, and what owners are owed."""
