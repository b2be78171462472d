"""Fields of forms that read what people type, and the key that makes a form harmless twice."""

from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django import forms

from apps.core.currencies import currency
from apps.core.typed import Unreadable, parse_amount

_TYPED: Final = 40  # longer is a pasted page, which the parser cuts short in its sentence


class AmountField(forms.CharField):
    """An amount of a currency as people type it; None where nothing was typed."""

    def __init__(self, *, code: str, exponent: int | None = None, **named: Any) -> None:
        self.exponent = currency(code).exponent if exponent is None else exponent
        named.setdefault("max_length", _TYPED)
        super().__init__(**named)
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, self.exponent)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar."""

    def __init__(self, **named: Any) -> None:
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            input_formats=["%Y-%m-%d"],
            **named,
        )


class KeyedForm(forms.Form):
    """A form with a key of its own: sent twice, its service answers the first document."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *given: Any, **named: Any) -> None:
        named["initial"] = {"key": uuid4(), **(named.get("initial") or {})}
        super().__init__(*given, **named)

    @property
    def given_key(self) -> str:
        """Only of a valid form."""
        return str(self.cleaned_data["key"])
