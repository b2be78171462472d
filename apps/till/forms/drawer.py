"""Counting a drawer: a row for each note and coin, papers, bags, trays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.fields import AmountField, GramsField, KeyedForm
from apps.core.formatting import currency_name, decimals_typed, digits, in_shown_unit
from apps.pricing.models import Metal
from apps.till.asks import Tray
from apps.till.compare import SLIPS
from apps.till.counted import Cash, Counted
from apps.till.denominations import denominations
from apps.till.forms.fields import PiecesField

# What is weighed in a bag: the metals of old gold that shops take in.
BAG_METALS: Final = (Metal.GOLD, Metal.SILVER)


@dataclass(frozen=True, slots=True)
class Row:
    """One note or coin, and the field that asks how many. `code`: its value as programs read it."""

    code: str
    value: Decimal
    is_note: bool
    field: BoundField


@dataclass(frozen=True, slots=True)
class Section:
    """One currency of the drawer."""

    code: str
    least: int  # decimals that always stand, in the unit that the reader is shown
    most: int
    rows: Sequence[Row]
    other: BoundField


class FloatForm(KeyedForm):
    """The cash of a drawer, by currency."""

    def __init__(self, *given: Any, currencies: Sequence[str], **named: Any) -> None:
        super().__init__(*given, **named)
        self.currencies = currencies
        for code in currencies:
            for one in denominations(code):
                self.fields[_piece_name(code, one.code)] = PiecesField(
                    label=gettext("How many of %(value)s %(currency)s")
                    % {
                        "value": digits(format(in_shown_unit(one.value, code), "f")),
                        "currency": currency_name(code),
                    }
                )
            self.fields[_other_name(code)] = AmountField(
                code=code,
                required=False,
                empty=Decimal(0),
                label=gettext("Other coins and notes, as a sum")
                if denominations(code)
                else gettext("All notes and coins, as a sum"),
            )

    @property
    def sections(self) -> Iterator[Section]:
        for code in self.currencies:
            least, most = decimals_typed(code)
            yield Section(
                code=code,
                least=least,
                most=most,
                rows=[
                    Row(one.code, one.value, one.is_note, self[_piece_name(code, one.code)])
                    for one in denominations(code)
                ],
                other=self[_other_name(code)],
            )

    @property
    def cash(self) -> dict[str, Cash]:
        """What was counted of each currency; only of a valid form."""
        return {
            code: Cash(
                pieces={
                    one.value: self.cleaned_data[_piece_name(code, one.code)] or 0
                    for one in denominations(code)
                },
                other=self.cleaned_data[_other_name(code)],
            )
            for code in self.currencies
        }

    @property
    def counted(self) -> Counted:
        return Counted(cash=self.cash)


class CountForm(FloatForm):
    """The drawer at its close. It knows nothing of what should be in it."""

    def __init__(
        self, *given: Any, shop_currency: str, trays: Sequence[Tray], **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self.shop_currency = shop_currency
        self.trays = trays
        labels = {"card": _("Card slips, added up"), "transfer": _("Transfers, added up")}
        for kind in SLIPS:
            self.fields[f"slip-{kind.value}"] = AmountField(
                code=shop_currency, required=False, empty=Decimal(0), label=labels[kind.value]
            )
        for metal in BAG_METALS:
            self.fields[f"bag-{metal.value}"] = GramsField(
                required=False,
                empty=Decimal(0),
                label=gettext("%(metal)s in the bag, gross") % {"metal": metal.label},
            )
        for tray in trays:
            self.fields[f"tray-{tray.place}"] = PiecesField(label=tray.name)

    @property
    def slip_fields(self) -> list[BoundField]:
        return [self[f"slip-{kind.value}"] for kind in SLIPS]

    @property
    def bag_fields(self) -> list[BoundField]:
        return [self[f"bag-{metal.value}"] for metal in BAG_METALS]

    @property
    def tray_fields(self) -> list[BoundField]:
        return [self[f"tray-{tray.place}"] for tray in self.trays]

    @property
    def counted(self) -> Counted:
        return Counted(
            cash=self.cash,
            slips={kind.value: self.cleaned_data[f"slip-{kind.value}"] for kind in SLIPS},
            bags={metal.value: self.cleaned_data[f"bag-{metal.value}"] for metal in BAG_METALS},
        )

    @property
    def seen(self) -> Mapping[int, int | None]:
        """Pieces seen by tray; None where nobody looked."""
        return {tray.place: self.cleaned_data[f"tray-{tray.place}"] for tray in self.trays}


def _piece_name(code: str, value: str) -> str:
    return f"cash-{code}-{value.replace('.', '_')}"


def _other_name(code: str) -> str:
    return f"cash-{code}-other"
