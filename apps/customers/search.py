"""What a customer is found by, and what tells that two of them are one person."""

import re
from collections.abc import Iterable
from typing import Final

from apps.core.typed import fold_digits, fold_letters

_MOST_WORDS: Final = 6
_LONGEST_SEARCH: Final = 100
_LONGEST_TEXT: Final = 2000
_PHONE: Final = re.compile(r"[+()\-./0-9]+")
_TAIL: Final = 8
_SHORTEST_PHONE: Final = 7
_LONGEST_KEY: Final = 130


def search_text(
    *,
    name: str,
    phone: str,
    email: str,
    phones: Iterable[str] = (),
    papers: Iterable[str] = (),
    others: Iterable[str] = (),
) -> str:
    """One folded text per customer: lower case, Latin digits, one form of each Persian letter.

    Phones stand in it as bare digits, however they were grouped. `papers`: the last four signs
    of each; `others`: the texts of those who turned out to be this customer.
    """
    parts = [
        _folded(name),
        *(_digits_of(_folded(number)) for number in (phone, *phones)),
        _folded(email),
        *(_folded(last4) for last4 in papers),
        *others,
    ]
    return " ".join(dict.fromkeys(filter(None, parts)))[:_LONGEST_TEXT]


def search_words(text: str) -> list[str]:
    """The words of a search, folded; a customer is found when each occurs somewhere.

    A number loses the zeros that it begins with: 0912 is written down as +98 912 too.
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST_SEARCH])
    words = [
        (_digits_of(word).lstrip("0") or word) if _PHONE.fullmatch(word) else word
        for word in _folded(printable).split()
    ]
    return list(dict.fromkeys(words))[:_MOST_WORDS]


def name_key(name: str) -> str:
    """The words of a name in one order: "Karimi, Zahra" and "zahra karimi" have the same."""
    words = re.sub(r"[^\w]+", " ", _folded(name)).split()
    return " ".join(sorted(words))[:_LONGEST_KEY]


def phone_tail(phone: str) -> str:
    """The last eight digits, whatever country code stands before them; empty of a short one."""
    digits = _digits_of(_folded(phone))
    return digits[-_TAIL:] if len(digits) >= _SHORTEST_PHONE else ""


def _folded(text: str) -> str:
    return fold_letters(fold_digits(text))


def _digits_of(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
