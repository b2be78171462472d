"""What was scanned or typed → the tags of this shop."""

from collections.abc import Iterable
from typing import Final

from apps.core.typed import fold_digits
from apps.inventory.models import Piece
from apps.inventory.selectors.whole import PieceNotFound

MOST_TAGS: Final = 500
_LONGEST_TAG: Final = 30
_SHOWN: Final = 40


def typed_tags(text: str) -> list[str]:
    """The tags in a box of text: one a line, without blanks around them and without repeats."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def tags_of(typed: Iterable[str]) -> list[str]:
    """The stored tag of each that was typed, in that order and each once; one query.

    Digits of any alphabet and small letters are read as the tag's own.
    Raises PieceNotFound for the first that is no tag of this shop.
    """
    wanted = [each.strip() for each in typed]
    candidates = {each: _candidates(each) for each in wanted}
    known = set(
        Piece.objects.filter(
            tag__in={form for forms in candidates.values() for form in forms}
        ).values_list("tag", flat=True)
    )
    found: dict[str, None] = {}
    for each in wanted:
        tag = next((form for form in candidates[each] if form in known), None)
        if tag is None:
            raise PieceNotFound(tag=_shown(each))
        found[tag] = None
    return list(found)


def _candidates(typed: str) -> list[str]:
    if len(typed) > _LONGEST_TAG or not typed.isprintable():
        return []
    folded = fold_digits(typed)
    return list(dict.fromkeys((typed, folded, folded.upper())))


def _shown(typed: str) -> str:
    readable = "".join(sign for sign in typed if sign.isprintable())
    return readable if len(readable) <= _SHOWN else f"{readable[:_SHOWN]}…"
