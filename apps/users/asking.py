"""Asking for a password at a door for commands."""

import getpass
import sys


def password_of(name: str) -> str:
    """Typed unseen on a terminal; the first line of standard input elsewhere."""
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {name}: ")
    return sys.stdin.readline().rstrip("\n")
