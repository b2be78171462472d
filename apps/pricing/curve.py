"""The history as a curve: its drawing, its labels, and the sentence that says what it shows."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.charts import Chart, line_chart
from apps.pricing.history import History
from apps.pricing.models import Metal

_LABELS: Final = 6
# From this many days on a label names the year alone.
_YEARS_FROM_DAYS: Final = 3 * 366


@dataclass(frozen=True, slots=True)
class Curve:
    """What components/chart.html takes."""

    chart: Chart
    label: str
    has_buy: bool


def curve_of(history: History, currency: str) -> Curve:
    """Draw a history that is not empty: sell solid; buy dashed, where it has no holes."""
    points = history.points
    buys = [point.buy for point in points if point.buy is not None]
    chart = line_chart(
        [point.sell for point in points],
        label_value=lambda value: formatting.rate(value, currency),
        labels=_labels([point.day for point in points]),
        second=buys if history.has_buy else (),
    )
    return Curve(chart=chart, label=_sentence(history, currency), has_buy=history.has_buy)


def _labels(days: list[date]) -> list[str]:
    """As many as fit, at equal distances: days, or years where the history is long."""
    last = len(days) - 1
    count = min(_LABELS, len(days))
    chosen = [days[last * index // max(count - 1, 1)] for index in range(count)]
    if (days[-1] - days[0]).days >= _YEARS_FROM_DAYS:
        return [_year(day) for day in chosen]
    return [formatting.day(day, table=True) for day in chosen]


def _year(day: date) -> str:
    """The year in the reader's calendar: the longest part of "14 Jul 2026" and of "۱۴۰۵/۰۴/۲۳"."""
    return max(re.split(r"[\s/]", formatting.day(day, table=True)), key=len)


def _sentence(history: History, currency: str) -> str:
    def written(value: Decimal) -> str:
        return formatting.rate(value, currency)

    first, last = history.points[0], history.points[-1]
    return _(
        "%(metal)s %(fineness)s, %(currency)s a %(unit)s: from %(first)s on %(first_day)s to"
        " %(last)s on %(last_day)s; highest %(highest)s on %(highest_day)s, lowest %(lowest)s on"
        " %(lowest_day)s."
    ) % {
        "metal": Metal(history.metal).label,
        "fineness": formatting.fineness(history.fineness),
        "currency": formatting.currency_name(currency),
        "unit": history.unit_word,
        "first": written(first.sell),
        "first_day": formatting.day(first.day),
        "last": written(last.sell),
        "last_day": formatting.day(last.day),
        "highest": written(history.highest.sell),
        "highest_day": formatting.day(history.highest.day),
        "lowest": written(history.lowest.sell),
        "lowest_day": formatting.day(history.lowest.day),
    }
