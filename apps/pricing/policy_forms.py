"""Forms of the shop's own rules of pricing: its charges, and how it rounds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField as NumberField
from apps.core.formatting import digits, percent
from apps.core.units import Rounding
from apps.pricing.amount_fields import AmountField
from apps.pricing.labels import KIND_LABELS, tax_category
from apps.pricing.models import Metal
from apps.pricing.policy import Charges
from apps.pricing.rules import FeeKind, Kind, PackVersion
from apps.pricing.schemas import RoundingIn, RoundingRuleIn
from apps.pricing.set_policy import LONGEST_NAME, MOST_NAMED

_FEWEST_LABORATORIES: Final = 3
_PERCENT_PLACES: Final = 4
_MODES: Final = {
    Rounding.HALF_UP: _("to the nearer, a half up"),
    Rounding.HALF_EVEN: _("to the nearer, a half to even"),
    Rounding.DOWN: _("cut off"),
    Rounding.UP: _("up"),
}


class RateLimitForm(forms.Form):
    """How far staff move a rate alone, in percent."""

    percent = NumberField(
        exponent=2,
        label=_("Percent at once"),
        error_messages={"required": _("The percent is empty. Write 0 to let nobody alone.")},
    )

    def clean_percent(self) -> Decimal:
        percent: Decimal = self.cleaned_data["percent"]
        if not 0 <= percent <= 100:
            raise forms.ValidationError(gettext("A percent is 0 to 100. Check the digits."))
        return percent


class ChargesForm(forms.Form):
    """Profit, fees, tax categories and tax rates. What is left empty is as the tax pack says."""

    profit_percent = AmountField(
        places=_PERCENT_PLACES,
        label=_("Profit, percent of metal and making"),
        help_text=_("Of a piece that names no percent of its own."),
    )

    def __init__(self, data: Any = None, *, pack: PackVersion, code: str, charges: Charges) -> None:
        super().__init__(data, initial=_charges_initial(charges))
        known = len(charges.certificate_fees) + 1
        self.numbers = range(1, min(max(known, _FEWEST_LABORATORIES), MOST_NAMED) + 1)
        for metal, label in Metal.choices:
            self.fields[f"hallmark_{metal}"] = AmountField(
                code=code, label=gettext("Hallmark fee, %(metal)s") % {"metal": label}
            )
        for n in self.numbers:
            self.fields[f"lab_{n}"] = forms.CharField(
                max_length=LONGEST_NAME,
                required=False,
                label=gettext("Laboratory %(n)s") % {"n": digits(str(n))},
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )
            self.fields[f"fee_{n}"] = AmountField(
                code=code, label=gettext("Fee %(n)s") % {"n": digits(str(n))}
            )
        categories = [
            ("", _("As the tax pack says")),
            *((name, tax_category(name)) for name in pack.categories),
        ]
        for field, label in (
            ("making_category", _("Making is taxed as")),
            ("category_hallmark", _("Hallmark fees are taxed as")),
            ("category_certificate", _("Certificate fees are taxed as")),
        ):
            self.fields[field] = forms.ChoiceField(choices=categories, required=False, label=label)
        self.categories = tuple(pack.categories)
        for name, category in pack.categories.items():
            self.fields[f"rate_{name}"] = AmountField(
                places=_PERCENT_PLACES,
                label=gettext("%(label)s on %(category)s")
                % {"label": category.label, "category": tax_category(name)},
                help_text=gettext("The pack says %(percent)s.")
                % {"percent": percent(category.percent)},
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        seen: set[str] = set()
        for n in self.numbers:
            name, fee = given.get(f"lab_{n}", ""), given.get(f"fee_{n}")
            if bool(name) != (fee is not None) and not self.errors.get(f"fee_{n}"):
                self.add_error(
                    f"lab_{n}", gettext("A laboratory and its fee belong together. Write both.")
                )
            if name and name in seen:
                self.add_error(f"lab_{n}", gettext("This laboratory is here twice. Leave one."))
            seen.add(name)
        return given

    def charges(self) -> Charges:
        """What was entered; only of a valid form."""
        given = self.cleaned_data
        categories = {
            FeeKind.HALLMARK: given["category_hallmark"],
            FeeKind.CERTIFICATE: given["category_certificate"],
        }
        return Charges(
            profit_percent=given["profit_percent"],
            hallmark_fees=_given({metal: given[f"hallmark_{metal}"] for metal in Metal.values}),
            certificate_fees=_given({given[f"lab_{n}"]: given[f"fee_{n}"] for n in self.numbers}),
            making_category=given["making_category"],
            fee_categories={kind: name for kind, name in categories.items() if name},
            tax_rates=_given({name: given[f"rate_{name}"] for name in self.categories}),
        )

    def field_of(self, path: str) -> str | None:
        """Where the service's refusal of `hallmark_fees.gold` belongs."""
        first, _dot, name = path.partition(".")
        field = {
            "hallmark_fees": f"hallmark_{name}",
            "tax_rates": f"rate_{name}",
            "fee_categories": f"category_{name}",
        }.get(first, first)
        return field if field in self.fields else None

    def of_hallmarks(self) -> list[BoundField]:
        return [self[f"hallmark_{metal}"] for metal in Metal.values]

    def of_laboratories(self) -> list[BoundField]:
        return [self[f"{part}_{n}"] for n in self.numbers for part in ("lab", "fee")]

    def of_categories(self) -> list[BoundField]:
        return [self["making_category"], self["category_hallmark"], self["category_certificate"]]

    def of_rates(self) -> list[BoundField]:
        return [self[f"rate_{name}"] for name in self.categories]


