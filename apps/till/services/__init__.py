"""Writes: opening a drawer, moving its cash, counting it, closing it, correcting a close."""
