"""What a close asks of apps above this one: pieces in trays, pieces sold, old gold in bags.

The drawer stands below the stock and the sales and may not know them. `TILL_ASKS` of the settings
names the functions that answer; what several answer is taken together, and a question that nobody
answers has an answer that says nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """A tray of a branch, and how many pieces lie in it by the books."""

    place: int
    name: str
    pieces: int


def trays(*, branch: int) -> Sequence[Tray]:
    """The trays that a till of this branch counts, by name."""
    return [tray for answer in _answering("trays") for tray in answer(branch=branch)]


def pieces_sold(*, shift: int) -> int:
    """How many pieces went out with the bills of a shift."""
    return sum(answer(shift=shift) for answer in _answering("pieces_sold"))


def bags(*, shift: int) -> Mapping[str, Decimal] | None:
    """Gross grams of old gold that came in during a shift, by metal; None where nobody knows."""
    answers = _answering("bags")
    if not answers:
        return None
    grams: dict[str, Decimal] = defaultdict(Decimal)
    for answer in answers:
        for metal, weighed in answer(shift=shift).items():
            grams[metal] += weighed
    return dict(grams)


def _answering(question: str) -> list[Callable[..., Any]]:
    return [import_string(path) for path in settings.TILL_ASKS.get(question, ())]
