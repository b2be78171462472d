"""Signs of a text that people see."""

from typing import Final

# What Persian and Indian scripts spell with: part of a name, though no sign of its own is seen.
JOINERS: Final = "\u200c\u200d"


def is_readable(text: str) -> bool:
    """Whether every sign of it can be seen, or joins letters as its script wants."""
    return all(sign.isprintable() or sign in JOINERS for sign in text)
