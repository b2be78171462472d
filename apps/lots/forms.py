"""What pages of the lots are sent: a new lot, more of it, a part of it, what is lost of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, GramsField, KeyedForm, RateField, TypedField
from apps.core.formatting import in_shown_unit
from apps.core.reading import reading
from apps.core.typed import Unreadable, in_currency, parse_amount, parse_fineness
from apps.inventory.models import MakingMode, Place, WastageMode
from apps.lots.models import Lot, LotKind, LotMode, LotPrice
from apps.lots.quantities import Quantity
from apps.lots.services.opening import CODE_LENGTH, NewLot
from apps.pricing.models import Metal
from apps.shops.approval_forms import ApprovedForm

_MONEY_MODES: Final = (MakingMode.PER_GRAM, MakingMode.PER_PIECE)
_NONE_OF_THEM: Final = dict.fromkeys(
    ("required", "invalid_choice"), _("That is none of the choices. Choose one.")
)


class CountField(TypedField):
    """A whole number of pieces; 0 where nothing was typed."""

    def __init__(self, **named: Any) -> None:
        super().__init__(lambda text: int(parse_amount(text, 0)), empty=0, **named)
        self.widget.attrs.update(inputmode="numeric")


def _text(label: Any, *, required: bool = False, most: int = 120, hint: Any = "") -> Any:
    field = forms.CharField(
        label=label,
        required=required,
        help_text=hint,
        error_messages={"required": _("This is empty. Fill it in.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": most}),
    )
    # The rules are the service's; NUL would be refused before it in words of Django's.
    field.validators = [
        each for each in field.validators if not isinstance(each, ProhibitNullCharactersValidator)
    ]
    return field


def _choice(label: Any, choices: Any, **named: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, error_messages=_NONE_OF_THEM, **named)


class LotForm(forms.Form):
    """A new lot: what it is, what of it is counted, what its parts are sold for."""

    code = _text(_("Code"), required=True, most=CODE_LENGTH, hint=_("Scanned like a tag."))
    name = _text(_("Name"), required=True)
    category = _text(_("Kind"), most=40)
    kind = _choice(_("Goods"), LotKind.choices, initial=LotKind.METAL)
    mode = _choice(_("What is counted"), LotMode.choices, initial=LotMode.MEASURE)
    metal = _choice(_("Metal"), Metal.choices, initial=Metal.GOLD)
    fineness = _text(
        _("Fineness"), most=20, hint=_("Parts per thousand, or karats of gold: 22K is 916.")
    )
    stone = _text(_("Stones"), most=40, hint=_("Of a lot of stones: what they are."))
    place = _choice(_("Place"), [], required=False)
    price_mode = _choice(_("Sold for"), LotPrice.choices, initial=LotPrice.BY_RATE)
    making_mode = _choice(
        _("Making"), [choice for choice in MakingMode.choices if choice[0] != MakingMode.SLAB]
    )
    wastage_mode = _choice(_("Wastage"), WastageMode.choices)
    tax_category = _text(_("Tax category"), most=40, hint=_("Empty: as the tax pack says."))

    def __init__(self, data: Any = None, *, places: Sequence[Place], **named: Any) -> None:
        super().__init__(data, **named)
        self.places = {str(place.pk): place for place in places}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", _("Nowhere yet")),
            *((key, place.name) for key, place in self.places.items()),
        ]
        # A price per gram or carat is a rate, and may be finer than the money that is paid.
        self.fields["price_value"] = RateField(
            decimals=4,
            label=_("Price"),
            required=False,
            empty=Decimal(0),
            help_text=_("Of a gram, a carat or a piece; empty with the day's rate."),
        )
        self.fields["making_value"] = AmountField(
            exponent=4, label=_("Making value"), required=False, empty=Decimal(0)
        )
        self.fields["wastage_value"] = AmountField(
            exponent=4, label=_("Wastage value"), required=False, empty=Decimal(0)
        )
        self.lot: NewLot | None = None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        fineness = None
        if given.get("kind") == LotKind.METAL:
            try:
                fineness = parse_fineness(given.get("fineness", ""), metal=given.get("metal", ""))
            except Unreadable as unreadable:
                self.add_error("fineness", str(unreadable))
        if not self.errors:
            metal = given["kind"] == LotKind.METAL
            self.lot = NewLot(
                code=given["code"],
                name=given["name"],
                category=given["category"],
                kind=given["kind"],
                mode=given["mode"],
                metal=given["metal"] if metal else "",
                fineness=fineness,
                stone="" if metal else given["stone"],
                place=self.places.get(given["place"]),
                **_prices(given),
                tax_category=given["tax_category"],
            )
        return given


_WHAT_IT_IS: Final = ("code", "kind", "mode", "metal", "fineness", "stone")


class TermsForm(LotForm):
    """Name, place and price of a lot that is there: what it is stays."""

    def __init__(self, data: Any = None, *, lot: Lot, places: Sequence[Place]) -> None:
        initial = {name: getattr(lot, name) for name in (*self.base_fields, "place_id")}
        if lot.making_mode in _MONEY_MODES:
            initial["making_value"] = in_shown_unit(lot.making_value, reading().home)
        initial["place"] = str(lot.place_id or "")
        super().__init__(data, places=places, initial=initial)
        self.of = lot
        for name in _WHAT_IT_IS:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not self.errors:
            lot = self.of
            self.lot = NewLot(
                code=lot.code,
                kind=lot.kind,
                mode=lot.mode,
                metal=lot.metal,
                fineness=lot.fineness,
                stone=lot.stone,
                name=given["name"],
                category=given["category"],
                place=self.places.get(given["place"]),
                tax_category=given["tax_category"],
                **_prices(given),
            )
        return given


def _prices(given: dict[str, Any]) -> dict[str, Any]:
    prices = {
        name: given[name]
        for part in ("price", "making", "wastage")
        for name in (f"{part}_mode", f"{part}_value")
    }
    if given["making_mode"] in _MONEY_MODES:
        prices["making_value"] = in_currency(given["making_value"], reading().home)
    return prices


class _HowMuch(forms.Form):
    """Pieces and weight, as far as the lot counts them."""

    def ask(self, lot: Lot) -> None:
        fields: dict[str, forms.Field] = {}
        if lot.mode != LotMode.MEASURE:
            fields["pieces"] = CountField(label=_("Pieces"), required=False)
        if lot.kind == LotKind.METAL:
            fields["grams"] = GramsField(label=_("Grams"), required=False, empty=Decimal(0))
        else:
            fields["carats"] = AmountField(
                exponent=5, label=_("Carats"), required=False, empty=Decimal(0)
            )
        # Not required of the form: the service says which of them a lot of this mode needs.
        counted = lot.mode in (LotMode.PER_PIECE, LotMode.PIECE_AND_MEASURE)
        for name, field in fields.items():
            needed = counted if name == "pieces" else lot.mode != LotMode.PER_PIECE
            field.needed = needed and lot.mode != LotMode.MIXED  # type: ignore[attr-defined]
        self.fields = {**fields, **self.fields}

    @property
    def quantity(self) -> Quantity:
        """Only of a valid form."""
        given = self.cleaned_data
        return Quantity(
            pieces=given.get("pieces") or 0,
            grams=given.get("grams") or Decimal(0),
            carats=given.get("carats") or Decimal(0),
        )


class MoreForm(_HowMuch, KeyedForm):
    """What comes into a lot, and what it cost."""

    def __init__(self, *given: Any, lot: Lot, code: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["cost"] = AmountField(code=code, label=_("Cost of it all"))
        self.fields["reference"] = _text(
            _("Invoice or note"), most=40, hint=_("What its history says.")
        )
        self.ask(lot)


class PartForm(_HowMuch, KeyedForm):
    """What is drawn from a lot, as a piece."""

    def __init__(self, *given: Any, lot: Lot, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["tag"] = _text(
            _("Tag"), most=30, hint=_("Empty: the code of the lot and a number.")
        )
        self.ask(lot)


class LostForm(_HowMuch, ApprovedForm):
    """What is written off of a lot, and why."""

    def __init__(self, *given: Any, lot: Lot, **named: Any) -> None:
        super().__init__(*given, **named)
        self.ask(lot)
