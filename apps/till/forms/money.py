"""Cash in and out, the signature, a correction, and the shop's rules of its drawers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.currencies import CURRENCIES
from apps.core.fields import AmountField
from apps.core.formatting import currency_name
from apps.shops.approval_forms import ApprovedForm
from apps.till.models import MoveKind, MovePlace
from apps.till.services.moves import Wanted

_NO_AMOUNT: Final = {"required": _("The amount is empty. Write what changes hands.")}


class CashForm(ApprovedForm):
    """One amount into the drawer, or out of it."""

    field_order = ("key", "kind", "place", "currency", "amount", "reason", "approver", "pin")
    kind = forms.ChoiceField(
        label=_("What happens"),
        choices=[(MoveKind.IN, _("Cash goes in")), (MoveKind.OUT, _("Cash goes out"))],
    )
    place = forms.ChoiceField(label=_("From, or to"), choices=MovePlace.choices)
    currency = forms.ChoiceField(label=_("Currency"))
    amount = forms.CharField(label=_("Amount"))

    def __init__(self, *given: Any, currencies: Sequence[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["currency"].choices = _choices(currencies)  # type: ignore[attr-defined]
        wanted = self.data.get("currency", "")
        self.shown_currency = wanted if wanted in currencies else currencies[0]
        self.fields["amount"] = AmountField(
            code=self.shown_currency, label=_("Amount"), error_messages=_NO_AMOUNT
        )

    @property
    def only_currency(self) -> str:
        """The one currency that the drawers take; empty where there is a choice."""
        choices = self.fields["currency"].choices  # type: ignore[attr-defined]
        return self.shown_currency if len(choices) == 1 else ""

    @property
    def wanted(self) -> Wanted:
        """Only of a valid form."""
        given = self.cleaned_data
        return Wanted(
            kind=MoveKind(given["kind"]),
            place=MovePlace(given["place"]),
            currency=given["currency"],
            amount=given["amount"],
            reason=given["reason"],
        )


class SignForm(ApprovedForm):
    """Signing a close by the count that is on the screen."""

    count = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *given: Any, differs: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        if not differs:
            for name in ("reason", "approver", "pin"):
                self.fields.pop(name, None)


class CorrectForm(ApprovedForm):
    """What a finished close had wrong."""

    field_order = ("key", "direction", "currency", "amount", "reason", "approver", "pin")
    direction = forms.ChoiceField(
        label=_("In the safe there is"),
        choices=[("more", _("More than the close said")), ("less", _("Less than the close said"))],
    )
    currency = forms.ChoiceField(label=_("Currency"))
    amount = forms.CharField(label=_("By how much"))

    def __init__(self, *given: Any, currencies: Sequence[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["currency"].choices = _choices(currencies)  # type: ignore[attr-defined]
        wanted = self.data.get("currency", "")
        self.shown_currency = wanted if wanted in currencies else currencies[0]
        self.fields["amount"] = AmountField(
            code=self.shown_currency, label=_("By how much"), error_messages=_NO_AMOUNT
        )

    @property
    def difference(self) -> Decimal:
        """Above zero: more in the safe. Only of a valid form."""
        amount: Decimal = self.cleaned_data["amount"]
        return amount if self.cleaned_data["direction"] == "more" else -amount


class PolicyForm(forms.Form):
    """The shop's rules of its drawers."""

    open_first = forms.BooleanField(
        label=_("A drawer is opened with a counted float before anything else"), required=False
    )
    currencies = forms.CharField(
        label=_("Cash that is taken"),
        required=False,
        max_length=80,
        help_text=_("Three letters each, with spaces between them: USD EUR"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    def clean_currencies(self) -> list[str]:
        codes: list[str] = self.cleaned_data["currencies"].replace(",", " ").upper().split()
        for code in codes:
            if code not in CURRENCIES:
                raise forms.ValidationError(
                    _("%(code)s is no currency here. Write three letters, as in USD."),
                    params={"code": code[:12]},
                )
        return codes


def _choices(codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, currency_name(code)) for code in codes]
