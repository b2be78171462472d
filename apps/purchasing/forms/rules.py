"""The shop's own rules of old gold, and the days of a report."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, DayField, WholeField
from apps.purchasing.forms.fields import percent_field
from apps.purchasing.policy import OldGoldPolicy
from apps.purchasing.rules.places import TENDERS, Detail
from apps.purchasing.services.sellers import DETAILS
from apps.till.kinds import TenderKind

_LONGEST_HOLD: Final = 365


class PolicyForm(forms.Form):
    """What the shop asks of sellers, how it pays them, and what it keeps."""

    required = forms.MultipleChoiceField(
        label=_("What must be known of a seller"),
        choices=[(detail.value, DETAILS[detail]) for detail in Detail],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    photo = forms.BooleanField(label=_("Every item needs a photo"), required=False)
    hold_days = WholeField(
        label=_("Days on hold before anything is melted"), min_value=0, max_value=_LONGEST_HOLD
    )
    tenders = forms.MultipleChoiceField(
        label=_("What old gold may be paid with"),
        choices=[(name, TenderKind(name).label) for name in TENDERS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one way to pay.")},
    )
    cash_days = WholeField(
        label=_("Within how many days"), min_value=1, max_value=_LONGEST_HOLD, required=False
    )
    premium_percent = percent_field(
        label=_("Premium in exchange, percent of the buying rate"), required=False
    )
    cut_percent = percent_field(label=_("Cut, percent of the value"), required=False)
    declaration = forms.CharField(
        label=_("What the seller signs"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    field_order = (
        "required",
        "photo",
        "hold_days",
        "tenders",
        "cash_amount",
        "cash_days",
        "premium_percent",
        "cut_percent",
        "declaration",
    )

    def __init__(self, *given: Any, rules: OldGoldPolicy, currency: str, **named: Any) -> None:
        place = rules.place
        named["initial"] = {
            "required": sorted(place.required),
            "photo": place.photo,
            "hold_days": place.hold_days,
            "tenders": list(place.tenders),
            "cash_amount": place.cash.amount if place.cash else "",
            "cash_days": place.cash.days if place.cash else "",
            "premium_percent": rules.premium_percent,
            "cut_percent": rules.cut_percent,
            "declaration": rules.declaration,
        }
        super().__init__(*given, **named)
        self.standing = rules
        self.fields["cash_amount"] = AmountField(
            code=currency,
            label=_("Most cash to one person"),
            required=False,
            help_text=_("Empty: no limit"),
        )
        self.order_fields(self.field_order)

    def clean_premium_percent(self) -> Decimal:
        return self._below(self.cleaned_data["premium_percent"], 50)

    def clean_cut_percent(self) -> Decimal:
        return self._below(self.cleaned_data["cut_percent"], 100)

    def _below(self, value: Decimal | None, most: int) -> Decimal:
        value = value or Decimal(0)
        if value >= most:
            raise forms.ValidationError(
                _("That is too much. Write less than %(most)s percent."), params={"most": most}
            )
        return value

    @property
    def values(self) -> dict[str, Any]:
        """As the policy keeps them. A declaration that nobody changed stays the translated one."""
        said = self.cleaned_data
        cash = said["cash_amount"]
        own = said["declaration"].strip()
        return {
            "required": said["required"],
            "photo": said["photo"],
            "hold_days": said["hold_days"],
            "tenders": said["tenders"],
            "cash": {"amount": format(cash, "f"), "days": said["cash_days"] or 1}
            if cash is not None
            else None,
            "premium_percent": format(said["premium_percent"], "f"),
            "cut_percent": format(said["cut_percent"], "f"),
            "declaration": ""
            if own == self.standing.declaration.strip() and not (self.standing.place.declaration)
            else own,
        }


class DaysForm(forms.Form):
    """From a day to a day."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
