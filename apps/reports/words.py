"""Words that several reports share: what a commodity is called, which column it stands in."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from apps.core.currencies import CURRENCIES
from apps.core.formatting import currency_name
from apps.pricing.models import Metal
from apps.reports.tables import Column, Kind


def is_metal(commodity: str) -> bool:
    return commodity in Metal.values


def metal_word(metal: str) -> str:
    """Gold; what has no metal is called so."""
    return str(Metal(metal).label) if metal in Metal.values else _("Without metal")


def commodity_word(commodity: str) -> str:
    """AED, toman; Gold, fine grams."""
    if is_metal(commodity):
        return _("%(metal)s, fine grams") % {"metal": metal_word(commodity)}
    return currency_name(commodity) if commodity in CURRENCIES else commodity


def amounts(label: str, commodity: str, *, wide: bool = False) -> Column:
    """A column of amounts of a commodity."""
    if is_metal(commodity):
        return Column(label, Kind.GRAMS, wide=wide)
    return Column(label, Kind.MONEY, commodity, wide=wide)


def in_order(commodities: Iterable[str], *, first: str) -> list[str]:
    """The shop's own money, other money, then metals as the trade names them."""
    metals = list(Metal.values)

    def place(commodity: str) -> tuple[int, int, str]:
        if commodity == first:
            return 0, 0, ""
        if commodity in metals:
            return 2, metals.index(commodity), ""
        return 1, 0, commodity

    return sorted(set(commodities), key=place)
