"""Fields that several forms share: a number of pieces as people type it."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext

from apps.core.fields import TypedField
from apps.core.typed import parse_amount
from apps.till.services.demands import MOST_PIECES

_DECIMALS: Final = 40  # read as typed, to say what was typed


class PiecesField(TypedField):
    """How many there are, as people type it; empty is None: nobody counted."""

    def __init__(self, **named: Any) -> None:
        super().__init__(lambda text: parse_amount(text, _DECIMALS), required=False, **named)
        self.widget.attrs.update(inputmode="numeric")

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        if number is None:
            return None
        if number != number.to_integral_value() or number > MOST_PIECES:
            raise forms.ValidationError(
                gettext("%(text)s is no number of pieces. Write how many there are."),
                params={"text": str(value).strip()},
            )
        return int(number)