class RoundingForm(forms.Form):
    """A step and a mode for each kind of line; left empty it is the tax pack's."""

    def __init__(self, data: Any = None, *, code: str, own: RoundingIn | None) -> None:
        super().__init__(data, initial=_rounding_initial(own))
        for name, label in _rounded().items():
            step = AmountField(code=code, label=gettext("%(line)s: step") % {"line": label})
            mode = forms.ChoiceField(
                choices=[("", _("as the tax pack says")), *_MODES.items()],
                required=False,
                label=gettext("%(line)s: how") % {"line": label},
            )
            for part, field in (("step", step), ("mode", mode)):
                field.widget.attrs["aria-label"] = field.label
                self.fields[f"{name}_{part}"] = field

    def rows(self) -> list[tuple[str, BoundField, BoundField]]:
        """What is rounded, its step, its mode."""
        return [
            (label, self[f"{name}_step"], self[f"{name}_mode"])
            for name, label in _rounded().items()
        ]

    def rounding(self) -> RoundingIn:
        """What was entered; only of a valid form."""
        said: dict[str, RoundingRuleIn] = {}
        for name in _rounded():
            step, mode = self.cleaned_data[f"{name}_step"], self.cleaned_data[f"{name}_mode"]
            if step is not None or mode:
                said[name] = RoundingRuleIn(step=step, mode=mode or None)
        return RoundingIn(**said)

    def field_of(self, path: str) -> str | None:
        field = f"{path}_step"
        return field if field in self.fields else None


def _rounded() -> dict[str, str]:
    """What can be rounded on its own, with its name: every amount, one kind, the bill."""
    kinds = {
        kind.value: str(KIND_LABELS[kind])
        for kind in Kind
        if kind != Kind.ROUND_OFF  # the round-off is `document`
    }
    return {"lines": gettext("Every amount"), **kinds, "document": gettext("The whole bill")}


def _given(amounts: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    return {name: amount for name, amount in amounts.items() if name and amount is not None}


def _charges_initial(charges: Charges) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "profit_percent": charges.profit_percent,
        "making_category": charges.making_category,
        **{f"hallmark_{metal}": fee for metal, fee in charges.hallmark_fees.items()},
        **{f"rate_{name}": rate for name, rate in charges.tax_rates.items()},
        **{f"category_{kind.value}": name for kind, name in charges.fee_categories.items()},
    }
    for n, (name, fee) in enumerate(charges.certificate_fees.items(), 1):
        initial |= {f"lab_{n}": name, f"fee_{n}": fee}
    return initial


def _rounding_initial(own: RoundingIn | None) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for name in _rounded():
        rule = getattr(own, name, None)
        if rule is not None:
            initial |= {f"{name}_step": rule.step, f"{name}_mode": rule.mode or ""}
    return initial
