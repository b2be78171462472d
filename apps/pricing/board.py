"""The rate board as people look at it: every fineness, both sides, how it moved, how old it is.

Which rate prices a sale is decided by `selectors.board_at`, and only there; here older rates are
shown too, and say that they are old.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models.functions import TruncDate

from apps.core.charts import spark
from apps.core.formatting import decimals_typed, in_shown_unit
from apps.core.units import EXACT, RATE, Currency, currency, grams_per, round_to
from apps.pricing.models import OF_HISTORY, Metal, MetalRate, RateSide
from apps.pricing.rules.rates import per_gram, quoted
from apps.pricing.words import karat_name
from apps.shops.days import day_of, rates_valid_since, start_of
from apps.shops.models import Shop

# A fineness that was not quoted for a year leaves the board; its history stays.
_SHOWN_DAYS: Final = 366
SPARK_DAYS: Final = 14
# "Since yesterday" reaches over a weekend or a feast, not further.
_YESTERDAY_WITHIN_DAYS: Final = 7
_STEP: Final = Decimal(1).scaleb(-RATE["decimal_places"])
_METAL_ORDER: Final = {metal: index for index, metal in enumerate(Metal.values)}


def gram_rate(rate: MetalRate) -> Decimal:
    """Money per gram of the rate's own fineness, unrounded."""
    return per_gram(quoted(rate.amount, rate.unit, rate.fineness), rate.fineness)


def in_unit(rate: MetalRate, unit: str) -> Decimal:
    """The rate for another unit, to six decimals: 2,650.40 a troy ounce is 85.212343 a gram.

    Units: money per `unit` of metal of the rate's own fineness. The same unit is exact.
    """
    if rate.unit == unit:
        return rate.amount
    return round_to(EXACT.multiply(gram_rate(rate), grams_per(unit)), _STEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One side of a row: the rate as it was entered, and whether it still prices a sale."""

    rate: MetalRate
    valid: bool

    @property
    def per_gram(self) -> Decimal | None:
        """For comparing; None where the rate is per gram already."""
        return None if self.rate.unit == "g" else in_unit(self.rate, "g")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One fineness of one metal. `previous` is the sell rate of the last day it was quoted."""

    metal: str
    fineness: int
    money: Currency
    sell: Quote | None
    buy: Quote | None
    previous: MetalRate | None
    spark: str

    @property
    def key(self) -> str:
        """Names the row in an address: gold-9160."""
        return f"{self.metal}-{self.fineness}"

    @property
    def karat(self) -> str:
        return karat_name(self.metal, self.fineness)

    @property
    def valid(self) -> bool:
        """Whether it prices a sale now."""
        return self.sell is not None and self.sell.valid

    @property
    def old_since(self) -> datetime | None:
        """When its newer side was entered, where neither side prices anything any more."""
        rates = [quote.rate.valid_from for quote in (self.sell, self.buy) if quote]
        valid = any(quote.valid for quote in (self.sell, self.buy) if quote)
        return None if valid else max(rates)

    @property
    def unit(self) -> str:
        """The unit the row is read in: that of the sell rate, else that of the buy rate."""
        first = self.sell or self.buy
        return first.rate.unit if first else "g"

    @property
    def spread(self) -> Decimal | None:
        """Sell less buy, in the unit of the sell rate; None unless both are valid."""
        if not (self.sell and self.buy and self.sell.valid and self.buy.valid):
            return None
        return self.sell.rate.amount - in_unit(self.buy.rate, self.sell.rate.unit)

    @property
    def change(self) -> Decimal | None:
        """Against `previous`, in the unit of the sell rate."""
        if not (self.sell and self.sell.valid and self.previous):
            return None
        return self.sell.rate.amount - in_unit(self.previous, self.sell.rate.unit)

    @property
    def change_percent(self) -> Decimal | None:
        if self.change is None or self.sell is None or self.previous is None:
            return None
        before = in_unit(self.previous, self.sell.rate.unit)
        return EXACT.divide(EXACT.multiply(self.change, Decimal(100)), before)

    @property
    def places(self) -> int:
        """Decimals that show a difference of two of its rates: the currency's at least."""
        rates = [quote.rate for quote in (self.sell, self.buy) if quote]
        rates += [self.previous] if self.previous else []
        code = self.money.code
        written = (
            max(0, -int(in_shown_unit(rate.amount, code).normalize(EXACT).as_tuple().exponent))
            for rate in rates
            if rate.unit == self.unit
        )
        least, _most = decimals_typed(code)
        return max(least, *written)


def board_rows(*, shop: Shop, at: datetime) -> list[BoardRow]:
    """Every fineness quoted within a year, metals in their order, purest first. Two queries.

    What came in as history is no quotation that the shop let grow old: it has a row only while it
    prices a sale. The chart shows it all the same.
    """
    valid_since = rates_valid_since(shop, at)
    newest = (
        MetalRate.objects.filter(
            currency=shop.currency,
            valid_from__lte=at,
            valid_from__gt=at - timedelta(days=_SHOWN_DAYS),
        )
        .exclude(OF_HISTORY, valid_from__lt=valid_since)
        .select_related("entered_by__user")
        .order_by("metal", "side", "fineness", "-valid_from", "-id")
        .distinct("metal", "side", "fineness")
    )
    sides: dict[tuple[str, int], dict[str, Quote]] = defaultdict(dict)
    for rate in newest:
        sides[rate.metal, rate.fineness][rate.side] = Quote(
            rate=rate, valid=rate.valid_from >= valid_since
        )
    closes = _daily_closes(shop, at)
    today = day_of(shop, at)
    return [
        BoardRow(
            metal=metal,
            fineness=fineness,
            money=currency(shop.currency),
            sell=quotes.get(RateSide.SELL),
            buy=quotes.get(RateSide.BUY),
            previous=_previous(closes[metal, fineness], today),
            spark=spark([gram_rate(rate) for _, rate in closes[metal, fineness]]),
        )
        for (metal, fineness), quotes in sorted(
            sides.items(), key=lambda item: (_METAL_ORDER[item[0][0]], -item[0][1])
        )
    ]


def newest_quote(rows: Sequence[BoardRow]) -> MetalRate | None:
    """The quotation that was entered last and still holds: when the board was set, and by whom."""
    valid = [quote.rate for row in rows for quote in (row.sell, row.buy) if quote and quote.valid]
    return max(valid, key=lambda rate: (rate.valid_from, rate.pk), default=None)


_Closes = defaultdict[tuple[str, int], list[tuple[date, MetalRate]]]


def _daily_closes(shop: Shop, at: datetime) -> _Closes:
    """The last sell rate of each of the latest days, oldest first, by metal and fineness."""
    since = start_of(shop, day_of(shop, at) - timedelta(days=SPARK_DAYS - 1))
    closes: _Closes = defaultdict(list)
    for rate in (
        MetalRate.objects.filter(
            currency=shop.currency, side=RateSide.SELL, valid_from__gte=since, valid_from__lte=at
        )
        .annotate(day=TruncDate("valid_from", tzinfo=shop.zone))
        .order_by("metal", "fineness", "day", "-valid_from", "-id")
        .distinct("metal", "fineness", "day")
    ):
        closes[rate.metal, rate.fineness].append((rate.day, rate))
    return closes


def _previous(closes: list[tuple[date, MetalRate]], today: date) -> MetalRate | None:
    since = today - timedelta(days=_YESTERDAY_WITHIN_DAYS)
    return next((rate for day, rate in reversed(closes) if since <= day < today), None)
