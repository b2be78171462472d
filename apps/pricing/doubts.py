"""What is surprising about a rate that is being entered.

A mistyped rate is the costliest slip of the trade: every piece of the fineness is sold at it until
somebody notices. So a surprising rate is asked about once, by its facts, before it is taken.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.units import EXACT, round_to
from apps.pricing.models import MetalRate, RateSide, RateUnit
from apps.pricing.rules.rates import Rate, choose, per_gram, quoted
from apps.shops.days import rates_valid_since
from apps.shops.models import Shop

# A rate that moves further than this from the one before it is asked about.
SURPRISING_PERCENT: Final = Decimal(10)
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Doubt:
    """One fact about the rate that somebody should look at twice."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


def doubts_about(
    *,
    shop: Shop,
    metal: str,
    fineness: int,
    side: str,
    unit: str,
    amount: Decimal,
    at: datetime,
) -> list[Doubt]:
    """Why this rate should be looked at again before it is taken; empty when it should not.

    It is compared with the last rate of the fineness; where there is none, with what today's
    purest quote implies; and with the other side, as a shop does not buy above what it
    sells for. One query. Units: fineness in parts per ten thousand; money per `unit`.
    """
    newest = list(
        MetalRate.objects.filter(metal=metal, currency=shop.currency, valid_from__lte=at)
        .order_by("side", "fineness", "-valid_from", "-id")
        .distinct("side", "fineness")
    )
    entered = quoted(amount, unit, fineness)
    valid_since = rates_valid_since(shop, at)
    valid = [rate for rate in newest if rate.valid_from >= valid_since]
    own = [rate for rate in newest if rate.side == side and rate.fineness == fineness]
    doubts = []
    if before := next(iter(own), None) or choose(
        [rate for rate in valid if rate.side == side], fineness
    ):
        doubts += _moved(entered, before, fineness, shop)
    other = [rate for rate in valid if rate.side != side and rate.fineness == fineness]
    doubts += _crossed(entered, other, side, fineness, shop)
    return doubts


def _moved(entered: Rate, before: MetalRate, fineness: int, shop: Shop) -> list[Doubt]:
    """Further from the rate before than a day moves, if it is."""
    now, then = per_gram(entered, fineness), per_gram(_terms(before), fineness)
    moved = EXACT.divide(EXACT.multiply(now - then, Decimal(100)), then)
    if abs(moved) <= SURPRISING_PERCENT:
        return []
    facts = {
        "percent": formatting.percent(round_to(abs(moved), _TENTH), places=1),
        "rate": formatting.rate(before.amount, shop.currency),
        "unit": RateUnit(before.unit).label,
        "fineness": formatting.fineness(before.fineness),
    }
    if before.fineness != fineness and now > then:
        sentence = _("%(percent)s above what %(fineness)s at %(rate)s a %(unit)s makes it.")
    elif before.fineness != fineness:
        sentence = _("%(percent)s below what %(fineness)s at %(rate)s a %(unit)s makes it.")
    elif now > then:
        sentence = _("%(percent)s above the last rate, %(rate)s a %(unit)s.")
    else:
        sentence = _("%(percent)s below the last rate, %(rate)s a %(unit)s.")
    return [Doubt(sentence % facts)]


def _crossed(
    entered: Rate, other: list[MetalRate], side: str, fineness: int, shop: Shop
) -> list[Doubt]:
    """The shop would buy above what it sells for."""
    if not other:
        return []
    here, there = per_gram(entered, fineness), per_gram(_terms(other[0]), fineness)
    facts = {
        "rate": formatting.rate(other[0].amount, shop.currency),
        "unit": RateUnit(other[0].unit).label,
    }
    if side == RateSide.SELL and here < there:
        return [Doubt(_("It is below what we buy for, %(rate)s a %(unit)s.") % facts)]
    if side == RateSide.BUY and here > there:
        return [Doubt(_("It is above what we sell for, %(rate)s a %(unit)s.") % facts)]
    return []


def _terms(rate: MetalRate) -> Rate:
    return quoted(rate.amount, rate.unit, rate.fineness)
