"""How the person who reads a page wants numbers, days and money: set once for a request.

`formatting`, `typed` and `fields` ask here and nowhere else. Without anything set (a worker, the
API, a paper, a test) the digits and the calendar are those of the language, and money stands in
the currency it is kept in. What programs read (API, CSV, XLSX) never asks.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils import translation

from apps.core.currencies import ShownUnit, shown_units

LATIN, PERSIAN = "latin", "persian"
GREGORIAN, JALALI = "gregorian", "jalali"


@dataclass(frozen=True, slots=True)
class Reading:
    """Empty is "as the language has it". `units`: currency code → the unit its amounts stand in.

    `home`: the currency of the shop whose pages are read, for fields that name none.
    """

    digits: str = ""
    calendar: str = ""
    home: str = ""
    units: Mapping[str, ShownUnit] = field(default_factory=dict)


AS_KEPT: Final = Reading()
_reading: ContextVar[Reading] = ContextVar("reading", default=AS_KEPT)


def reading() -> Reading:
    return _reading.get()


@contextmanager
def read_as(wanted: Reading) -> Iterator[None]:
    """Write and read for this reader inside the block."""
    before = _reading.set(wanted)
    try:
        yield
    finally:
        _reading.reset(before)


def on_paper() -> AbstractContextManager[None]:
    """What leaves the shop is in the currency of the books, whoever prints it."""
    return read_as(AS_KEPT)


def in_units(name: str, *, on: date) -> dict[str, ShownUnit]:
    """The units that the choice `name` ("toman") shows on a day, by currency."""
    return {unit.currency: unit for unit in shown_units(on=on) if unit.choice == name}


def unit_of(code: str) -> ShownUnit | None:
    """The unit that amounts of this currency are written and typed in; None: the currency."""
    return _reading.get().units.get(code)


def language_of(given: str | None) -> str:
    """The language to write in, without its region."""
    return (given or translation.get_language() or "en").partition("-")[0]


def writes_persian(language: str | None) -> bool:
    """Whether numbers are written ۰-۹. A language that is named goes before the reader's wish."""
    if language is None and (wish := _reading.get().digits):
        return wish == PERSIAN
    return language_of(language) == "fa"


def counts_jalali(language: str | None = None) -> bool:
    """Whether days are written in the Jalali calendar."""
    if language is None and (wish := _reading.get().calendar):
        return wish == JALALI
    return language_of(language) == "fa"
