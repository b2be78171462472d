"""What a bill calls its components, in the reader's language; the rules know only their keys."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core.units import format_permille
from apps.pricing.rules.component import Component, Kind

KIND_LABELS = {
    Kind.METAL: gettext_lazy("Metal"),
    Kind.WASTAGE: gettext_lazy("Wastage"),
    Kind.MAKING: gettext_lazy("Making"),
    Kind.STONE: gettext_lazy("Stones"),
    Kind.EXTRA: gettext_lazy("Extra"),
    Kind.PROFIT: gettext_lazy("Profit"),
    Kind.PRICE: gettext_lazy("Price"),
    Kind.DISCOUNT: gettext_lazy("Discount"),
    Kind.TAX: gettext_lazy("Tax"),
    Kind.ROUND_OFF: gettext_lazy("Round-off"),
}
METAL_LABELS = {
    "gold": gettext_lazy("Gold"),
    "silver": gettext_lazy("Silver"),
    "platinum": gettext_lazy("Platinum"),
    "palladium": gettext_lazy("Palladium"),
}


def label_of(component: Component) -> str:
    """What a bill calls the component: "Gold 916", "Making", or the shop's word for an extra."""
    kind, basis = component.kind, component.basis
    if kind == Kind.METAL:
        name = str(METAL_LABELS.get(component.label, component.label))
        fineness = basis.get("fineness")
        return f"{name} {format_permille(fineness)}" if isinstance(fineness, Decimal) else name
    if kind in (Kind.STONE, Kind.EXTRA):
        return component.label
    if kind == Kind.TAX and component.label:
        percent = format(Decimal(basis["percent"]).normalize(), "f")
        return _("%(tax)s %(percent)s%%") % {"tax": component.label, "percent": percent}
    return str(KIND_LABELS[kind])


# What the codes of the tax packs' categories mean; one that a new pack brings is shown as it is.
_TAX_CATEGORIES: Final = {
    "jewellery": pgettext_lazy("taxed as", "jewellery"),
    "jewellery_interstate": pgettext_lazy("taxed as", "jewellery to another state"),
    "service": pgettext_lazy("taxed as", "a service"),
    "service_interstate": pgettext_lazy("taxed as", "a service to another state"),
    "job_work": pgettext_lazy("taxed as", "job work"),
    "diamond_job_work": pgettext_lazy("taxed as", "job work on diamonds"),
    "exempt": pgettext_lazy("taxed as", "exempt"),
    "investment_gold": pgettext_lazy("taxed as", "investment gold"),
    "investment_metal": pgettext_lazy("taxed as", "investment metal"),
    "reverse_charge": pgettext_lazy("taxed as", "reverse charge"),
}


def tax_category(code: str) -> str:
    """The words for a tax category of a pack."""
    return str(_TAX_CATEGORIES.get(code, code))
