"""What a customer is found by."""

import re
from typing import Final

from apps.core.typed import fold_digits, fold_letters

_MOST_WORDS: Final = 6
_LONGEST_SEARCH: Final = 100
_PHONE: Final = re.compile(r"[+()\-./0-9]+")


def search_text(*, name: str, phone: str, email: str) -> str:
    """One folded text per customer: lower case, Latin digits, one form of each Persian letter.

    The phone stands in it as bare digits, however it was grouped.
    """
    return " ".join(filter(None, (_folded(name), _digits_of(_folded(phone)), _folded(email))))


def search_words(text: str) -> list[str]:
    """The words of a search, folded; a customer is found when each occurs somewhere."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST_SEARCH])
    words = [
        (_digits_of(word) or word) if _PHONE.fullmatch(word) else word
        for word in _folded(printable).split()
    ]
    return list(dict.fromkeys(words))[:_MOST_WORDS]


def _folded(text: str) -> str:
    return fold_letters(fold_digits(text))


def _digits_of(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
