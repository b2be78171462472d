"""What is typed to change a price at the counter: a discount, another price, and who agrees."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.formatting import currency_name, decimals_typed
from apps.core.typed import Unreadable, fold_digits, parse_amount, parse_money
from apps.pricing.rules import DiscountOn, DiscountTerms
from apps.shops.approvals import LONGEST_PIN, Approver

_PERCENT_DECIMALS = 4
PERCENT = "percent"
AMOUNT = "amount"
TOTAL = "total"
MAKING = "making"


class GivingForm(forms.Form):
    """Lowers a price, perhaps: with the second person, for whoever is not in charge."""

    def __init__(self, *args: Any, code: str, second: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        if second:
            self.fields["approver"] = forms.CharField(
                label=_("Who approves it"),
                max_length=150,
                required=False,
                help_text=_("The user name of an owner or a manager"),
            )
            self.fields["pin"] = forms.CharField(
                label=_("Their PIN"),
                max_length=LONGEST_PIN,
                required=False,
                widget=forms.PasswordInput(attrs={"inputmode": "numeric"}),
            )
        self.fields["value"].widget.attrs |= {"inputmode": "decimal", "dir": "ltr"}
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "one-time-code" if name == "pin" else "off"

    @property
    def approved(self) -> Approver | None:
        """The second person, where somebody was named; only of a valid form."""
        name = self.cleaned_data.get("approver", "").strip()
        pin = fold_digits(self.cleaned_data.get("pin", ""))
        return Approver(username=name, pin=pin) if name or pin else None

    @property
    def people(self) -> list[forms.BoundField]:
        """The fields of the second person; none for whoever is in charge."""
        return [self[name] for name in ("approver", "pin") if name in self.fields]

    def read(self, typed: str, *, percent: bool = False) -> Decimal | None:
        """The number in `value`; None where it says why it cannot be read."""
        try:
            if percent:
                return parse_amount(typed.rstrip("%٪ "), _PERCENT_DECIMALS)
            return parse_money(typed, self.code)
        except Unreadable as unreadable:
            self.add_error("value", str(unreadable))
            return None


class DiscountForm(GivingForm):
    """A percent or an amount off, what it is taken off, and why."""

    value = forms.CharField(
        label=_("Take off"),
        max_length=40,
        error_messages={"required": _("Write how much is taken off.")},
    )
    unit = forms.ChoiceField(label=_("In"))
    on = forms.ChoiceField(
        label=_("Off what"),
        choices=[
            (DiscountOn.LINE.value, pgettext_lazy("discount on", "The whole price")),
            (DiscountOn.MAKING.value, pgettext_lazy("discount on", "The making")),
            (DiscountOn.STONES.value, pgettext_lazy("discount on", "The stones")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=120,
        error_messages={"required": _("Write why the price is reduced.")},
    )

    def __init__(self, *args: Any, code: str, second: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, code=code, second=second, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [(PERCENT, _("Percent")), (AMOUNT, currency_name(code))]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        typed, unit = cleaned.get("value"), cleaned.get("unit")
        if typed and unit:
            number = self.read(typed, percent=unit == PERCENT)
            if number is None:
                return cleaned
            cleaned["number"] = number
            if not number:
                self.add_error("value", _("Nothing is no discount. Write how much is taken off."))
            elif unit == PERCENT and number > 100:
                self.add_error("value", _("A discount is at most 100 percent. Write less."))
        return cleaned

    def terms(self) -> DiscountTerms:
        """The discount, once the form is valid."""
        number = self.cleaned_data["number"]
        return DiscountTerms(
            percent=number if self.cleaned_data["unit"] == PERCENT else None,
            amount=number if self.cleaned_data["unit"] == AMOUNT else None,
            on=DiscountOn(self.cleaned_data["on"]),
            reason=self.cleaned_data["reason"],
        )


class PriceForm(GivingForm):
    """What a line costs from now on, or its making; a reason where that is less."""

    value = forms.CharField(
        label=_("New price"),
        max_length=40,
        error_messages={"required": _("Write what it costs.")},
    )
    of = forms.ChoiceField(
        label=_("Of what"),
        choices=[
            (TOTAL, pgettext_lazy("price of", "The whole piece, with tax")),
            (MAKING, pgettext_lazy("price of", "The making, before tax")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=120,
        required=False,
        help_text=_("Needed where it costs less than the tag says."),
    )

    def __init__(self, *args: Any, code: str, second: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, code=code, second=second, **kwargs)
        least, most = decimals_typed(code)
        self.fields["value"].widget.attrs |= {"data-amount": most, "data-amount-least": least}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("value"):
            number = self.read(cleaned["value"])
            if number is not None:
                cleaned["number"] = number
        return cleaned

    @property
    def total(self) -> Decimal | None:
        number: Decimal = self.cleaned_data["number"]
        return number if self.cleaned_data["of"] == TOTAL else None

    @property
    def making(self) -> Decimal | None:
        number: Decimal = self.cleaned_data["number"]
        return number if self.cleaned_data["of"] == MAKING else None
