"""Fields that several forms here have in common, and what is handed over."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core import formatting
from apps.core.fields import AmountField
from apps.core.typed import fold_digits
from apps.credit.tendered import Tendered
from apps.customers.cash_forms import PassesCash
from apps.deposits.services.tenders import TAKEN
from apps.till.kinds import TenderKind

_PLAIN: Final = {"autocomplete": "off"}
_PERCENT_DECIMALS: Final = 4
_INSTRUMENTS: Final = {TenderKind.CARD: "slip", TenderKind.GIFT_CARD: "code"}


class CountField(forms.CharField):
    """A whole number in three alphabets; None where nothing was typed."""

    def __init__(self, *, most: int, **named: Any) -> None:
        self.most = most
        super().__init__(max_length=10, **named)
        self.widget.attrs.update(inputmode="numeric", **_PLAIN)

    def clean(self, value: Any) -> int | None:
        text = fold_digits(super().clean(value)).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or int(text) > self.most:
            raise forms.ValidationError(
                gettext("%(text)s is no number from 0 to %(most)s. Write digits."),
                params={"text": text[:10], "most": self.most},
            )
        return int(text)

    def prepare_value(self, value: Any) -> Any:
        return formatting.digits(value) if isinstance(value, int) else value


def percent_field(code: str, **named: Any) -> AmountField:
    return AmountField(exponent=_PERCENT_DECIMALS, **named)


class PaymentForm(PassesCash):
    """What is handed over: an amount for each way of paying, all of them optional."""

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        for kind in TAKEN:
            self.fields[kind.value] = AmountField(code=currency, label=kind.label, required=False)
        self.fields["slip"] = forms.CharField(
            label=_("Number of the card slip"),
            required=False,
            max_length=60,
            widget=forms.TextInput(attrs=_PLAIN),
        )
        self.fields["code"] = forms.CharField(
            label=_("Code of the gift card"),
            required=False,
            max_length=60,
            widget=forms.TextInput(attrs=_PLAIN),
        )

    def money_fields(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in TAKEN]

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if given.get(TenderKind.GIFT_CARD.value) and not given.get("code"):
            self.add_error("code", _("There is no code. Read it from the card."))
        return given

    @property
    def tenders(self) -> tuple[Tendered, ...]:
        """Only of a valid form."""
        given = self.cleaned_data
        return tuple(
            Tendered(
                kind=kind,
                amount=given[kind.value],
                instrument=given.get(_INSTRUMENTS.get(kind, ""), ""),
            )
            for kind in TAKEN
            if given[kind.value]
        )


class TagsField(forms.CharField):
    """Tags as they are scanned, one a line or with blanks between them; digits in any alphabet."""

    def __init__(self, **named: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", **_PLAIN})
        super().__init__(widget=widget, max_length=2_000, **named)

    def clean(self, value: Any) -> tuple[str, ...]:
        return tuple(fold_digits(tag).upper() for tag in super().clean(value).split())
