"""Reading a price history from text: dates and prices, or every reason why not."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import Invalid

# More days than there are between 1833 and now.
_MOST_ROWS: Final = 100_000
_SHOWN: Final = 10
_DATE_WORDS: Final = frozenset({"date", "day", "month", "time", "period"})
_PRICE_WORDS: Final = frozenset({"price", "value", "close", "rate", "amount", "usd"})
_DAY: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?", re.ASCII)
_PRICE: Final = re.compile(r"\d{1,14}(?:\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """One line of a history: the price from the start of this day on."""

    line: int
    day: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that cannot be taken: where, what stands there, and why not."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        return _("Line %(line)s, %(column)s, “%(value)s”: %(reason)s") % {
            "line": self.line,
            "column": self.column,
            "value": self.value[:40],
            "reason": self.reason,
        }


@dataclass(eq=False)
class HistoryRefused(Invalid):
    """Nothing of the file was taken."""

    rows: Sequence[BadRow]

    def __str__(self) -> str:
        count = len(self.rows)
        head = ngettext(
            "%(count)s row cannot be taken, so none was. Mend it and import again.",
            "%(count)s rows cannot be taken, so none was. Mend them and import again.",
            count,
        ) % {"count": count}
        shown = [str(row) for row in self.rows[:_SHOWN]]
        if count > _SHOWN:
            shown.append(_("… and %(count)s more.") % {"count": count - _SHOWN})
        return "\n".join([head, *shown])


def prices_in(text: str) -> list[DatedPrice]:
    """The dated prices of a CSV text, in its order.

    Two columns named like Date and Price, in any case and place; without a heading the first two.
    Dates are YYYY-MM (the first of the month) or YYYY-MM-DD. Separators: comma, semicolon, tab.

    Raises HistoryRefused with every row that cannot be taken.
    """
    bad: list[BadRow] = []
    found: list[DatedPrice] = []
    lines: dict[date, int] = {}
    for line, day_text, price_text in _cells(text):
        day, price = _day(day_text), _price(price_text)
        if isinstance(day, str):
            bad.append(BadRow(line, _("date"), day_text, day))
        elif day in lines:
            twice = _("this date stands in line %(line)s already.") % {"line": lines[day]}
            bad.append(BadRow(line, _("date"), day_text, twice))
        else:
            lines[day] = line
        if isinstance(price, str):
            bad.append(BadRow(line, _("price"), price_text, price))
        if isinstance(day, date) and isinstance(price, Decimal):
            found.append(DatedPrice(line, day, price))
    if not found and not bad:
        bad.append(BadRow(1, _("date"), text[:40].strip(), _("there is no row with a date.")))
    if len(found) > _MOST_ROWS:
        most = _("a file may hold %(count)s rows. Split it.") % {"count": _MOST_ROWS}
        bad.append(BadRow(found[_MOST_ROWS].line, _("date"), "", most))
    if bad:
        raise HistoryRefused(rows=bad)
    return found


def _cells(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, date and price of each line that is not empty."""
    text = text.removeprefix("\ufeff")
    first_line = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first_line.count)
    rows = csv.reader(text.splitlines(), delimiter=separator)
    places: tuple[int, int] | None = None
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if places is None:
            heading = [cell.casefold() for cell in cells]
            places = _places(heading)
            if _DATE_WORDS.intersection(heading):
                continue
        day, price = (cells[place] if place < len(cells) else "" for place in places)
        yield rows.line_num, day, price


def _places(heading: list[str]) -> tuple[int, int]:
    """Where date and price stand; the first two columns unless a heading says otherwise."""
    day = next((at for at, word in enumerate(heading) if word in _DATE_WORDS), 0)
    price = next((at for at, word in enumerate(heading) if word in _PRICE_WORDS), 1)
    return day, price


def _day(text: str) -> date | str:
    match = _DAY.fullmatch(text)
    if match is None:
        return _("write the date as 2026-07 or 2026-07-14.")
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"] or 1))
    except ValueError:
        return _("there is no such day.")


def _price(text: str) -> Decimal | str:
    if not text:
        return _("the price is missing.")
    if not _PRICE.fullmatch(text):
        return _("write a number above zero, with a point and at most six decimals.")
    price = Decimal(text)
    return price if price > 0 else _("a price is above zero.")
