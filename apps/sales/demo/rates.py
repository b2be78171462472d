"""The demo shops' rate boards: today's rates, and a hundred days that led there."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from math import sin
from pathlib import Path
from typing import Final

from apps import pricing
from apps.core.currencies import PER_DOLLAR
from apps.core.units import round_to
from apps.pricing.models import Metal, MetalRate, RateSide, RateSource, RateUnit
from apps.pricing.rate_files import prices_in
from apps.pricing.services import load_history
from apps.shops.days import day_of
from apps.shops.models import Member, Shop

MONTHLY_GOLD: Final = Path(pricing.__file__).parent / "data" / "gold-usd-per-ozt-monthly.csv"
DAYS: Final = 100
# A rate in rials is quoted by the ten thousand: nobody says the last digits.
_LARGE, _LARGE_STEP = Decimal(1_000_000), Decimal(10_000)
# What the trade quotes by another weight than the gram: the mazanneh.
_QUOTED_PER: Final = {("gold", 7050): RateUnit.MITHQAL}
# (metal, fineness): what the shop sells a gram (a mithqal) for, and buys it back for.
Board = Mapping[tuple[str, int], tuple[str, str]]
GULF: Final[Board] = {
    ("gold", 9999): ("478.25", "470.50"),
    ("gold", 9160): ("442.75", "431.00"),
    ("gold", 8750): ("424.50", "411.75"),
    ("gold", 7500): ("363.75", "352.75"),
    ("gold", 5850): ("283.75", "275.25"),
    ("silver", 9990): ("4.860", "4.550"),
    ("silver", 9250): ("4.520", "4.210"),
    ("platinum", 9500): ("168.40", "158.00"),
    ("palladium", 9500): ("137.20", "128.60"),
}
MUMBAI: Final[Board] = {
    ("gold", 9999): ("12870", "12680"),
    ("gold", 9160): ("11800", "11560"),
    ("gold", 7500): ("9660", "9450"),
    ("silver", 9250): ("151.40", "143.10"),
}


def write_history(*, shop: Shop, board: Board, by: Member, at: datetime) -> None:
    """Quote the board for each of the last hundred days, and for today."""
    MetalRate.objects.bulk_create(
        rate
        for days_ago in range(DAYS, -1, -1)
        for rate in _quoted(shop, board, by, at - timedelta(days=days_ago), days_ago)
    )


def write_months(*, shop: Shop, at: datetime) -> None:
    """Two centuries of monthly gold prices, for the curve of 24 karat (apps/pricing/data)."""
    months = prices_in(MONTHLY_GOLD.read_text(encoding="utf-8"))
    load_history(
        shop=shop,
        prices=[price for price in months if price.day <= day_of(shop, at)],
        metal="gold",
        fineness=9999,
        side=RateSide.SELL,
        unit=RateUnit.TROY_OUNCE,
        at=at,
        per_unit_of_currency=PER_DOLLAR[shop.currency],
        source=RateSource.DEMO,
    )


def write_today(*, shop: Shop, board: Board, by: Member, at: datetime) -> None:
    """Quote the board as of now, as the demo's owner would do each morning."""
    MetalRate.objects.bulk_create(_quoted(shop, board, by, at, 0))


def _quoted(
    shop: Shop, board: Board, by: Member, at: datetime, days_ago: int
) -> Iterator[MetalRate]:
    for (metal, fineness), amounts in board.items():
        for side, text in zip((RateSide.SELL, RateSide.BUY), amounts, strict=True):
            amount = Decimal(text)
            step = Decimal(1).scaleb(int(amount.as_tuple().exponent))
            if amount >= _LARGE:
                step = _LARGE_STEP
            yield MetalRate(
                metal=metal,
                fineness=fineness,
                side=side,
                unit=_QUOTED_PER.get((metal, fineness), RateUnit.GRAM),
                amount=round_to(amount * _drift(metal, days_ago), step),
                currency=shop.currency,
                valid_from=at,
                source=RateSource.DEMO,
                entered_by=by,
            )


def _drift(metal: str, days_ago: int) -> Decimal:
    """Where a metal's market stood: lower in the past, in waves of its own; 1 today.

    The same on each machine; a demo that changes by itself cannot be told from a fault.
    """
    if days_ago == 0:
        return Decimal(1)
    phase = 1.9 * (1 + list(Metal.values).index(metal))
    waves = 0.012 * sin(days_ago / 4.3 + phase) + 0.005 * sin(days_ago * 1.7 + 2 * phase)
    today = 0.012 * sin(phase) + 0.005 * sin(2 * phase)
    return 1 + Decimal(f"{waves - today - 0.0011 * days_ago:.5f}")
