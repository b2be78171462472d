"""One cell of a row: text, number, word, place. What cannot be read is collected, not raised."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from apps.core.typed import (
    Unreadable,
    parse_amount,
    parse_fineness,
    parse_grams,
    parse_money,
    parse_rate,
)
from apps.core.units import currency
from apps.inventory.models import Place
from apps.inventory.services.intake.words import word_of
from apps.inventory.services.shop_words import ShopWords

_FORMULA: Final = re.compile(r"'+[=+\-@\t\r]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be taken; `field` is ours, its column is found by the mapping."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a row is read against: the shop's money and places, and how its file writes commas."""

    code: str
    places: Mapping[str, Place]
    commas_are_decimals: bool
    metals: tuple[int, ...]  # the numbers that its columns have: metal, metal_2 are 1, 2
    stones: tuple[int, ...]
    words: ShopWords
    # Whether money is in the unit that the reader of a page is shown; files are in the currency.
    typed: bool = False


@dataclass(slots=True)
class CellReader:
    """Reads the cells of one row and collects what is wrong with them."""

    cells: Mapping[str, str]
    around: Surroundings
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        self.problems.append(Problem(name, self.cells.get(name, ""), reason))

    def text(self, name: str) -> str:
        """A cell as it is meant: without spaces around it and without the apostrophe that keeps
        a spreadsheet from calculating it."""
        value = self.cells.get(name, "").strip()
        if _CONTROL.search(value):
            self.refuse(name, _("There is a control character in the cell. Type it again."))
            return ""
        return value[1:] if _FORMULA.match(value) else value

    def grams(self, name: str) -> Decimal | None:
        return self._number(name, parse_grams, commas=False)

    def carats(self, name: str) -> Decimal | None:
        return self._number(name, lambda text: parse_amount(text, 5), commas=False)

    def money(self, name: str) -> Decimal | None:
        code, exponent = self.around.code, currency(self.around.code).exponent
        if self.around.typed:
            return self._number(name, lambda text: parse_money(text, code))
        return self._number(name, lambda text: parse_amount(text, exponent))

    def charge(self, name: str, *, of_money: bool) -> Decimal | None:
        """A percent, or money per gram, piece or carat: four decimals."""
        if of_money and self.around.typed:
            return self._number(name, lambda text: parse_rate(text, self.around.code, 4))
        return self._number(name, lambda text: parse_amount(text, 4))

    def count(self, name: str) -> int | None:
        number = self._number(name, lambda text: parse_amount(text, 0))
        return None if number is None else int(number)

    def fineness(self, name: str, metal: str) -> int | None:
        """Parts per ten thousand; karats only of gold, or of a metal that is not known."""
        return self._number(name, lambda text: parse_fineness(text, metal=metal))

    def word(self, name: str, known: type[TextChoices], default: str) -> str:
        """One of the words of `known`, however it is written: percent_of_metal, "% of metal"."""
        text = self.text(name)
        if not text:
            return default
        found = word_of(text, known)
        if found is None:
            self.refuse(
                name,
                _("%(value)s is none of %(known)s. Write one of them.")
                % {"value": text[:40], "known": ", ".join(known.values)},
            )
            return default
        return found

    def place(self) -> Place | None:
        name = self.text("place")
        if not name:
            return None
        found = self.around.places.get(name)
        if found is None:
            self.refuse(
                "place",
                _("No safe, tray or window of this shop is called %(place)s. Check the name.")
                % {"place": name[:40]},
            )
        return found

    def _number(self, name: str, read: Callable[[str], N], *, commas: bool = True) -> N | None:
        text = self.text(name)
        if not text:
            return None
        if ("," in text or "،" in text) and (not commas or self.around.commas_are_decimals):
            # 3,850 is 3.85 in one country and 3850 in another; a weight is not guessed at.
            self.refuse(
                name,
                _("%(value)s has a comma. Write decimals after a point, without thousands signs.")
                % {"value": text[:40]},
            )
            return None
        try:
            return read(text)
        except Unreadable as unreadable:
            self.refuse(name, str(unreadable))
        return None
