"""The form of a making table: what was typed, as slabs for the service."""

from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.formatting import digits, in_shown_unit
from apps.core.reading import reading
from apps.core.typed import Unreadable, in_currency, parse_fineness
from apps.core.units import MONEY, RATE, format_permille
from apps.pricing import rules
from apps.pricing.amount_fields import AmountField
from apps.pricing.making import slabs_of
from apps.pricing.models import MakingBasis, MakingTable, SlabBy, SlabMode

_FEWEST_ROWS: Final = 6
_SPARE_ROWS: Final = 3
_PARTS: Final = ("start", "mode", "value", "basis")
_IN_MONEY: Final = (SlabMode.PER_GRAM, SlabMode.PER_PIECE)


class MakingTableForm(forms.Form):
    """A version of a making table. Empty rows are none; `code` is asked for a new table only."""

    code = forms.RegexField(
        regex=r"\A[a-z0-9][a-z0-9-]*\Z",
        max_length=20,
        label=_("Code"),
        help_text=_("What a piece names: small letters, digits, dashes. For example chains-22k."),
        error_messages={
            "required": _("The table has no code. Write a short one, for example chains-22k."),
            "invalid": _("A code has small letters, digits and dashes. Write chains-22k."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        max_length=60,
        label=_("Name"),
        error_messages={"required": _("The table has no name. Write what it is for.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    by = forms.ChoiceField(label=_("The slab goes by"), choices=SlabBy.choices)
    fineness = forms.CharField(
        max_length=20,
        required=False,
        label=_("Rate of a gram of"),
        help_text=_("916 or 22K. Empty: of the piece’s own metal. Only for slabs by rate."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, of: MakingTable | None = None) -> None:
        super().__init__(data, initial={"key": uuid4(), **(_initial(of) if of else {})})
        if of is not None:
            del self.fields["code"]
        slabs = slabs_of(of) if of else []
        self.count = _rows_in(data) if data is not None else len(slabs) + _SPARE_ROWS
        self.count = min(max(self.count, _FEWEST_ROWS), rules.MOST_SLABS)
        for n in range(1, self.count + 1):
            for part, field in _row(n).items():
                self.fields[f"{part}_{n}"] = field
        if of is None and data is None:
            self.initial["start_1"] = "0"

    def rows(self) -> list[list[BoundField]]:
        """The fields of each slab."""
        return [[self[f"{part}_{n}"] for part in _PARTS] for n in range(1, self.count + 1)]

    def clean_fineness(self) -> int | None:
        text = self.cleaned_data["fineness"].strip()
        if not text:
            return None
        try:
            return parse_fineness(text, metal="")
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def clean(self) -> dict[str, Any]:
        for n in self._filled():
            for part in ("start", "value"):
                if self.cleaned_data.get(f"{part}_{n}") is None and not self.errors.get(
                    f"{part}_{n}"
                ):
                    self.add_error(
                        f"{part}_{n}",
                        gettext("A slab has a beginning and a charge. Write both."),
                    )
        return self.cleaned_data

    def _amount(self, part: str, n: int) -> Decimal:
        """As it was typed, or as money: the value of a charge in money, the start of a rate's."""
        typed: Decimal = self.cleaned_data[f"{part}_{n}"]
        of_money = {
            "start": self.cleaned_data.get("by") == SlabBy.RATE,
            "value": self.cleaned_data[f"mode_{n}"] in _IN_MONEY,
        }
        return in_currency(typed, reading().home) if of_money[part] else typed

    def _filled(self) -> list[int]:
        """The rows in which a number was typed."""
        return [
            n
            for n in range(1, self.count + 1)
            if any(self.data.get(f"{part}_{n}", "").strip() for part in ("start", "value"))
        ]

    def slabs(self) -> list[rules.Slab]:
        """What was typed, from the first row on; only of a valid form."""
        found = []
        for n in self._filled():
            basis = self.cleaned_data[f"basis_{n}"]
            found.append(
                rules.Slab(
                    start=self._amount("start", n),
                    mode=rules.MakingMode(self.cleaned_data[f"mode_{n}"]),
                    value=self._amount("value", n),
                    basis=rules.MakingBasis(basis) if basis else None,
                )
            )
        return found

    def field_of(self, path: str) -> str | None:
        """Where the service's refusal of `slabs.1.start` belongs."""
        first, *rest = path.split(".")
        if first == "slabs" and len(rest) == 2:
            return f"{rest[1]}_{self._filled()[int(rest[0])]}"
        return first if first in self.fields else None


def _row(n: int) -> dict[str, forms.Field]:
    row: dict[str, forms.Field] = {
        "start": AmountField(places=RATE["decimal_places"], label=_named(_("From, row %(n)s"), n)),
        "mode": forms.ChoiceField(
            choices=SlabMode.choices, required=False, label=_named(_("Making, row %(n)s"), n)
        ),
        "value": AmountField(
            places=MONEY["decimal_places"], label=_named(_("How much, row %(n)s"), n)
        ),
        "basis": forms.ChoiceField(
            choices=[("", _("usual")), *MakingBasis.choices],
            required=False,
            label=_named(_("Of what, row %(n)s"), n),
        ),
    }
    for field in row.values():
        # The head of the column is what the eye reads; a reader of screens hears the row too.
        field.widget.attrs["aria-label"] = field.label
    return row


def _rows_in(data: Any) -> int:
    """How many rows the page had that was sent."""
    return next((n for n in range(rules.MOST_SLABS, 0, -1) if f"start_{n}" in data), 0)


def _named(text: Any, n: int) -> str:
    return str(text) % {"n": digits(str(n))}


def _initial(table: MakingTable) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "name": table.name,
        "by": table.by,
        "fineness": "" if table.fineness is None else format_permille(table.fineness),
    }
    for n, slab in enumerate(slabs_of(table), 1):
        initial |= {f"{part}_{n}": getattr(slab, part) for part in _PARTS}
        if table.by == SlabBy.RATE:
            initial[f"start_{n}"] = in_shown_unit(slab.start, reading().home)
        if slab.mode in _IN_MONEY:
            initial[f"value_{n}"] = in_shown_unit(slab.value, reading().home)
    return initial
