"""How the rate of one fineness went: for the chart, and for the same as a table."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Min, QuerySet
from django.db.models.functions import Trunc

from apps.pricing.board import in_unit
from apps.pricing.models import Metal, MetalRate, RateSide, RateUnit
from apps.pricing.words import karat_name
from apps.shops.days import day_of, start_of
from apps.shops.models import Shop

# Spans of the chart in days, as the address writes them; 0 is everything there is.
SPANS: Final = (7, 90, 365, 0)
# Of a long history so many points are drawn: more than a screen shows apart.
_MOST_POINTS: Final = 365


@dataclass(frozen=True, slots=True)
class Point:
    """What was in force at the end of a day. `buy` is None before the first buy rate."""

    day: date
    sell: Decimal
    buy: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Evenly spaced days, oldest first, in one unit; empty where there was no sell rate."""

    metal: str
    fineness: int
    unit: str
    span: int
    points: Sequence[Point]

    @property
    def karat(self) -> str:
        return karat_name(self.metal, self.fineness)

    @property
    def unit_word(self) -> str:
        return str(RateUnit(self.unit).label)

    @property
    def has_buy(self) -> bool:
        """Whether there was a buy rate on every day: a curve has no holes."""
        return all(point.buy is not None for point in self.points)

    @property
    def lowest(self) -> Point:
        return min(self.points, key=lambda point: point.sell)

    @property
    def highest(self) -> Point:
        return max(self.points, key=lambda point: point.sell)


@dataclass(frozen=True, slots=True)
class Charted:
    """A fineness that was ever sold at a rate, so that it has a chart."""

    metal: str
    fineness: int

    @property
    def key(self) -> str:
        """Names it in an address: gold-9160."""
        return f"{self.metal}-{self.fineness}"

    @property
    def karat(self) -> str:
        return karat_name(self.metal, self.fineness)


def charted(*, shop: Shop) -> list[Charted]:
    """Everything that has a chart, on the board or not; metals in their order, purest first."""
    known = (
        MetalRate.objects.filter(currency=shop.currency, side=RateSide.SELL)
        .order_by()
        .values_list("metal", "fineness")
        .distinct()
    )
    return sorted(
        (Charted(metal, fineness) for metal, fineness in known),
        key=lambda one: (Metal.values.index(one.metal), -one.fineness),
    )


def history_of(*, shop: Shop, metal: str, fineness: int, span: int, at: datetime) -> History:
    """The rates in force at the end of each day of the last `span` days. Two queries.

    A rate holds until the next one. Long histories are thinned to evenly spaced days; all are
    given in the unit of the newest sell rate. `span` 0 goes back to the first rate.
    """
    assert span in SPANS, span
    today = day_of(shop, at)
    rates = MetalRate.objects.filter(
        currency=shop.currency, metal=metal, fineness=fineness, valid_from__lte=at
    )
    closes = _last_days(rates, shop, today, span) if span else _all_days(rates, shop, today)
    sells = [rate for rate in closes if rate.side == RateSide.SELL]
    buys = [rate for rate in closes if rate.side == RateSide.BUY]
    unit = sells[-1].unit if sells else "g"
    points: list[Point] = []
    if sells:
        start = day_of(shop, sells[0].valid_from)
        if span:
            start = max(start, _first_of(today, span))
        sell, buy = _Steps(sells, shop, unit), _Steps(buys, shop, unit)
        for day in _evenly(start, today):
            sold = sell.on(day)
            assert sold is not None, "the first day has a rate"
            points.append(Point(day, sold, buy.on(day)))
    return History(metal=metal, fineness=fineness, unit=unit, span=span, points=points)


def _first_of(today: date, span: int) -> date:
    return today - timedelta(days=span - 1)


def _last_days(rates: QuerySet[MetalRate], shop: Shop, today: date, span: int) -> list[MetalRate]:
    """What was in force when the span began, then the last rates of its days, by side."""
    start = start_of(shop, _first_of(today, span))
    before = (
        rates.filter(valid_from__lt=start).order_by("side", "-valid_from", "-id").distinct("side")
    )
    return [*before, *_last_of_each("day", rates.filter(valid_from__gte=start), shop)]


def _all_days(rates: QuerySet[MetalRate], shop: Shop, today: date) -> list[MetalRate]:
    """Everything there is: the last rates of its days, or of its months where it is long."""
    first = rates.aggregate(first=Min("valid_from"))["first"]
    if first is None:
        return []
    short = (today - day_of(shop, first)).days < _MOST_POINTS
    return list(_last_of_each("day" if short else "month", rates, shop))


def _last_of_each(period: str, rates: QuerySet[MetalRate], shop: Shop) -> QuerySet[MetalRate]:
    return (
        rates.annotate(period=Trunc("valid_from", period, tzinfo=shop.zone))
        .order_by("side", "period", "-valid_from", "-id")
        .distinct("side", "period")
    )


class _Steps:
    """A rate that holds until the next one."""

    def __init__(self, rates: Sequence[MetalRate], shop: Shop, unit: str) -> None:
        self._days = [day_of(shop, rate.valid_from) for rate in rates]
        self._values = [in_unit(rate, unit) for rate in rates]

    def on(self, day: date) -> Decimal | None:
        index = bisect_right(self._days, day)
        return self._values[index - 1] if index else None


def _evenly(first: date, last: date) -> list[date]:
    """Every day from first to last, or evenly spaced ones where they are too many."""
    length = (last - first).days
    if not length:
        return [first]
    steps = min(length, _MOST_POINTS - 1)
    return [first + timedelta(days=length * step // steps) for step in range(steps + 1)]
