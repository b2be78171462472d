"""Forms of contracts, and of the rules they are made under."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, DayField, KeyedForm
from apps.core.typed import Unreadable, parse_fineness
from apps.customers.cash_forms import PassesCash
from apps.deposits.forms.fields import CountField, PaymentForm, TagsField, percent_field
from apps.deposits.models import DepositKind, DropBorneBy
from apps.deposits.policy import DepositPolicy
from apps.deposits.rules import months_after
from apps.deposits.services.refunds import BackTo
from apps.pricing.models import Metal
from apps.shops.approvals import LONGEST_PIN, Approver

_PLAIN: Final = {"autocomplete": "off"}
_LONGEST_PLAN: Final = 60  # instalments of a layaway


class DepositForm(PaymentForm):
    """A new contract."""

    kind = forms.ChoiceField(label=_("What is agreed"), choices=DepositKind.choices)
    tags = TagsField(
        label=_("Tags of the pieces"),
        required=False,
        help_text=_("Scan them one after the other. Without a piece it is money or grams alone."),
    )
    metal = forms.ChoiceField(
        label=_("Metal"),
        required=False,
        choices=[("", _("That of the pieces")), *Metal.choices],
    )
    fineness = forms.CharField(
        label=_("Fineness"),
        required=False,
        max_length=20,
        help_text=_("For grams without a piece: 916, 750 or 22K"),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    expires_on = DayField(label=_("Last day"), required=False)
    instalments = CountField(
        label=_("Later payments"),
        most=_LONGEST_PLAN,
        required=False,
        help_text=_("How many, one a month. Empty: whenever the customer comes."),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.TextInput(attrs=_PLAIN)
    )

    def __init__(self, *given: Any, currency: str, day: date, **named: Any) -> None:
        super().__init__(*given, currency=currency, **named)
        self.day = day
        self.fields["instalment"] = AmountField(
            code=currency, label=_("Each of them"), required=False
        )

    def clean_fineness(self) -> int | None:
        text = self.cleaned_data["fineness"]
        try:
            return parse_fineness(text, metal=self.cleaned_data.get("metal", "")) if text else None
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if bool(given.get("instalments")) != bool(given.get("instalment")):
            self.add_error("instalment", _("Write how many payments, and how much each is."))
        return given

    @property
    def schedule(self) -> tuple[tuple[date, Decimal], ...]:
        """A payment on this day of each month from the next one on; only of a valid form."""
        given = self.cleaned_data
        return tuple(
            (months_after(self.day, number), given["instalment"])
            for number in range(1, (given["instalments"] or 0) + 1)
        )


class ChangeForm(KeyedForm):
    """What a contract says from now on."""

    tags = TagsField(label=_("Tags of the pieces"), required=False)
    expires_on = DayField(
        label=_("Last day"),
        error_messages={"required": _("There is no last day. Choose one.")},
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.TextInput(attrs=_PLAIN)
    )


class EndForm(PassesCash):
    """Why a contract ends, where the money goes, and who agrees."""

    back_to = forms.ChoiceField(label=_("The money goes back"), choices=BackTo.choices)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("There is no reason. Write why.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    approver = forms.CharField(
        label=_("Who approves it"),
        max_length=150,
        required=False,
        help_text=_("The user name of an owner or a manager"),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    pin = forms.CharField(
        label=_("Their PIN"),
        max_length=LONGEST_PIN,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *given: Any, second: bool, pays: bool = True, **named: Any) -> None:
        super().__init__(*given, **named)
        if not second:
            del self.fields["approver"], self.fields["pin"]
        if not pays:
            del self.fields["back_to"]

    @property
    def back(self) -> BackTo:
        return BackTo(self.cleaned_data.get("back_to") or BackTo.SOURCE)

    @property
    def approved(self) -> Approver | None:
        """The second person, where somebody was named; only of a valid form."""
        name, pin = self.cleaned_data.get("approver", ""), self.cleaned_data.get("pin", "")
        return Approver(username=name, pin=pin) if name or pin else None


class PolicyForm(forms.Form):
    """The shop's rules of deposits from now on."""

    valid_days = CountField(label=_("A deposit runs for (days)"), most=3650)
    grace_days = CountField(label=_("Days of grace after it"), most=365)
    drop_borne_by = forms.ChoiceField(
        label=_("A rate that fell is borne by"), choices=DropBorneBy.choices
    )

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["least_first_percent"] = percent_field(
            currency, label=_("The first payment is at least (percent of the price)")
        )
        self.fields["kept_percent"] = percent_field(
            currency, label=_("Kept of a deposit that ran out (percent)")
        )
        self.fields["cancel_kept_percent"] = percent_field(
            currency, label=_("Kept of one the customer gives up (percent)")
        )
        self.fields["restock_fee"] = AmountField(
            code=currency, label=_("Fee for putting pieces back")
        )

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        for name in ("least_first_percent", "kept_percent", "cancel_kept_percent"):
            if given.get(name) is not None and given[name] > 100:
                self.add_error(name, _("A percentage is between 0 and 100."))
        if given.get("valid_days") == 0:
            self.add_error("valid_days", _("A deposit runs for one day at least."))
        return given

    @property
    def policy(self) -> DepositPolicy:
        """Only of a valid form."""
        return DepositPolicy(**self.cleaned_data)
