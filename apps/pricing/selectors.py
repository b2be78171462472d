"""Reads of the rate board."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _

from apps.core.units import format_permille
from apps.pricing.making import MakingTableMissing, PriceMissing, tables_at, terms_of
from apps.pricing.models import Metal, MetalRate, RateSide
from apps.pricing.policy import Charges, OwnPricing, own_pricing
from apps.pricing.rules import MakingTable, RuleBroken, version_for
from apps.pricing.rules.rates import Rate, choose, quoted
from apps.shops.days import day_of, rates_valid_since
from apps.shops.models import Shop


@dataclass(eq=False)
class RateMissing(PriceMissing):
    metal: str
    fineness: str

    def __str__(self) -> str:
        return _("%(metal)s %(fineness)s has no rate today. Ask the owner to set it.") % {
            "metal": Metal(self.metal).label,
            "fineness": self.fineness,
        }


class OwnRules:
    """The shop's own rules at one moment, each read when the first piece or bill needs it."""

    def __init__(self, shop: Shop, at: datetime) -> None:
        self._shop, self._at = shop, at

    @cached_property
    def pricing(self) -> OwnPricing:
        return own_pricing(self._shop, self._at)

    @cached_property
    def tables(self) -> dict[str, MakingTable]:
        return {table.code: terms_of(table) for table in tables_at(self._at)}


@dataclass(frozen=True, slots=True)
class Board:
    """The newest valid quotations of one side at one moment, by metal.

    `values_all_metal`: the tax pack leaves the metal's value untaxed, so that a piece with a tag
    price needs the rate of its metal too.
    """

    quotes: dict[str, list[MetalRate]]
    values_all_metal: bool = False
    own: "OwnRules | None" = None

    @property
    def charges(self) -> Charges:
        """What the shop's own rules add to a piece."""
        return self.own.pricing.charges if self.own else Charges()

    def making_table(self, code: str) -> MakingTable:
        """The version of a making table that counts. Raises MakingTableMissing."""
        found = self.own.tables.get(code) if self.own else None
        if found is None:
            raise MakingTableMissing(code=code)
        return found

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
    return Board(quotes, values_all_metal=_values_all_metal(shop, at), own=OwnRules(shop, at))


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
