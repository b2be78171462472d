"""Reads of the rate board."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.units import format_permille
from apps.pricing.models import Metal, MetalRate, RateSide
from apps.pricing.rules import RuleBroken, version_for
from apps.pricing.rules.rates import Rate, choose, quoted
from apps.shops.days import day_of, rates_valid_since
from apps.shops.models import Shop


@dataclass(eq=False)
class RateMissing(Conflict):
    metal: str
    fineness: str

    def __str__(self) -> str:
        return _("%(metal)s %(fineness)s has no rate today. Ask the owner to set it.") % {
            "metal": Metal(self.metal).label,
            "fineness": self.fineness,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """The newest valid quotations of one side at one moment, by metal.

    `values_all_metal`: the tax pack leaves the metal's value untaxed, so that a piece with a tag
    price needs the rate of its metal too.
    """

    quotes: dict[str, list[MetalRate]]
    values_all_metal: bool = False

    def quote_for(self, metal: str, fineness: int) -> MetalRate:
        """The quotation that prices this metal. Raises RateMissing."""
        found = choose(self.quotes.get(metal, ()), fineness)
        if found is None:
            raise RateMissing(metal=metal, fineness=format_permille(fineness))
        return found

    def rate_for(self, metal: str, fineness: int) -> Rate:
        """The same as terms for the rules: amount, unit, and the fineness it was quoted for."""
        found = self.quote_for(metal, fineness)
        return quoted(found.amount, found.unit, found.fineness)


# Written by hand, as it stands in every sale: building it from parts costs Django more time than
# the database needs to answer it.
_NEWEST = """
    SELECT DISTINCT ON (metal, fineness) * FROM pricing_metalrate
    WHERE metal = ANY(%s) AND side = %s AND currency = %s
        AND valid_from <= %s AND valid_from >= %s
    ORDER BY metal, fineness, valid_from DESC, id DESC
"""


def board_at(
    *,
    shop: Shop,
    at: datetime,
    side: RateSide = RateSide.SELL,
    metals: Iterable[str] = tuple(Metal.values),
) -> Board:
    """What the board says at `at`: per metal and fineness the newest rate still valid. One query.

    A rate is valid from its moment to the end of the shop's `rate_days`.
    """
    newest = MetalRate.objects.raw(
        _NEWEST, [sorted(metals), side, shop.currency, at, rates_valid_since(shop, at)]
    )
    quotes: dict[str, list[MetalRate]] = {}
    for rate in newest:
        quotes.setdefault(rate.metal, []).append(rate)
    return Board(quotes, values_all_metal=_values_all_metal(shop, at))


def _values_all_metal(shop: Shop, at: datetime) -> bool:
    try:
        return version_for(shop.tax_pack, day_of(shop, at)).spares_metal
    except RuleBroken:
        return False  # no pack of that day: pricing says so by name


def current_rates(*, shop: Shop, at: datetime) -> list[MetalRate]:
    """The quotations of both sides that are valid at `at`, by metal, fineness and side."""
    return [
        rate
        for side in (RateSide.SELL, RateSide.BUY)
        for rates in board_at(shop=shop, at=at, side=side).quotes.values()
        for rate in rates
    ]
