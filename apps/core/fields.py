"""Fields of forms that read what people type, and the key that makes a form harmless twice."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django import forms

from apps.core import formatting
from apps.core.reading import counts_jalali, reading, unit_of
from apps.core.typed import (
    Unreadable,
    fold_digits,
    parse_amount,
    parse_day,
    parse_grams,
    parse_money,
    parse_rate,
)
from apps.core.units import currency, plain

_TYPED: Final = 40  # longer is a pasted page, which the parser cuts short in its sentence
_RATE_DECIMALS: Final = 6


class TypedField(forms.CharField):
    """A number as people type it, in three alphabets; `empty` where nothing was typed.

    `write` is the other way: an initial value as its reader would type it.
    """

    def __init__(
        self,
        parse: Callable[[str], Any],
        *,
        write: Callable[[Decimal], str] | None = None,
        empty: Any = None,
        **named: Any,
    ) -> None:
        self.parse, self.write, self.empty = parse, write, empty
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

    def prepare_value(self, value: Any) -> Any:
        """A number in the reader's digits and unit; what was typed stays as it was typed."""
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            return value
        return self.write(Decimal(value)) if self.write else as_typed(Decimal(value))


class AmountField(TypedField):
    """An amount of a currency, read and shown in the reader's unit; answers the currency's own.

    With `exponent` it is no money but a number with so many decimals at most: a percent.
    """

    def __init__(self, *, code: str = "", exponent: int | None = None, **named: Any) -> None:
        if exponent is not None:
            super().__init__(lambda text: parse_amount(text, exponent), **named)
            self.widget.attrs["data-amount"] = str(exponent)
            return
        super().__init__(
            lambda text: parse_money(text, code),
            write=lambda amount: formatting.money(amount, code),
            **named,
        )
        self.widget.attrs |= amount_attributes(code)


class RateField(TypedField):
    """Money for a gram, a piece or another currency's unit, in the reader's unit of the shop's
    currency. Written with as many decimals as were typed.
    """

    def __init__(self, *, decimals: int = _RATE_DECIMALS, **named: Any) -> None:
        super().__init__(
            lambda text: parse_rate(text, reading().home, decimals),
            write=lambda amount: formatting.rate(amount, reading().home),
            **named,
        )
        self.widget.attrs["data-amount"] = str(decimals)
        self.widget.attrs["data-amount-least"] = "0"


def amount_attributes(code: str, exponent: int | None = None) -> dict[str, str]:
    """What tells the page's script how an amount of this currency is typed.

    `exponent`: of a rate, which takes more decimals than an amount; they are written as typed.
    """
    least, most = formatting.decimals_typed(code) if code else (0, 0)
    if exponent is not None and (not code or exponent > currency(code).exponent):
        least = exponent if unit_of(code) is None else least
        most = exponent
    attributes = {"data-amount": str(most)}
    return attributes if least == most else attributes | {"data-amount-least": str(least)}


class GramsField(TypedField):
    """A weight, up to the milligram."""

    def __init__(self, **named: Any) -> None:
        named.setdefault("write", lambda grams: formatting.grams(grams, unit=False))
        super().__init__(parse_grams, **named)
        self.widget.attrs["data-amount"] = "3"


class WholeField(forms.IntegerField):
    """A whole number in any of three alphabets: days, rows, how many."""

    widget = forms.TextInput

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.widget.attrs.update(inputmode="numeric", autocomplete="off")

    def to_python(self, value: Any) -> int | None:
        text = fold_digits(value).strip() if isinstance(value, str) else value
        number: int | None = super().to_python(text)
        return number

    def prepare_value(self, value: Any) -> Any:
        return formatting.digits(value) if isinstance(value, int) else value


class DayWidget(forms.DateInput):
    """The browser's calendar; a text field for who counts Jalali days, which no browser knows."""

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= {"type": "text" if counts_jalali() else "date"}
        if counts_jalali():
            context["widget"]["attrs"] |= JALALI_DAY
        return context

    def format_value(self, value: Any) -> Any:
        return formatting.typed_day(value) if isinstance(value, date) else value


# How a Jalali day is asked for; the example is 23 Tir, a day that no month lacks.
JALALI_DAY: Final = {
    "inputmode": "numeric",
    "autocomplete": "off",
    "dir": "ltr",
    "placeholder": "۱۴۰۵/۰۴/۲۳",
    "maxlength": "20",
}


class DayField(forms.DateField):
    """A day: 1405/04/23 or 2026-07-14, in any of three alphabets, whatever the page shows."""

    widget = DayWidget

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str):
            day: date | None = super().to_python(value)
            return day
        if not value.strip():
            return None
        try:
            return parse_day(value)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable), code="invalid") from None


def as_typed(number: Decimal) -> str:
    """Without thousands, which a percent and a count do not need to be read."""
    return formatting.digits(plain(number)).replace(".", _point())


def _point() -> str:
    return formatting.number(Decimal("0.1"))[1]


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
