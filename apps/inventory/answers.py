"""A piece as the API tells it: money and weights are strings."""

from datetime import datetime
from decimal import Decimal

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


def _money(amount: Decimal | None, places: int) -> str | None:
    return None if amount is None else f"{amount:.{places}f}"


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
    certificate_lab: str
    certificate_fee: str | None
    price: StonePriceOut

    @staticmethod
    def of(part: StonePart, places: int) -> "StoneOut":
        return StoneOut(
            kind=part.kind,
            pieces=part.count,
            carats=plain(part.carats),
            certificate=part.certificate,
            certificate_lab=part.certificate_lab,
            certificate_fee=_money(part.certificate_fee, places),
            price=StonePriceOut(
                mode=StonePriceMode(part.price_mode), value=plain(part.price_value)
            ),
        )


class MakingOut(Schema):
    mode: MakingMode
    value: str
    basis: MakingBasis
    table: str = Field(description="Of mode `slab`: the code of a making table.")


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
    profit_percent: str | None = Field(description="Null: as the shop's policy says.")
    tax_category: str = Field(description="Empty: as the tax pack says.")
    hallmark: str
    hallmark_fee: str | None = Field(description="Null: as the shop's policy says.")
    margin_purchase_price: str | None = Field(
        description="Of a piece under the margin scheme; for owners and managers."
    )
    cost: str | None = Field(description="For owners and managers; null for everybody else.")
    place: str | None
    arrived_at: datetime

    @staticmethod
    def of(whole: WholePiece, *, code: str, with_cost: bool) -> "PieceOut":
        """`code`: the shop's currency, whose decimals amounts have."""
        piece = whole.piece
        places = currency(code).exponent
        return PieceOut(
            tag=piece.tag,
            name=piece.name,
            category=piece.category,
            state=PieceState(piece.state),
            metals=[MetalOut.of(part) for part in whole.metals],
            stones=[StoneOut.of(part, places) for part in whole.stones],
            gross_weight_g=None if piece.gross_weight_g is None else f"{piece.gross_weight_g:.3f}",
            making=MakingOut(
                mode=MakingMode(piece.making_mode),
                value=plain(piece.making_value),
                basis=MakingBasis(piece.making_basis),
                table=piece.making_table,
            ),
            wastage=WastageOut(
                mode=WastageMode(piece.wastage_mode), value=plain(piece.wastage_value)
            ),
            fixed_price=_money(piece.fixed_price, places),
            profit_percent=None if piece.profit_percent is None else plain(piece.profit_percent),
            tax_category=piece.tax_category,
            hallmark=piece.hallmark,
            hallmark_fee=_money(piece.hallmark_fee, places),
            margin_purchase_price=_money(
                piece.margin_purchase_price if with_cost else None, places
            ),
            cost=_money(piece.cost if with_cost else None, places),
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
