"""A piece as the API tells it: money and weights are strings."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from apps.core.units import currency, format_permille, karat_label, plain
from apps.inventory.models import (
    MakingBasis,
    MakingMode,
    PieceState,
    StonePriceMode,
    WastageMode,
)
from apps.inventory.selectors import MetalPart, StonePart, WholePiece


class MetalOut(Schema):
    metal: str
    fineness: str = Field(description="Parts per thousand.")
    karat: str = Field(description="What the trade calls it, or an empty string.")
    net_weight_g: str
    fine_weight_g: str

    @staticmethod
    def of(part: MetalPart) -> "MetalOut":
        return MetalOut(
            metal=part.metal,
            fineness=format_permille(part.fineness),
            karat=karat_label(part.metal, part.fineness),
            net_weight_g=f"{part.net_weight_g:.3f}",
            fine_weight_g=f"{part.fine_weight_g:.3f}",
        )


class StonePriceOut(Schema):
    mode: StonePriceMode
    value: str


class StoneOut(Schema):
    kind: str
    pieces: int
    carats: str
    certificate: str
    price: StonePriceOut

    @staticmethod
    def of(part: StonePart) -> "StoneOut":
        return StoneOut(
            kind=part.kind,
            pieces=part.count,
            carats=plain(part.carats),
            certificate=part.certificate,
            price=StonePriceOut(
                mode=StonePriceMode(part.price_mode), value=plain(part.price_value)
            ),
        )


class MakingOut(Schema):
    mode: MakingMode
    value: str
    basis: MakingBasis


class WastageOut(Schema):
    mode: WastageMode
    value: str


class PieceOut(Schema):
    tag: str
    name: str
    category: str
    state: PieceState
    metals: list[MetalOut]
    stones: list[StoneOut]
    gross_weight_g: str | None
    making: MakingOut
    wastage: WastageOut
    fixed_price: str | None = Field(description="A tag price; null prices by weight.")
    cost: str | None = Field(description="For owners and managers; null for everybody else.")
    place: str | None
    arrived_at: datetime

    @staticmethod
    def of(whole: WholePiece, *, code: str, with_cost: bool) -> "PieceOut":
        """`code`: the shop's currency, whose decimals amounts have."""
        piece = whole.piece
        places = currency(code).exponent
        fixed = piece.fixed_price
        return PieceOut(
            tag=piece.tag,
            name=piece.name,
            category=piece.category,
            state=PieceState(piece.state),
            metals=[MetalOut.of(part) for part in whole.metals],
            stones=[StoneOut.of(part) for part in whole.stones],
            gross_weight_g=None if piece.gross_weight_g is None else f"{piece.gross_weight_g:.3f}",
            making=MakingOut(
                mode=MakingMode(piece.making_mode),
                value=plain(piece.making_value),
                basis=MakingBasis(piece.making_basis),
            ),
            wastage=WastageOut(
                mode=WastageMode(piece.wastage_mode), value=plain(piece.wastage_value)
            ),
            fixed_price=None if fixed is None else f"{fixed:.{places}f}",
            cost=f"{piece.cost:.{places}f}" if with_cost else None,
            place=piece.place.name if piece.place else None,
            arrived_at=piece.arrived_at,
        )


class PiecesOut(Schema):
    """One page of the list, newest first."""

    items: list[PieceOut]
    page: int
    page_size: int
    has_next: bool
    has_previous: bool
