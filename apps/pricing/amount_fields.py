"""A form's field for a typed number: three alphabets of digits, refused with a sentence."""

from decimal import Decimal
from typing import Any, Final

from django import forms

from apps.core.typed import Unreadable, parse_amount
from apps.core.units import plain

_TYPED_DIGITS: Final = 60  # longer is a pasted page, which parse_amount cuts short in its sentence


class AmountField(forms.CharField):
    """A number of at most `places` decimals, zero or more; None where nothing was typed."""

    def __init__(self, *, places: int, **named: Any) -> None:
        self.places = places
        super().__init__(
            **{
                "required": False,
                "max_length": _TYPED_DIGITS,
                "widget": forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
                **named,
            }
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, self.places)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value
