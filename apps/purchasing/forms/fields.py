"""Fields of this app's forms: typed numbers, the form's key, the second person, many photos."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.typed import Unreadable, parse_amount, parse_fineness, parse_grams
from apps.shops.approvals import LONGEST_PIN, Approver

_TYPED: Final = 40
_NUMERIC: Final = {"inputmode": "decimal", "autocomplete": "off"}
_RATE_DECIMALS: Final = 6
_PERCENT_DECIMALS: Final = 4


class TypedField(forms.CharField):
    """A number as people type it, in three alphabets; None where it is empty."""

    def __init__(self, parse: Callable[[str], Any], **named: Any) -> None:
        self.parse = parse
        named.setdefault("widget", forms.TextInput(attrs=_NUMERIC))
        super().__init__(max_length=_TYPED, **named)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            return self.parse(text)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None


def grams_field(**named: Any) -> TypedField:
    return TypedField(parse_grams, **named)


def fineness_field(**named: Any) -> TypedField:
    """Parts per thousand, or karats of gold: in parts per ten thousand."""
    return TypedField(lambda text: parse_fineness(text, metal="gold"), **named)


def percent_field(**named: Any) -> TypedField:
    return TypedField(lambda text: parse_amount(text, _PERCENT_DECIMALS), **named)


def rate_field(**named: Any) -> TypedField:
    return TypedField(lambda text: parse_amount(text, _RATE_DECIMALS), **named)


def money_field(exponent: int, **named: Any) -> TypedField:
    return TypedField(lambda text: parse_amount(text, exponent), **named)


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


class KeyedForm(forms.Form):
    """A form that is harmless when it is sent twice: it carries a key of its own."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *given: Any, **named: Any) -> None:
        named["initial"] = {"key": uuid4(), **named.get("initial", {})}
        super().__init__(*given, **named)

    @property
    def given_key(self) -> str:
        """Only of a valid form."""
        return str(self.cleaned_data["key"])


class ApprovedForm(KeyedForm):
    """A form with a reason, and the second person who may have to agree."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("There is no reason. Write why.")},
    )
    approver = forms.CharField(
        label=_("Who approves it"),
        max_length=150,
        required=False,
        help_text=_("The user name of an owner or a manager"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    pin = forms.CharField(
        label=_("Their PIN"),
        max_length=LONGEST_PIN,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *given: Any, second: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        if not second:
            del self.fields["approver"], self.fields["pin"]

    @property
    def approved(self) -> Approver | None:
        """The second person, where somebody was named; only of a valid form."""
        name, pin = self.cleaned_data.get("approver", ""), self.cleaned_data.get("pin", "")
        return Approver(username=name, pin=pin) if name or pin else None


def none_chosen() -> dict[str, str]:
    return {
        "required": gettext("Nothing was chosen. Choose one."),
        "invalid_choice": gettext("That is none of the choices. Choose one."),
    }


def zero(value: Decimal | None) -> Decimal:
    return Decimal(0) if value is None else value
