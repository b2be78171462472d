"""Forms of the customers' pages: their rules are the services'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, DayField, KeyedForm
from apps.core.formatting import money
from apps.customers.models import Customer, PaperKind

_PLAIN = {"autocomplete": "off"}


class CustomerForm(KeyedForm):
    """Who it is. The limit is asked from owners and managers only."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        error_messages={"required": _("There is no name. Write who it is.")},
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 120}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "tel", "maxlength": 40}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "email", "maxlength": 254}),
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 200}),
    )
    birth_date = DayField(
        label=_("Date of birth"),
        required=False,
        error_messages={"invalid": _("That day is not in the calendar. Choose it again.")},
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 500})
    )

    def __init__(
        self,
        *given: Any,
        currency: str,
        sets_limit: bool,
        customer: Customer | None = None,
        **named: Any,
    ) -> None:
        self.customer = customer
        if customer is not None:
            named["initial"] = {
                name: getattr(customer, name)
                for name in ("name", "phone", "email", "address", "birth_date", "note")
            }
            if customer.credit_limit is not None:
                named["initial"]["credit_limit"] = money(customer.credit_limit, currency)
        super().__init__(*given, **named)
        if sets_limit:
            self.fields["credit_limit"] = AmountField(
                code=currency,
                label=_("May owe up to"),
                required=False,
                help_text=_("Empty: nothing is sold to them on account."),
            )

    @property
    def details(self) -> dict[str, Any]:
        """What the services take; only of a valid form."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        if "credit_limit" not in self.fields:
            given["credit_limit"] = self.customer.credit_limit if self.customer else None
        return given


class PaperForm(forms.Form):
    """A paper that somebody shows."""

    kind = forms.ChoiceField(label=_("Paper"), choices=PaperKind.choices)
    number = forms.CharField(
        label=_("Number"),
        strip=False,
        error_messages={"required": _("There is no number. Copy it from the paper.")},
        help_text=_("It is sealed; only its last four signs are shown afterwards."),
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 40}),
    )
    country = forms.CharField(
        label=_("Country that issued it"),
        required=False,
        help_text=_("Two letters: AE, IN, IR"),
        widget=forms.TextInput(attrs={**_PLAIN, "maxlength": 2}),
    )
    expires_on = DayField(
        label=_("Valid until"),
        required=False,
        error_messages={"invalid": _("That day is not in the calendar. Choose it again.")},
    )
