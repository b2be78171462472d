"""The owner's words for the rules of what comes back."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core.fields import GramsField, WholeField, as_typed
from apps.core.typed import Unreadable, parse_amount
from apps.pricing.rules import Kind
from apps.returns.policy import (
    ORIGINAL,
    REDUCE,
    REFUSE,
    TO_CREDIT,
    TO_OLD_GOLD,
    TO_STOCK,
    TO_TENDERS,
    TODAY,
    BuyBackTerms,
    ReturnTerms,
)

_PERCENT_DECIMALS = 2
_HUNDRED = Decimal(100)
_CHARGES = [
    (Kind.METAL.value, pgettext_lazy("part of a price", "Metal")),
    (Kind.WASTAGE.value, pgettext_lazy("part of a price", "Wastage")),
    (Kind.MAKING.value, pgettext_lazy("part of a price", "Making")),
    (Kind.STONE.value, pgettext_lazy("part of a price", "Stones")),
    (Kind.EXTRA.value, pgettext_lazy("part of a price", "Fees and extras")),
    (Kind.PROFIT.value, pgettext_lazy("part of a price", "Profit")),
    (Kind.PRICE.value, pgettext_lazy("part of a price", "Tag price")),
]


class PercentField(forms.CharField):
    """A typed percent, 0 to 100."""

    def __init__(self, *, highest: Decimal = _HUNDRED, **kwargs: Any) -> None:
        self.highest = highest
        attrs = {"autocomplete": "off", "inputmode": "decimal"}
        super().__init__(max_length=10, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        try:
            percent = parse_amount(text, _PERCENT_DECIMALS) if text else None
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None
        if percent is not None and percent > self.highest:
            raise forms.ValidationError(_("A percent is from 0 to 100."))
        return percent

    def prepare_value(self, value: Any) -> Any:
        return as_typed(value) if isinstance(value, Decimal) else value


class ReturnTermsForm(forms.Form):
    """`ReturnTerms`, for every category or for one."""

    category = forms.CharField(
        max_length=40,
        required=False,
        label=gettext_lazy("Category"),
        help_text=gettext_lazy("Empty: for every category that has no rules of its own."),
    )
    window_days = WholeField(min_value=0, max_value=3650, label=gettext_lazy("Days after the sale"))
    refunded = forms.MultipleChoiceField(
        choices=_CHARGES,
        required=False,
        label=gettext_lazy("Given back"),
        widget=forms.CheckboxSelectMultiple,
    )
    fee_percent = PercentField(label=gettext_lazy("Fee kept of it, percent"))
    rates = forms.ChoiceField(
        label=gettext_lazy("The metal counts"),
        choices=[
            (ORIGINAL, gettext_lazy("at the rate of the sale")),
            (TODAY, gettext_lazy("at today's rate where that is less")),
        ],
    )
    tolerance_g = GramsField(label=gettext_lazy("A weight may differ by, g"))
    short = forms.ChoiceField(
        label=gettext_lazy("A lighter piece"),
        choices=[
            (REFUSE, gettext_lazy("is refused")),
            (REDUCE, gettext_lazy("gives less, and goes to the old gold")),
        ],
    )
    damaged = forms.ChoiceField(
        label=gettext_lazy("A damaged piece"),
        choices=[
            (REFUSE, gettext_lazy("is refused")),
            ("take", gettext_lazy("is taken, and goes to the old gold")),
        ],
    )
    hallmark = forms.BooleanField(
        required=False, label=gettext_lazy("Refuse a piece whose hallmark is gone")
    )
    refund_to = forms.ChoiceField(
        label=gettext_lazy("Money goes"),
        choices=[
            (TO_TENDERS, gettext_lazy("back to what the bill was paid by")),
            (TO_CREDIT, gettext_lazy("to the customer's store credit")),
        ],
    )

    def clean_tolerance_g(self) -> Decimal:
        tolerance: Decimal = self.cleaned_data["tolerance_g"]
        if tolerance > 1:
            raise forms.ValidationError(_("More than 1 g hides a stone. Write less."))
        return tolerance

    @property
    def terms(self) -> ReturnTerms:
        said = self.cleaned_data
        return ReturnTerms(
            window_days=said["window_days"],
            refunded=frozenset(Kind(kind) for kind in said["refunded"]),
            fee_percent=said["fee_percent"],
            rates=said["rates"],
            tolerance_g=said["tolerance_g"],
            short=said["short"],
            hallmark=said["hallmark"],
            damaged=said["damaged"],
            refund_to=said["refund_to"],
        )


class BuyBackTermsForm(forms.Form):
    percent = PercentField(label=gettext_lazy("Percent of the metal, at the buying rate"))
    tolerance_g = GramsField(label=gettext_lazy("A weight may differ by, g"))
    to = forms.ChoiceField(
        label=gettext_lazy("The piece goes"),
        choices=[
            (TO_OLD_GOLD, gettext_lazy("to the old gold")),
            (TO_STOCK, gettext_lazy("into the stock, second-hand")),
        ],
    )

    @property
    def terms(self) -> BuyBackTerms:
        return BuyBackTerms(**self.cleaned_data)
