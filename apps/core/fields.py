"""Fields of forms that read what people type, and the key that makes a form harmless twice."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from django import forms

from apps.core.currencies import currency
from apps.core.typed import Unreadable, parse_amount, parse_grams

_TYPED: Final = 40  # longer is a pasted page, which the parser cuts short in its sentence


class TypedField(forms.CharField):
    """A number as people type it, in three alphabets; `empty` where nothing was typed."""

    def __init__(self, parse: Callable[[str], Any], *, empty: Any = None, **named: Any) -> None:
        self.parse, self.empty = parse, empty
        named.setdefault("max_length", _TYPED)
        super().__init__(**named)
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return self.empty
        try:
            return self.parse(text)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None


class AmountField(TypedField):
    """An amount of a currency, or a number with so many decimals at most (`exponent`)."""

    def __init__(self, *, code: str = "", exponent: int | None = None, **named: Any) -> None:
        decimals = currency(code).exponent if exponent is None else exponent
        super().__init__(lambda text: parse_amount(text, decimals), **named)
        self.widget.attrs["data-amount"] = str(decimals)


class GramsField(TypedField):
    """A weight, up to the milligram."""

    def __init__(self, **named: Any) -> None:
        super().__init__(parse_grams, **named)
        self.widget.attrs["data-amount"] = "3"


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
