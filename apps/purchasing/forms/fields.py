"""Fields of this app's forms: fineness, percents and rates as they are typed, many photos."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext

from apps.core.fields import AmountField, RateField, TypedField
from apps.core.typed import parse_fineness

_PERCENT_DECIMALS: Final = 4


def fineness_field(**named: Any) -> TypedField:
    """Parts per thousand, or karats of gold: in parts per ten thousand."""
    return TypedField(lambda text: parse_fineness(text, metal="gold"), **named)


def percent_field(**named: Any) -> AmountField:
    return AmountField(exponent=_PERCENT_DECIMALS, **named)


def rate_field(**named: Any) -> RateField:
    return RateField(**named)


def text_field(**named: Any) -> forms.CharField:
    return forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}), **named)


class Photos(forms.FileInput):
    """Several pictures at once, from the camera where there is one."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class PhotosField(forms.FileField):
    """The contents of the pictures that were chosen."""

    def __init__(self, **named: Any) -> None:
        super().__init__(
            required=False, widget=Photos(attrs={"accept": "image/*", "multiple": True}), **named
        )

    def clean(self, data: Any, initial: Any = None) -> tuple[bytes, ...]:
        return tuple(super(PhotosField, self).clean(each).read() for each in data or [])


def none_chosen() -> dict[str, str]:
    return {
        "required": gettext("Nothing was chosen. Choose one."),
        "invalid_choice": gettext("That is none of the choices. Choose one."),
    }


def zero(value: Decimal | None) -> Decimal:
    return Decimal(0) if value is None else value
