"""A line's price as it is said to a customer: whole sentences, with the printed sums in them.

"7.350 g of 21K gold at 424.50 a gram = 3,120.08". The sums are those of the components; nothing
is worked out here. Everything is plain text in the active language.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core import formatting
from apps.core.units import karat_label
from apps.pricing.rules import Component, Kind
from apps.pricing.words import calculation, fineness_name, label, metal_name, unit_of

_WHOLE = 1000


def said(components: Iterable[Component], currency: str) -> tuple[str, ...]:
    """A sentence for each component that may be shown, in their order."""
    return tuple(_sentence(part, currency) for part in components if part.is_shown)


def _sentence(part: Component, currency: str) -> str:
    amount = formatting.money(part.amount, currency)
    words = _words(part, currency)
    if part.is_within:
        return _("%(words)s = %(amount)s, inside the price") % {"words": words, "amount": amount}
    return _("%(words)s = %(amount)s") % {"words": words, "amount": amount}


def _words(part: Component, currency: str) -> str:
    if part.kind == Kind.METAL and part.basis.get("formula") == "weight":
        return _metal(part, currency)
    if part.kind == Kind.MAKING:
        return _making(part, currency)
    if part.kind == Kind.TAX and "base" in part.basis and "percent" in part.basis:
        return _tax(part, currency)
    if part.kind == Kind.DISCOUNT:
        how = calculation(part, currency)
        name = label(part)
        return _("%(name)s for you, %(how)s") % {"name": name, "how": how} if how else name
    how = calculation(part, currency)
    return _with(part, how) if how else label(part)


def _with(part: Component, how: str) -> str:
    """A part's name and its calculation, with the comma of the language between them."""
    return label(part) + _(",") + " " + how


def _metal(part: Component, currency: str) -> str:
    basis = part.basis
    fineness = basis.get("fineness")
    plain = not {"wastage_g", "rate_fineness", "of"} & set(basis)
    if fineness is None or not plain:
        return _with(part, calculation(part, currency))
    rate, unit = basis["rate"], basis["unit_g"]
    assert isinstance(rate, Decimal)
    assert isinstance(unit, Decimal)
    grams = basis["grams"]
    assert isinstance(grams, Decimal)
    told = {
        "grams": formatting.grams(grams),
        "alloy": fineness_name(part.label, int(fineness)),
        "metal": metal_name(part.label).lower(),
        "rate": formatting.rate(rate, currency),
        "unit": _unit(unit),
    }
    if "chargeable_g" in basis:
        weight = basis["chargeable_g"]
        assert isinstance(weight, Decimal)
        told["weight"] = formatting.grams(weight)
        return (
            _(
                "%(weight)s of %(alloy)s %(metal)s holds %(grams)s of pure %(metal)s,"
                " at %(rate)s a %(unit)s"
            )
            % told
        )
    return _("%(grams)s of %(alloy)s %(metal)s at %(rate)s a %(unit)s") % told


def _unit(grams: Decimal) -> str:
    """The unit of a rate in a sentence: "a gram", "a tola"."""
    unit = unit_of(grams)
    return pgettext("unit in a sentence", "gram") if unit == "g" else formatting.unit_name(unit)


def _making(part: Component, currency: str) -> str:
    basis = part.basis
    quantity, value = basis.get("quantity"), basis.get("value")
    if basis.get("weight") and isinstance(quantity, Decimal) and isinstance(value, Decimal):
        return _("Workmanship %(value)s a gram, for %(grams)s") % {
            "value": formatting.rate(value, currency),
            "grams": formatting.grams(quantity),
        }
    percent, base = basis.get("percent"), basis.get("base")
    if isinstance(percent, Decimal) and isinstance(base, Decimal):
        return _("Workmanship %(percent)s of %(base)s") % {
            "percent": formatting.percent(percent),
            "base": formatting.money(base, currency),
        }
    how = calculation(part, currency)
    return _("Workmanship, %(how)s") % {"how": how} if how else _("Workmanship")


def _tax(part: Component, currency: str) -> str:
    percent, base = part.basis["percent"], part.basis["base"]
    assert isinstance(percent, Decimal)
    if part.basis.get("base_rule") == "margin" or not isinstance(base, Decimal):
        return f"{label(part)} {formatting.percent(percent)}"
    return _("%(tax)s %(percent)s of %(base)s") % {
        "tax": label(part),
        "percent": formatting.percent(percent),
        "base": formatting.money(base, currency),
    }


def karats_explained(alloys: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """What each karat on the bill means: "21K: 875 of 1,000 parts are gold." """
    return tuple(_explained(alloys))


def _explained(alloys: Iterable[tuple[str, int]]) -> Iterator[str]:
    for metal, fineness in dict.fromkeys(alloys):
        if not karat_label(metal, fineness):
            continue
        yield _("%(alloy)s: %(parts)s of %(whole)s parts are %(metal)s.") % {
            "alloy": fineness_name(metal, fineness),
            "parts": formatting.fineness(fineness),
            "whole": formatting.number(Decimal(_WHOLE)),
            "metal": metal_name(metal).lower(),
        }
