"""A form's field for a typed number: three alphabets of digits, refused with a sentence."""

from decimal import Decimal
from typing import Any, Final

from django import forms

from apps.core.fields import as_typed
from apps.core.formatting import money
from apps.core.typed import Unreadable, parse_amount, parse_money

_TYPED_DIGITS: Final = 60  # longer is a pasted page, which parse_amount cuts short in its sentence


class AmountField(forms.CharField):
    """A number of at most `places` decimals, zero or more; None where nothing was typed.

    With `code` it is an amount of that currency, in the unit that the reader is shown.
    """

    def __init__(self, *, places: int = 0, code: str = "", **named: Any) -> None:
        self.places, self.code = places, code
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
            return parse_money(text, self.code) if self.code else parse_amount(text, self.places)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        return money(value, self.code) if self.code else as_typed(value)
