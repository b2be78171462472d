"""The form of one rate: what was typed, as terms for the service, or sentences at its fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core import formatting
from apps.core.reading import reading
from apps.core.typed import Unreadable, parse_fineness, parse_rate
from apps.pricing.board import BoardRow
from apps.pricing.models import Metal, MetalRate, RateSide, RateUnit
from apps.pricing.services import RATE_LIMIT
from apps.shops.approval_forms import SecondForm

_DECIMALS: Final = 6
_TYPED_DIGITS: Final = 60  # longer is a pasted page, which parse_amount cuts short in its sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A rate as the services take it. Units: parts per ten thousand; money per `unit`."""

    metal: str
    fineness: int
    side: str
    unit: str
    amount: Decimal

    @property
    def key(self) -> str:
        """What a confirmation is about: another figure needs another one."""
        return f"{self.metal}-{self.fineness}-{self.side}-{self.unit}-{self.amount.normalize():f}"


def key_of(rate: MetalRate) -> str:
    """Names what is quoted, in an address and in the select: gold-9160-sell-g."""
    return f"{rate.metal}-{rate.fineness}-{rate.side}-{rate.unit}"


class RateForm(SecondForm):
    """A new rate. `which` names a quotation of the board; a new one is named by its four parts."""

    which = forms.ChoiceField(label=_("Rate"))
    metal = forms.ChoiceField(label=_("Metal"), choices=Metal.choices)
    fineness = forms.CharField(
        label=_("Fineness"),
        max_length=20,
        error_messages={"required": _("The fineness is empty. Write it as on the mark.")},
        help_text=_("Parts per thousand: 916, 750, 999.9; for gold also karats: 18K"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    side = forms.ChoiceField(label=_("Side"), choices=RateSide.choices)
    unit = forms.ChoiceField(label=_("Per"), choices=RateUnit.choices)
    amount = forms.CharField(
        label=_("New rate"),
        max_length=_TYPED_DIGITS,
        error_messages={"required": _("The new rate is empty. Write what it is today.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    confirmed = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(
        self,
        *given: Any,
        rows: Sequence[BoardRow],
        new: bool,
        second: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(*given, second=second, **named)
        self.board_has_rows = bool(rows)
        self.new = new or not rows
        if self.new:
            del self.fields["which"]
        else:
            for name in ("metal", "fineness", "side", "unit"):
                del self.fields[name]
            self.fields["which"].choices = list(_choices(rows))  # type: ignore[attr-defined]

    def clean_fineness(self) -> int:
        metal = self.cleaned_data.get("metal", "")  # cleaned before: it stands above
        try:
            return parse_fineness(self.cleaned_data["fineness"], metal=metal)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def clean_amount(self) -> Decimal:
        text = self.cleaned_data["amount"]
        try:
            amount = parse_rate(text, reading().home, _TYPED_DIGITS)
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None
        decimals = max(0, -int(amount.as_tuple().exponent))
        if decimals > _DECIMALS:
            raise forms.ValidationError(
                ngettext(
                    "%(text)s has %(count)s decimal. A rate takes six at most.",
                    "%(text)s has %(count)s decimals. A rate takes six at most.",
                    decimals,
                ),
                params={"text": text.strip(), "count": formatting.digits(decimals)},
            )
        if not amount:
            raise forms.ValidationError(gettext("A rate is above zero. Write what it is today."))
        if amount >= RATE_LIMIT:
            raise forms.ValidationError(
                gettext("%(text)s is more than a rate can be. Check the digits."),
                params={"text": text.strip()},
            )
        return amount

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip()

    @property
    def terms(self) -> Terms:
        """What was entered; only of a valid form."""
        given = self.cleaned_data
        if self.new:
            named = {name: given[name] for name in ("metal", "fineness", "side", "unit")}
            return Terms(**named, amount=given["amount"])
        metal, fineness, side, unit = given["which"].split("-")
        return Terms(
            metal=metal, fineness=int(fineness), side=side, unit=unit, amount=given["amount"]
        )

    @property
    def is_confirmed(self) -> bool:
        """Whether the box was ticked for this very figure."""
        return bool(self.cleaned_data["confirmed"] == self.terms.key)


def _choices(rows: Sequence[BoardRow]) -> list[tuple[str, str]]:
    """Every quotation of the board: "Gold 916 22K, we sell, per gram"."""
    return [
        (key_of(quote.rate), _named(row, quote.rate))
        for row in rows
        for quote in (row.sell, row.buy)
        if quote
    ]


def _named(row: BoardRow, rate: MetalRate) -> str:
    fineness = formatting.fineness(rate.fineness)
    return gettext("%(metal)s %(fineness)s, %(side)s, per %(unit)s") % {
        "metal": Metal(rate.metal).label,
        "fineness": f"{fineness} {row.karat}".strip(),
        "side": RateSide(rate.side).label.lower(),
        "unit": RateUnit(rate.unit).label,
    }
