"""What pages of the stock are sent: the address of a list, a new piece, a file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import (
    MakingBasis,
    MakingMode,
    PieceState,
    Place,
    PlaceKind,
    StonePriceMode,
    WastageMode,
)
from apps.inventory.selectors import IN_THE_SHOP, Mark, Wanted
from apps.inventory.services.intake.cells import Surroundings
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    PLAIN_FIELDS,
    STONE_FIELDS,
    label_of,
    metal_field,
    stone_field,
)
from apps.inventory.services.intake.rows import RowRefused, piece_of
from apps.inventory.services.new_pieces import NewPiece
from apps.inventory.services.places import LONGEST_NAME
from apps.inventory.services.shop_words import ShopWords
from apps.pricing.labels import tax_category
from apps.pricing.models import Metal
from apps.shops.models import Branch

EVERY_STATE: Final = "all"
METALS_OF_FORM: Final = (1, 2, 3)
STONES_OF_FORM: Final = (1, 2, 3)
# Asked for by few shops, so the form keeps them folded until one is filled.
FOLDED_TERMS: Final = (
    "profit_percent", "hallmark", "hallmark_fee", "tax_category", "margin_purchase_price",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAddress:
    """A stock list as its address says it. What is no filter of ours is no filter."""

    search: str = ""
    state: str = ""  # "" is in the shop
    metal: str = ""
    category: str = ""
    place: str = ""
    oldest: bool = False
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> "ListAddress":
        def one_of(name: str, known: list[str]) -> str:
            value = given.get(name, "")
            return value if value in known else ""

        place = given.get("place", "")
        return cls(
            search=given.get("search", "").strip()[:100],
            state=one_of("state", [*PieceState.values, EVERY_STATE]),
            metal=one_of("metal", Metal.values),
            category=given.get("category", "")[:40],
            place=place if place.isascii() and place.isdigit() and len(place) < 18 else "",
            oldest=given.get("order") == "oldest",
            after=given.get("after", ""),
            before="" if given.get("after") else given.get("before", ""),
        )

    @property
    def wanted(self) -> Wanted:
        every = tuple(PieceState.values)
        states = {"": IN_THE_SHOP, EVERY_STATE: every}.get(self.state, (self.state,))
        return Wanted(
            search=self.search,
            states=states,
            metal=self.metal,
            category=self.category,
            place_id=int(self.place) if self.place else None,
        )

    @property
    def marks(self) -> dict[str, Mark | None]:
        """Raises PlaceInListUnknown."""
        return {
            "after": Mark.read(self.after) if self.after else None,
            "before": Mark.read(self.before) if self.before else None,
        }

    @property
    def is_filtered(self) -> bool:
        return bool(self.state or self.metal or self.category or self.place)

    def query(self, **changes: str) -> str:
        """This list as a query string, some of it otherwise; a change of filter begins anew."""
        parts = {
            "search": self.search,
            "state": self.state,
            "metal": self.metal,
            "category": self.category,
            "place": self.place,
            "order": "oldest" if self.oldest else "",
            **changes,
        }
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in parts.items() if value})
        return f"?{query.urlencode()}" if query else ""


class PieceForm(forms.Form):
    """One new piece, read by the same rules as a row of a file."""

    def __init__(
        self,
        data: Any = None,
        *,
        places: list[Place],
        code: str,
        words: ShopWords,
        metals: int = len(METALS_OF_FORM),
        stones: int = len(STONES_OF_FORM),
        initial: Mapping[str, str] | None = None,
        hidden: Collection[str] = (),
    ) -> None:
        """`metals`, `stones`: how many rows. `hidden`: what this person does not see, and who
        asks takes from elsewhere."""
        super().__init__(data, initial=dict(initial or {}))
        self.metals, self.stones = range(1, metals + 1), range(1, stones + 1)
        self.around = Surroundings(
            code=code,
            places={place.name: place for place in places},
            commas_are_decimals=False,
            metals=tuple(self.metals),
            stones=tuple(self.stones),
            words=words,
            typed=True,
        )
        self.piece: NewPiece | None = None
        for name in self._names():
            if name not in hidden:
                self.fields[name] = self._field(name, places)
        for name in self._needed():
            self.fields[name].needed = True  # type: ignore[attr-defined]

    def _names(self) -> list[str]:
        metals = [metal_field(part, n) for n in self.metals for part in METAL_FIELDS]
        stones = [stone_field(part, n) for n in self.stones for part in STONE_FIELDS]
        return ["tag", "name", "category", *metals, *list(PLAIN_FIELDS)[3:], *stones]

    def _needed(self) -> list[str]:
        """What this form does not require alone, and a piece has: no mark says it may be empty.

        A choice always says something. A row that is begun has its metal and weights, the first
        one unless a tag price stands for them; a charge by a mode has its value.
        """
        chosen = [
            name for name, field in self.fields.items() if isinstance(field, forms.ChoiceField)
        ]
        rows = [n for n in self.metals if n > 1 or not self._told("fixed_price")]
        weights = [metal_field(part, n) for n in rows for part in METAL_FIELDS]
        gross = [] if self._told("fixed_price") else ["gross_weight_g"]
        kinds = [stone_field("kind", n) for n in self.stones]
        modes = {"making_mode": "making_value", "wastage_mode": "wastage_value"} | {
            stone_field("price_mode", n): stone_field("price", n) for n in self.stones
        }
        values = [value for mode, value in modes.items() if self._told(mode) not in _NO_CHARGE]
        return [*chosen, *weights, *gross, *kinds, *values]

    def _told(self, name: str) -> str:
        return str(self[name].value() or "").strip()

    def _field(self, name: str, places: list[Place]) -> forms.Field:
        choices: dict[str, Any] = {
            "making_mode": [
                (mode, label)
                for mode, label in MakingMode.choices
                if mode != MakingMode.SLAB or self.around.words.tables
            ],
            "making_basis": MakingBasis.choices,
            "making_table": [("", _("None")), *((code, code) for code in self.around.words.tables)],
            "tax_category": [
                ("", _("As the tax pack says")),
                *((name, tax_category(name)) for name in self.around.words.categories),
            ],
            "wastage_mode": WastageMode.choices,
            "place": [("", _("Nowhere yet")), *((place.name, place.name) for place in places)],
            **{metal_field("metal", n): [("", "—"), *Metal.choices] for n in self.metals},
            **{stone_field("price_mode", n): StonePriceMode.choices for n in self.stones},
        }
        required = name in ("tag", "name")
        label = _SHORT_LABELS.get(name) or label_of(name)
        if name in choices:
            initial = "gold" if name == "metal" else None
            return forms.ChoiceField(
                choices=choices[name],
                required=False,
                label=label,
                initial=initial,
                error_messages={"invalid_choice": _("That is none of the choices. Choose one.")},
            )
        field = forms.CharField(
            required=required,
            label=label,
            strip=False,
            help_text=_HINTS.get(name, ""),
        )
        # Characters that cannot be stored are refused by the rules of a row, in our words.
        field.validators = [
            MaxLengthValidator(200, _("The text is longer than 200 characters. Shorten it."))
        ]
        if required:
            field.error_messages["required"] = _REQUIRED[name]
        numeric = name.endswith(("_g", "_value", "carats", "pieces", "_price", "_fee", "_percent"))
        numeric = numeric or name == "cost"
        field.widget.attrs.update(
            autocomplete="off", **({"inputmode": "decimal"} if numeric else {})
        )
        return field

    def clean(self) -> dict[str, Any]:
        cells: Mapping[str, str] = {name: self.cleaned_data.get(name, "") for name in self.fields}
        # A price mode of "none" on an empty row of stones does not make it a row.
        cells = {
            name: "" if name.endswith("price_mode") and value == StonePriceMode.NONE else value
            for name, value in cells.items()
        }
        # A metal that was only preselected, on a piece with a tag price, is none.
        if cells.get("fixed_price") and not (cells["fineness"] or cells["net_weight_g"]):
            cells = {**cells, "metal": ""}
        if not self.errors:
            try:
                self.piece = piece_of(cells, self.around)
            except RowRefused as refused:
                for problem in refused.problems:
                    self.add_error(
                        problem.field if problem.field in self.fields else None, problem.reason
                    )
        return self.cleaned_data


# A charge that is none, or asks for no value: that of a table stands in the table.
_NO_CHARGE: Final = ("", MakingMode.NONE, MakingMode.SLAB)
_SHORT_LABELS: Final = {
    "metal": _("Metal"),
    "fineness": _("Fineness"),
    "net_weight_g": _("Net weight"),
    "gross_weight_g": _("Gross weight"),
}
_HINTS: Final = {
    "fineness": _("Parts per thousand, or karats of gold: 22K is taken as 916."),
    "gross_weight_g": _("With stones and all; in grams."),
    "net_weight_g": _("Of the metal alone, in grams."),
    "fixed_price": _("Instead of a price by weight; then metal and weights may stay empty."),
    "profit_percent": _("Of metal and making. Empty: as the shop's rules say."),
    "hallmark": _("HUID, or the number of the mark."),
    "hallmark_fee": _("Empty: as the shop's rules say. 0: none."),
    "margin_purchase_price": _("Only of a second-hand piece that is sold under the margin scheme."),
}
_REQUIRED: Final = {
    "tag": _("The tag is empty. Write it as it is printed."),
    "name": _("The piece has no name. Write what it is."),
}


class PlaceForm(forms.Form):
    """One more place. The branch is asked for where there are several."""

    # Its rules are the service's; NUL would be refused before it in words of Django's.
    name = forms.CharField(
        label=_("Name"),
        strip=False,
        error_messages={"required": _("The place has no name. Write what people call it.")},
        help_text=_("As it is written on it: Tray 7, Safe, Window left."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": LONGEST_NAME}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=PlaceKind.choices, initial=PlaceKind.TRAY)
    at = forms.ChoiceField(label=_("Branch"))

    def __init__(self, data: Any = None, *, branches: Sequence[Branch]) -> None:
        super().__init__(data)
        self.branches = {str(branch.pk): branch for branch in branches}
        self.fields["name"].validators = []
        self.fields["at"].choices = [  # type: ignore[attr-defined]
            (key, branch.name) for key, branch in self.branches.items()
        ]
        for name in ("kind", "at"):
            self.fields[name].error_messages = dict.fromkeys(
                ("required", "invalid_choice"), _("That is none of the choices. Choose one.")
            )
        if len(self.branches) == 1:
            del self.fields["at"]

    @property
    def branch(self) -> Branch:
        """Where the place is; only of a valid form."""
        only = next(iter(self.branches))
        return self.branches[self.cleaned_data.get("at", only)]


class FileForm(forms.Form):
    """A file of pieces."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or a product export of Shopify; at most 50,000 rows."),
        error_messages={
            "required": _("No file was chosen. Choose the file that holds the pieces."),
            "empty": _("The file is empty. Choose the file that holds the pieces."),
        },
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


def columns_from(given: QueryDict) -> dict[int, str]:
    """Column number → field, as the selects `column-0`, `column-1` … say it."""
    named: dict[int, str] = {}
    for name, value in given.items():
        prefix, _dash, number = name.partition("-")
        if prefix == "column" and number.isascii() and number.isdigit() and len(number) < 4:
            named[int(number)] = str(value)
    return named
