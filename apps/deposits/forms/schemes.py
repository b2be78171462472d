"""Forms of savings plans and their members."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField
from apps.core.typed import Unreadable, parse_fineness
from apps.deposits.forms.fields import CountField, PaymentForm, percent_field
from apps.deposits.models import SchemeKind
from apps.deposits.services.plans import NewPlan
from apps.pricing.models import Metal

_PLAIN: Final = {"autocomplete": "off"}


class PlanForm(forms.Form):
    """A savings plan, or the next version of one."""

    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        help_text=_("Capitals and digits. A code that is there already gets its next version."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs=_PLAIN))
    kind = forms.ChoiceField(label=_("What is saved"), choices=SchemeKind.choices)
    instalments = CountField(label=_("Instalments, one a month"), most=120)
    late_allowed = CountField(label=_("Late ones until the bonus is lost"), most=120)
    redeem_days = CountField(label=_("Days to use it once it is ripe"), most=3650)
    longest_days = CountField(
        label=_("At most so many days in all"),
        most=3650,
        required=False,
        help_text=_("In India 365: longer, and it is a deposit under the law."),
    )
    metal = forms.ChoiceField(label=_("Metal"), required=False, choices=[("", "—"), *Metal.choices])
    fineness = forms.CharField(
        label=_("Fineness"), required=False, max_length=20, widget=forms.TextInput(attrs=_PLAIN)
    )
    gram_step = forms.ChoiceField(
        label=_("Grams are cut to"), choices=[("0.01", "0.01"), ("0.001", "0.001")]
    )
    excluded_category = forms.CharField(
        label=_("Not for pieces of the kind"),
        required=False,
        max_length=40,
        help_text=_("For example: coin"),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    needs_identity = forms.BooleanField(
        label=_("Only for members whose identity paper was seen"), required=False
    )
    offered = forms.BooleanField(label=_("Customers can join"), required=False, initial=True)

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(code=currency, label=_("One instalment"))
        self.fields["bonus_percent"] = percent_field(
            currency, label=_("Bonus (percent of one instalment)")
        )
        self.fields["early_kept_percent"] = percent_field(
            currency, label=_("Kept when it is closed early (percent)")
        )

    def clean_fineness(self) -> int | None:
        text = self.cleaned_data["fineness"]
        try:
            return parse_fineness(text, metal=self.cleaned_data.get("metal", "")) if text else None
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    @property
    def plan(self) -> NewPlan:
        """Only of a valid form."""
        given = dict(self.cleaned_data)
        given["kind"] = SchemeKind(given["kind"])
        given["gram_step"] = Decimal(given["gram_step"])
        given["code"] = given["code"].strip().upper()
        return NewPlan(**given)


class JoinForm(PaymentForm):
    """A new member."""

    def __init__(self, *given: Any, plans: Iterator[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["plan"] = forms.ChoiceField(label=_("Plan"), choices=list(plans))
