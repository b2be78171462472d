"""What lies in the demo shops: names, weights and terms, the same on every machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from typing import Final

from apps.core.units import GRAMS_PER, round_grams
from apps.inventory.models import Place
from apps.inventory.services.new_pieces import NewMetal, NewPiece, NewStone


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of piece the shop keeps several of; each weighs a little differently."""

    letter: str
    category: str
    names: tuple[str, ...]
    metal: str
    fineness: tuple[int, ...]
    net_weight_g: Decimal
    making: tuple[str, str]  # mode, value
    cost_per_g: Decimal
    pieces: int
    stone: tuple[str, str, str] | None = None  # kind, carats, price per carat


_GULF: Final = (
    Kind(
        letter="R",
        category="ring",
        names=("Solitaire ring", "Eternity band", "Signet ring", "Halo ring", "Plain band, 3 mm"),
        metal="gold",
        fineness=(7500, 7500, 9160, 5850),
        net_weight_g=Decimal("3.850"),
        making=("per_gram", "95"),
        cost_per_g=Decimal(390),
        pieces=14,
        stone=("Diamond", "0.31", "6200"),
    ),
    Kind(
        letter="B",
        category="bangle",
        names=("Plain bangle, 60 mm", "Hinged bangle", "Filigree bangle"),
        metal="gold",
        fineness=(9160, 9160, 8750),
        net_weight_g=Decimal("18.420"),
        making=("percent_of_metal", "8"),
        cost_per_g=Decimal(428),
        pieces=12,
    ),
    Kind(
        letter="C",
        category="chain",
        names=("Rope chain, 45 cm", "Box chain, 50 cm", "Figaro chain"),
        metal="gold",
        fineness=(8750, 7500),
        net_weight_g=Decimal("7.350"),
        making=("per_gram", "28"),
        cost_per_g=Decimal(405),
        pieces=12,
    ),
    Kind(
        letter="E",
        category="earrings",
        names=("Studs, round", "Hoops, 20 mm", "Drop earrings"),
        metal="gold",
        fineness=(7500, 5850),
        net_weight_g=Decimal("4.610"),
        making=("per_piece", "260"),
        cost_per_g=Decimal(372),
        pieces=10,
    ),
    Kind(
        letter="S",
        category="bracelet",
        names=("Curb bracelet", "Bead bracelet"),
        metal="silver",
        fineness=(9250,),
        net_weight_g=Decimal("21.300"),
        making=("per_gram", "6.50"),
        cost_per_g=Decimal("4.40"),
        pieces=8,
    ),
    Kind(
        letter="P",
        category="ring",
        names=("Wedding band, comfort fit", "Knife-edge band"),
        metal="platinum",
        fineness=(9500,),
        net_weight_g=Decimal("6.120"),
        making=("per_piece", "540"),
        cost_per_g=Decimal(171),
        pieces=5,
    ),
    Kind(
        letter="D",
        category="pendant",
        names=("Locket, oval",),
        metal="palladium",
        fineness=(9500,),
        net_weight_g=Decimal("5.240"),
        making=("per_piece", "310"),
        cost_per_g=Decimal(140),
        pieces=3,
    ),
)
_MUMBAI: Final = (
    Kind(
        letter="R",
        category="ring",
        names=("Temple ring", "Vanki ring", "Solitaire ring"),
        metal="gold",
        fineness=(9160, 9160, 7500),
        net_weight_g=Decimal("4.250"),
        making=("percent_of_metal", "14"),
        cost_per_g=Decimal(11_400),
        pieces=8,
        stone=("Diamond", "0.12", "62000"),
    ),
    Kind(
        letter="B",
        category="bangle",
        names=("Kada, 58 mm", "Filigree bangle"),
        metal="gold",
        fineness=(9160,),
        net_weight_g=Decimal("21.600"),
        making=("percent_of_metal", "11"),
        cost_per_g=Decimal(11_250),
        pieces=6,
    ),
    Kind(
        letter="S",
        category="anklet",
        names=("Payal, bells",),
        metal="silver",
        fineness=(9250,),
        net_weight_g=Decimal("48.200"),
        making=("per_gram", "18"),
        cost_per_g=Decimal(122),
        pieces=5,
    ),
)
# Factors on the weight of a kind, so that no two neighbours weigh the same.
_FACTORS: Final = ("1", "0.935", "1.12", "0.88", "1.047", "1.21", "0.974")


def gulf_pieces(places: list[Place]) -> list[NewPiece]:
    """The pieces of the shop in Dubai; the first of each kind carries a tag to remember."""
    return list(pieces_of(_GULF, places))


def mumbai_pieces(places: list[Place]) -> list[NewPiece]:
    """The pieces of the shop in Mumbai."""
    return list(pieces_of(_MUMBAI, places))


def pieces_of(kinds: tuple[Kind, ...], places: list[Place]) -> Iterator[NewPiece]:
    where = cycle(places)
    for kind in kinds:
        for number, factor in zip(range(kind.pieces), cycle(_FACTORS), strict=False):
            yield _piece(kind, number, Decimal(factor), next(where))


def _piece(kind: Kind, number: int, factor: Decimal, place: Place) -> NewPiece:
    net_g = round_grams(kind.net_weight_g * factor)
    with_stone = kind.stone is not None and number % 2 == 0
    stones = (_stone(kind.stone, number),) if kind.stone and with_stone else ()
    stones_g = sum((stone.carats * GRAMS_PER["ct"] for stone in stones), Decimal(0))
    mode, value = kind.making
    name = kind.names[number % len(kind.names)]
    return NewPiece(
        tag=f"{kind.letter}{10482 + 317 * number}",
        name=name,
        category=kind.category,
        metals=(
            NewMetal(
                metal=kind.metal,
                fineness=kind.fineness[number % len(kind.fineness)],
                net_weight_g=net_g,
            ),
        ),
        stones=stones,
        gross_weight_g=round_grams(net_g + stones_g),
        making_mode=mode,
        making_value=Decimal(value),
        cost=(net_g * kind.cost_per_g).quantize(Decimal(1)),
        place=place,
    )


def _stone(stone: tuple[str, str, str], number: int) -> NewStone:
    kind, carats, per_carat = stone
    return NewStone(
        kind=kind,
        carats=Decimal(carats) + Decimal("0.05") * number,
        certificate=f"IGI {640_112_300 + 41 * number}",
        price_mode="per_carat",
        price_value=Decimal(per_carat),
    )
