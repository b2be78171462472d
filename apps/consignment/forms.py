"""What pages of memos are sent: a new day, pieces that come back, an owner's pieces, a payment."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.consignment.models import TERMS_IN, Terms
from apps.consignment.services.agreeing import LONGEST_NOTE, Agreed
from apps.consignment.services.owners import PAID_BY
from apps.consignment.services.taking_in import Goods
from apps.core.fields import AmountField, DayField, KeyedForm
from apps.credit.tendered import Tendered
from apps.customers.cash_forms import PassesCash
from apps.inventory.models import MakingMode, Place
from apps.inventory.selectors import typed_tags
from apps.inventory.services.intake.cells import Surroundings
from apps.inventory.services.intake.columns import label_of
from apps.inventory.services.intake.rows import RowRefused, piece_of
from apps.inventory.services.shop_words import ShopWords
from apps.pricing.models import Metal
from apps.shops.approval_forms import ApprovedForm

_CHOICE: Final = dict.fromkeys(
    ("required", "invalid_choice"), _("That is none of the choices. Choose one.")
)
_NO_DAY: Final = _("That day is not in the calendar. Choose it again.")
_PIECE: Final = (
    "tag", "name", "category", "place", "metal", "fineness", "net_weight_g", "gross_weight_g",
    "stone_1_kind", "stone_1_pieces", "stone_1_carats", "making_mode", "making_value",
    "fixed_price",
)  # fmt: skip
_NUMBERS: Final = (
    "net_weight_g", "gross_weight_g", "stone_1_pieces", "stone_1_carats", "making_value",
    "fixed_price",
)  # fmt: skip
_LABELS: Final[Mapping[str, Any]] = {
    "metal": _("Metal"),
    "fineness": _("Fineness"),
    "net_weight_g": _("Net weight"),
    "gross_weight_g": _("Gross weight"),
    "stone_1_kind": _("Stones"),
    "stone_1_pieces": _("How many stones"),
    "stone_1_carats": _("Carats"),
    "fixed_price": _("Tag price"),
}
_HINTS: Final[Mapping[str, Any]] = {
    "fineness": _("Parts per thousand, or karats of gold: 22K is taken as 916."),
    "fixed_price": _("Instead of a price by weight; then metal and weights may stay empty."),
}


def note_field() -> forms.CharField:
    return forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def due_field(label: Any, initial: date | None = None) -> DayField:
    return DayField(
        label=label,
        initial=initial,
        error_messages={"required": _("There is no day. Choose one."), "invalid": _NO_DAY},
    )


def tags_field(label: Any, *, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=8_000,
        help_text=hint,
        widget=forms.Textarea(
            attrs={
                "rows": 4,
                "autocomplete": "off",
                "spellcheck": "false",
                "dir": "ltr",
                "data-tags": "",
            }
        ),
    )


class DueForm(forms.Form):
    """Another day for a memo."""

    due = due_field(_("Until"))


class BackForm(KeyedForm):
    """Pieces that come back, or go back: ticked in the list, scanned, or typed."""

    tags = tags_field(_("Tags"), hint=_("One a line. A scan of a tag in the list ticks it."))
    place = forms.ChoiceField(label=_("Into which place"), required=False, error_messages=_CHOICE)

    def __init__(self, *given: Any, places: Sequence[Place] | None, **named: Any) -> None:
        super().__init__(*given, **named)
        self.places = {str(place.pk): place for place in places or ()}
        if places is None:
            del self.fields["place"]
        else:
            self.fields["place"].choices = [  # type: ignore[attr-defined]
                ("", _("Nowhere yet")),
                *((key, place.name) for key, place in self.places.items()),
            ]

    @property
    def wanted(self) -> list[str]:
        """The tags that were ticked or written; only of a valid form."""
        ticked = self.data.getlist("tag") if hasattr(self.data, "getlist") else []
        typed = typed_tags(self.cleaned_data.get("tags", ""))
        return list(dict.fromkeys([*ticked[:500], *typed]))

    @property
    def place_chosen(self) -> Place | None:
        return self.places.get(self.cleaned_data.get("place", ""))


class GoodsForm(forms.Form):
    """One piece of an owner, and what they get for it."""

    def __init__(
        self, *given: Any, places: Sequence[Place], code: str, words: ShopWords, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.around = Surroundings(
            code=code,
            places={place.name: place for place in places},
            commas_are_decimals=False,
            metals=(1,),
            stones=(1,),
            words=words,
            typed=True,
        )
        self.goods: Goods | None = None
        for name in _PIECE:
            self.fields[name] = self._field(name, places)
        self.fields["terms"] = forms.ChoiceField(
            label=_("The owner gets"),
            choices=[(each.value, each.label) for each in TERMS_IN],
            error_messages=_CHOICE,
        )
        self.fields["price"] = AmountField(code=code, label=_("Price to the owner"), required=False)
        self.fields["percent"] = AmountField(
            exponent=2,
            label=_("Percent of the sale"),
            required=False,
            help_text=_("Of the price without tax."),
        )

    def _field(self, name: str, places: Sequence[Place]) -> forms.Field:
        label = _LABELS.get(name) or label_of(name)
        choices: Mapping[str, Any] = {
            "place": [("", _("Nowhere yet")), *((each.name, each.name) for each in places)],
            "metal": [("", "—"), *Metal.choices],
            "making_mode": [each for each in MakingMode.choices if each[0] != MakingMode.SLAB],
        }
        if name in choices:
            return forms.ChoiceField(
                label=label,
                choices=choices[name],
                required=False,
                initial=Metal.GOLD if name == "metal" else None,
                error_messages=_CHOICE,
            )
        attrs = {"autocomplete": "off"}
        if name in _NUMBERS:
            attrs["inputmode"] = "decimal"
        field = forms.CharField(
            label=label,
            required=name in ("tag", "name"),
            strip=False,
            help_text=_HINTS.get(name, ""),
            error_messages={"required": _("This is empty. Fill it in.")},
            widget=forms.TextInput(attrs=attrs),
        )
        field.validators = []  # the rules of a row say it in our words
        return field

    @property
    def piece_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in _PIECE]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        terms = given.get("terms")
        name = "price" if terms == Terms.FIXED else "percent"
        if terms and not self.errors.get(name) and not given.get(name):
            self.add_error(name, _("This is empty. Fill it in."))
        cells = {field: given.get(field, "") for field in _PIECE}
        if cells["fixed_price"] and not (cells["fineness"] or cells["net_weight_g"]):
            cells["metal"] = ""
        if not self.errors:
            try:
                piece = piece_of(cells, self.around)
            except RowRefused as refused:
                for problem in refused.problems:
                    known = problem.field in self.fields
                    self.add_error(problem.field if known else None, problem.reason)
            else:
                self.goods = Goods(piece=piece, terms=Terms(given["terms"]), value=given[name])
        return given


class BeginForm(ApprovedForm):
    """Whose pieces come into our care, until when. The pieces come on the page of the memo."""

    due = due_field(_("Until"))
    note = note_field()

    field_order = ("key", "due", "note", "reason", "approver", "pin")


class AgainForm(forms.Form):
    """A piece that went back to its owner comes in once more under its tag."""

    tag = forms.CharField(
        label=_("Tag"),
        max_length=60,
        error_messages={"required": _("There is no piece. Scan a tag, or write one.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *given: Any, code: str, **named: Any) -> None:
        # Beside the form of a new piece, which has a tag of its own.
        super().__init__(*given, **{"prefix": "again", **named})
        self.fields["price"] = AmountField(code=code, label=_("Price to the owner"), required=False)
        self.fields["percent"] = AmountField(
            exponent=2, label=_("Or percent of the sale"), required=False
        )

    @property
    def agreed(self) -> Agreed:
        """Only of a valid form; without a price the service says so."""
        given = self.cleaned_data
        if given["percent"] and not given["price"]:
            return Agreed(tag=given["tag"], terms=Terms.PERCENT, value=given["percent"])
        return Agreed(tag=given["tag"], terms=Terms.FIXED, value=given["price"])


class BuyForm(ApprovedForm):
    """A piece in our care becomes ours."""

    def __init__(self, *given: Any, code: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["price"] = AmountField(
            code=code,
            label=_("Price to the owner"),
            error_messages={"required": _("The price is missing. Write it.")},
        )
        self.order_fields(["key", "price", "reason", "approver", "pin"])


class PayForm(PassesCash, ApprovedForm):
    """What an owner is paid: an amount for each way."""

    note = note_field()

    def __init__(self, *given: Any, code: str, **named: Any) -> None:
        super().__init__(*given, **named)
        for kind in PAID_BY:
            self.fields[kind.value] = AmountField(code=code, label=kind.label, required=False)

    @property
    def money_fields(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in PAID_BY]

    @property
    def tenders(self) -> list[Tendered]:
        """Only of a valid form."""
        given: Mapping[str, Decimal | None] = self.cleaned_data
        return [
            Tendered(kind=kind, amount=amount)
            for kind in PAID_BY
            if (amount := given[kind.value]) is not None
        ]
