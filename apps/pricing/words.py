"""The calculation of a printed component in words: "3.850 g × 363.75", "18% × 1,400.44".

Reads the stored basis alone, so that an old bill explains itself whatever the rates are today.
Everything is plain text in the active language.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core import formatting
from apps.core.units import GRAMS_PER, karat_label
from apps.pricing.models import Metal
from apps.pricing.rules import Component, FeeKind, Kind

_TIMES: Final = "\u00a0× "  # a line may break after the sign, not before it


@dataclass(frozen=True, slots=True)
class Explained:
    """A row of a line's calculation: what it is for, how it was worked out, what it comes to."""

    label: str
    basis: str
    amount: Decimal


def explained(components: Iterable[Component], currency: str) -> tuple[Explained, ...]:
    """The rows of a line's calculation, without a tax that must not be shown."""
    return tuple(
        Explained(
            _("%(tax)s, inside") % {"tax": label(part)} if part.is_within else label(part),
            calculation(part, currency),
            part.amount,
        )
        for part in components
        if part.is_shown
    )


def label(component: Component) -> str:
    """What the component is for: "Gold 22K", "Making", "VAT", "Certificate"."""
    kind, basis = component.kind, component.basis
    if kind == Kind.METAL:
        fineness = basis.get("fineness")
        alloy = fineness_name(component.label, int(fineness)) if fineness is not None else ""
        return f"{metal_name(component.label)} {alloy}".strip()
    if kind == Kind.TAX:
        return tax_name(component.label)
    if kind == Kind.DISCOUNT:
        return _discount_name(str(basis.get("of", "")))
    names = {
        Kind.WASTAGE: pgettext("part of a price", "Wastage"),
        Kind.MAKING: pgettext("part of a price", "Making"),
        Kind.PROFIT: pgettext("part of a price", "Profit"),
        Kind.PRICE: pgettext("part of a price", "Price"),
        Kind.ROUND_OFF: pgettext("part of a price", "Rounding"),
    }
    return names.get(kind) or _own_name(component)


def _own_name(component: Component) -> str:
    """What the shop called a stone or an extra; a fee from the stock has a name of the trade."""
    label, fee = component.label, component.basis.get("of")
    if fee == FeeKind.HALLMARK and label == "hallmark":
        return pgettext("part of a price", "Hallmark")
    if fee == FeeKind.CERTIFICATE:
        own = "" if label == "certificate" else label
        word = pgettext("part of a price", "Certificate")
        return f"{word} {own}".strip()
    return capfirst(label)


def calculation(component: Component, currency: str) -> str:
    """How the amount was worked out, or an empty text where it was simply agreed."""
    write = _BY_FORMULA.get(str(component.basis["formula"]))
    text = write(component, currency) if write else ""
    table = str(component.basis.get("table", "")).partition("@")[0]
    if not table:
        return text
    named = pgettext("part of a price", "table %(table)s") % {"table": table}
    return f"{text}, {named}" if text else named


def metal_name(metal: str) -> str:
    """ "gold" → "Gold"; a metal that the board does not know keeps its own name."""
    return str(Metal(metal).label) if metal in Metal.values else capfirst(metal)


def tax_name(label: str) -> str:
    """A tax pack's label in the active language; names of one country's law stay as they are."""
    names = {
        "VAT": pgettext("tax", "VAT"),
        "Sales tax": pgettext("tax", "Sales tax"),
        "Consumption tax": pgettext("tax", "Consumption tax"),
    }
    return names.get(label, label)


def karat_name(metal: str, fineness: int) -> str:
    """What the trade calls the fineness ("22K", "Sterling"), or "" where it has no name."""
    known = karat_label(metal, fineness)
    karats = known.removesuffix("K")
    if karats != known:
        return pgettext("fineness", "%(karats)sK") % {"karats": formatting.digits(karats)}
    named = {
        "Sterling": pgettext("fineness", "Sterling"),
        "Britannia": pgettext("fineness", "Britannia"),
        "Fine": pgettext("fineness", "Fine"),
    }
    return named.get(known, known)


def fineness_name(metal: str, fineness: int) -> str:
    """The karat, or the mark where there is none: "22K", "999.9", "875" for silver."""
    return karat_name(metal, fineness) or formatting.fineness(fineness)


def unit_of(unit_g: Decimal) -> str:
    """The unit of weight that has so many grams, as a code of `core.units`; else the grams."""
    return next((unit for unit, grams in GRAMS_PER.items() if grams == unit_g), f"{unit_g:f} g")


def _discount_name(on: str) -> str:
    names = {
        "metal": _("Discount on the metal"),
        "wastage": _("Discount on wastage"),
        "making": _("Discount on making"),
        "stones": _("Discount on the stones"),
    }
    return names.get(on) or _("Discount")


def _number(component: Component, name: str) -> Decimal:
    value = component.basis[name]
    assert isinstance(value, Decimal), name
    return value


def _weight(component: Component, currency: str) -> str:
    """grams × rate, and × fineness ÷ the rate's fineness where they differ."""
    basis = component.basis
    grams = formatting.grams(_number(component, "grams"))
    if "chargeable_g" in basis:
        grams = pgettext("weight", "%(grams)s fine") % {"grams": grams}
    if "wastage_g" in basis:
        wastage = formatting.grams(_number(component, "wastage_g"))
        grams = _("%(grams)s (%(wastage)s of it wastage)") % {"grams": grams, "wastage": wastage}
    text = grams + _TIMES + formatting.rate(_number(component, "rate"), currency)
    unit = unit_of(_number(component, "unit_g"))
    if unit != "g":
        text = _("%(calculation)s a %(unit)s") % {
            "calculation": text,
            "unit": formatting.unit_name(unit),
        }
    if "rate_fineness" in basis:
        own = formatting.fineness(int(_number(component, "fineness")))
        quoted = formatting.fineness(int(_number(component, "rate_fineness")))
        text += f"{_TIMES}{own} ÷ {quoted}"
    if basis.get("of") == "deposit":
        text = _("%(calculation)s, fixed by the deposit") % {"calculation": text}
    return text


def _percent(component: Component, currency: str) -> str:
    percent = formatting.percent(_number(component, "percent"))
    return percent + _TIMES + formatting.money(_number(component, "base"), currency)


def _tax(component: Component, currency: str) -> str:
    """percent × base; the base of a margin scheme is what the shop earned, and stays unsaid."""
    if component.basis.get("base_rule") == "margin":
        return formatting.percent(_number(component, "percent"))
    return _percent(component, currency)


def _times(component: Component, currency: str) -> str:
    basis = component.basis
    quantity, value = _number(component, "quantity"), _number(component, "value")
    each = formatting.rate(value, currency)
    if basis.get("weight"):
        return formatting.grams(quantity) + _TIMES + each
    if basis.get("of") == "per_carat":
        return formatting.carats(quantity) + _TIMES + each
    return "" if quantity == 1 else formatting.number(quantity) + _TIMES + each


def _share(component: Component, currency: str) -> str:
    whole = formatting.money(-_number(component, "whole"), currency)
    return _("of %(amount)s on the bill") % {"amount": whole}


_BY_FORMULA: Final[dict[str, Callable[[Component, str], str]]] = {
    "weight": _weight,
    "percent": _percent,
    "less_percent": _percent,
    "times": _times,
    "share": _share,
    "tax": _tax,
}
