"""Fields that several forms share: numbers as people type them."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext

from apps.core.currencies import currency
from apps.core.typed import Unreadable, parse_amount, parse_grams
from apps.till.services.demands import MOST_PIECES

_TYPED: Final = 40  # longer is a pasted page, which the parser cuts short in its sentence
_NUMERIC: Final = {"inputmode": "numeric", "autocomplete": "off"}


class AmountField(forms.CharField):
    """An amount of a currency as people type it; empty is zero where it is not required."""

    def __init__(self, *, code: str, **named: Any) -> None:
        self.code = code
        super().__init__(max_length=_TYPED, **named)

    def clean(self, value: Any) -> Decimal:
        text = super().clean(value)
        if not text:
            return Decimal(0)
        amount: Decimal = _read(parse_amount, text, currency(self.code).exponent)
        return amount


class GramsField(forms.CharField):
    """A weight as people type it; empty is zero."""

    def __init__(self, **named: Any) -> None:
        super().__init__(max_length=_TYPED, required=False, **named)

    def clean(self, value: Any) -> Decimal:
        text = super().clean(value)
        grams: Decimal = _read(parse_grams, text) if text else Decimal(0)
        return grams


class PiecesField(forms.CharField):
    """How many there are, as people type it; empty is None: nobody counted."""

    def __init__(self, **named: Any) -> None:
        super().__init__(
            max_length=_TYPED, required=False, widget=forms.TextInput(attrs=_NUMERIC), **named
        )

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        number: Decimal = _read(parse_amount, text, _TYPED)
        if number != number.to_integral_value() or number > MOST_PIECES:
            raise forms.ValidationError(
                gettext("%(text)s is no number of pieces. Write how many there are."),
                params={"text": text.strip()},
            )
        return int(number)


def _read(parse: Any, text: str, *more: Any) -> Any:
    try:
        return parse(text, *more)
    except Unreadable as unreadable:
        raise forms.ValidationError(str(unreadable)) from None
