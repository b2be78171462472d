"""What a piece is found by."""

from collections.abc import Iterable
from typing import Final

from apps.core.typed import fold_digits, fold_letters

_MOST_WORDS: Final = 8
_LONGEST_SEARCH: Final = 100


def search_text(*, tag: str, name: str, category: str, certificates: Iterable[str]) -> str:
    """One folded text per piece: lower case, Latin digits, one form of each Persian letter."""
    return folded(" ".join((tag, name, category, *certificates)))


def folded(text: str) -> str:
    """What a person typed and what is stored, brought to the same form."""
    return fold_letters(fold_digits(text))


def search_words(text: str) -> list[str]:
    """The words of a search, folded; a piece is found when each occurs somewhere in its text.

    What is longer than anybody types is cut, and what cannot be stored cannot be searched.
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST_SEARCH])
    return list(dict.fromkeys(folded(printable).split()))[:_MOST_WORDS]
