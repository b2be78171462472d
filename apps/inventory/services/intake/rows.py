"""From one row of text to a piece, or to the reasons why it is none. Asks no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.inventory.models import MakingBasis, MakingMode, StonePriceMode, WastageMode
from apps.inventory.services.amounts import check_amounts
from apps.inventory.services.intake.cells import CellReader, Problem, Surroundings
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    STONE_FIELDS,
    metal_field,
    stone_field,
)
from apps.inventory.services.new_pieces import (
    NewMetal,
    NewPiece,
    NewStone,
    PieceImpossible,
    check,
)
from apps.inventory.services.shop_words import check_words
from apps.pricing.models import Metal

_ZERO: Final = Decimal(0)
_MONEY_MODES: Final = (MakingMode.PER_GRAM, MakingMode.PER_PIECE)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its cells by field, and as they stand in the file."""

    line: int
    raw: list[str]
    cells: Mapping[str, str]


class RowRefused(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


def piece_of(cells: Mapping[str, str], around: Surroundings) -> NewPiece:
    """The piece that a row describes. Raises RowRefused, with every cell that cannot be read."""
    reader = CellReader(cells, around)
    metals = [each for n in around.metals if (each := _metal(reader, n))]
    stones = [made for n in around.stones if (made := _stone(reader, n))]
    making, wastage = _making(reader), _wastage(reader)
    table = reader.text("making_table")
    piece = NewPiece(
        tag=reader.text("tag"),
        name=reader.text("name"),
        category=reader.text("category"),
        metals=tuple(metal for _n, metal in metals),
        stones=tuple(stone for _n, stone in stones),
        gross_weight_g=reader.grams("gross_weight_g"),
        making_mode=making[0] or (MakingMode.SLAB if table else MakingMode.NONE),
        making_value=making[1],
        making_basis=reader.word("making_basis", MakingBasis, MakingBasis.NET),
        making_table=table,
        wastage_mode=wastage[0],
        wastage_value=wastage[1],
        fixed_price=reader.money("fixed_price"),
        profit_percent=reader.charge("profit_percent", of_money=False),
        tax_category=reader.text("tax_category"),
        hallmark=reader.text("hallmark"),
        hallmark_fee=reader.money("hallmark_fee"),
        margin_purchase_price=reader.money("margin_purchase_price"),
        cost=reader.money("cost") or _ZERO,
        place=reader.place(),
    )
    if not reader.problems:
        try:
            check(piece)
            check_amounts(piece, code=around.code)
            check_words(piece, around.words)
        except PieceImpossible as impossible:
            name = _field(
                impossible.field, [n for n, _metal in metals], [n for n, _stone in stones]
            )
            reader.problems.append(
                Problem(name, cells.get(name, "") or impossible.value, impossible.reason)
            )
    if reader.problems:
        raise RowRefused(reader.problems)
    return piece


def _metal(reader: CellReader, n: int) -> tuple[int, NewMetal] | None:
    names = [metal_field(part, n) for part in METAL_FIELDS]
    if not any(reader.cells.get(name, "").strip() for name in names):
        return None
    metal = reader.word(names[0], Metal, "")
    fineness, net = reader.fineness(names[1], metal), reader.grams(names[2])
    for name, missing in zip(names, (metal == "", fineness is None, net is None), strict=True):
        if missing and not reader.text(name):
            reader.refuse(name, _("Metal, fineness and net weight belong together. Write all."))
    if not metal or fineness is None or net is None:
        return None
    return n, NewMetal(metal=metal, fineness=fineness, net_weight_g=net)


def _stone(reader: CellReader, n: int) -> tuple[int, NewStone] | None:
    names = {part: stone_field(part, n) for part in STONE_FIELDS}
    if not any(reader.cells.get(name, "").strip() for name in names.values()):
        return None
    price = reader.charge(names["price"], of_money=True)
    # The price of the stones, where nobody says of which of them.
    usual = StonePriceMode.NONE if price is None else StonePriceMode.FIXED
    pieces = reader.count(names["pieces"])
    return n, NewStone(
        kind=reader.text(names["kind"]),
        count=1 if pieces is None else pieces,
        carats=reader.carats(names["carats"]) or _ZERO,
        certificate=reader.text(names["certificate"]),
        price_mode=reader.word(names["price_mode"], StonePriceMode, usual),
        price_value=price or _ZERO,
        certificate_lab=reader.text(names["lab"]),
        certificate_fee=reader.money(names["certificate_fee"]),
    )


def _making(reader: CellReader) -> tuple[str, Decimal]:
    mode = reader.word("making_mode", MakingMode, "")
    value = reader.charge("making_value", of_money=mode in _MONEY_MODES)
    if value and not reader.text("making_mode"):
        reader.refuse("making_mode", _says_how(MakingMode.values))
    return mode, value or _ZERO


def _wastage(reader: CellReader) -> tuple[str, Decimal]:
    mode = reader.word("wastage_mode", WastageMode, "")
    value = reader.charge("wastage_value", of_money=False)
    if value and not reader.text("wastage_mode"):
        reader.refuse("wastage_mode", _says_how(WastageMode.values))
    return mode or WastageMode.NONE, value or _ZERO


def _says_how(known: list[str]) -> str:
    return _("There is a charge, but not how it counts. Write one of %(known)s.") % {
        "known": ", ".join(known)
    }


def _field(path: str, metals: list[int], stones: list[int]) -> str:
    """The column of a path that `check` names: "stones.0.price.value" → stone_1_price."""
    first, *rest = path.split(".")
    if first == "metals" and rest:
        return metal_field(rest[1], metals[int(rest[0])])
    if first == "stones":
        part = "_".join(rest[1:]).removesuffix("_value")
        part = "lab" if part == "certificate_lab" else part
        return stone_field(part, stones[int(rest[0])])
    if first == "metals":
        return "metal"
    return "_".join([first, *rest])
