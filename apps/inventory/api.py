"""Doors for programs: the stock."""

from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import BeforeValidator, ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut, demand_known
from apps.core.api_types import Carats, Fineness, Grams, Money, Percent, Tag, Text, Word
from apps.inventory.answers import PieceOut, PiecesOut
from apps.inventory.hand_api import router as hand
from apps.inventory.models import (
    MakingBasis,
    MakingMode,
    PieceState,
    StonePriceMode,
    WastageMode,
)
from apps.inventory.permissions import demand_keeper
from apps.inventory.selectors import PAGE_SIZE, Wanted, page_by_number, piece_by_tag, place_named
from apps.inventory.services.new_pieces import NewMetal, NewPiece, NewStone
from apps.inventory.services.take_in import take_in
from apps.pricing.models import Metal
from apps.shops.access import MemberRequest

router = Router(tags=["inventory"])
router.add_router("", hand)
_PROBLEMS = {**PROBLEMS, 404: ProblemOut, 409: ProblemOut}


class _Sent(Schema):
    model_config = ConfigDict(extra="forbid")


class MetalIn(_Sent):
    metal: Metal
    fineness: Fineness = Field(description="Parts per thousand, up to one decimal.")
    net_weight_g: Grams


class StonePriceIn(_Sent):
    mode: StonePriceMode
    value: Money = Decimal(0)


class StoneIn(_Sent):
    kind: Word
    pieces: int = Field(1, ge=1, le=100_000)
    carats: Carats = Decimal(0)
    certificate: Annotated[Text, Field(max_length=60)] = ""
    certificate_lab: Annotated[Text, Field(max_length=20)] = ""
    certificate_fee: Money | None = Field(None, description="Left out: as the shop's policy says.")
    price: StonePriceIn = Field(
        default_factory=lambda: StonePriceIn.model_validate({"mode": "none"})
    )


class MakingIn(_Sent):
    mode: MakingMode
    value: Money = Field(Decimal(0), description="Percent, or money per gram or per piece.")
    basis: MakingBasis = Field(
        MakingBasis.NET,
        description="The grams a charge per gram counts, or what a percent is of.",
    )
    table: Annotated[Text, Field(max_length=20)] = Field(
        "", description="Of mode `slab`: the code of a making table."
    )


class WastageIn(_Sent):
    mode: WastageMode
    value: Money = Field(Decimal(0), description="Percent, or grams.")


class PieceIn(_Sent):
    """A piece that comes into the stock. By weight with a gross weight, or with a `fixed_price`."""

    tag: Tag
    name: Annotated[Text, Field(min_length=1)]
    category: Annotated[Text, Field(max_length=40)] = ""
    metals: list[MetalIn] = Field([], max_length=8)
    gross_weight_g: Grams | None = None
    stones: list[StoneIn] = Field([], max_length=20)
    making: MakingIn = Field(default_factory=lambda: MakingIn.model_validate({"mode": "none"}))
    wastage: WastageIn = Field(default_factory=lambda: WastageIn.model_validate({"mode": "none"}))
    fixed_price: Money | None = None
    profit_percent: Percent | None = Field(None, description="Left out: as the shop's policy says.")
    tax_category: Annotated[Text, Field(max_length=40)] = Field(
        "", description="Left out: as the tax pack says."
    )
    hallmark: Annotated[Text, Field(max_length=20)] = Field("", description="HUID or number.")
    hallmark_fee: Money | None = Field(None, description="Left out: as the shop's policy says.")
    margin_purchase_price: Money | None = Field(
        None, description="What a second-hand piece was bought for: sold under the margin scheme."
    )
    cost: Money = Decimal(0)
    place: Annotated[Text, Field(max_length=40)] | None = Field(
        None, description="The name of a place of this shop."
    )

    def piece(self) -> NewPiece:
        """The terms of the piece. Raises PlaceNotFound."""
        return NewPiece(
            tag=self.tag,
            name=self.name.strip(),
            category=self.category.strip(),
            metals=tuple(
                NewMetal(metal=part.metal, fineness=part.fineness, net_weight_g=part.net_weight_g)
                for part in self.metals
            ),
            stones=tuple(
                NewStone(
                    kind=part.kind,
                    count=part.pieces,
                    carats=part.carats,
                    certificate=part.certificate.strip(),
                    price_mode=part.price.mode,
                    price_value=part.price.value,
                    certificate_lab=part.certificate_lab.strip(),
                    certificate_fee=part.certificate_fee,
                )
                for part in self.stones
            ),
            gross_weight_g=self.gross_weight_g,
            making_mode=self.making.mode,
            making_value=self.making.value,
            making_basis=self.making.basis,
            making_table=self.making.table,
            wastage_mode=self.wastage.mode,
            wastage_value=self.wastage.value,
            fixed_price=self.fixed_price,
            profit_percent=self.profit_percent,
            tax_category=self.tax_category,
            hallmark=self.hallmark.strip(),
            hallmark_fee=self.hallmark_fee,
            margin_purchase_price=self.margin_purchase_price,
            cost=self.cost,
            place=place_named(self.place) if self.place else None,
        )


def _or(default: object) -> BeforeValidator:
    """A parameter that is there but empty is as good as left out."""
    return BeforeValidator(lambda given: default if given == "" else given)


class PieceFilter(Schema):
    search: str = Field(
        "", max_length=100, description="Words that occur in tag, name, category or certificate."
    )
    status: Annotated[PieceState | None, _or(None)] = Field(
        None, description="Left out or empty: pieces in every state."
    )
    metal: Annotated[Metal | None, _or(None)] = None
    category: Annotated[Text, Field(max_length=40)] = ""
    page: Annotated[int, _or(1)] = Field(1, ge=1, le=100_000)


@router.post("/pieces", response={201: PieceOut, **_PROBLEMS}, summary="Take a piece in")
def take_piece_in(request: MemberRequest, given: PieceIn) -> Status[PieceOut]:
    """Put one new piece into the stock. For owners and managers. 409: the tag is taken."""
    demand_keeper(request.member)
    piece = take_in(piece=given.piece(), by=request.member, at=timezone.now())
    return Status(201, _told(request, piece.tag))


@router.get("/pieces", response={200: PiecesOut, **PROBLEMS}, summary="Search the stock")
def list_pieces(request: MemberRequest, wanted: Query[PieceFilter]) -> PiecesOut:
    """Pieces, newest first, 50 a page; every word of `search` occurs in each."""
    demand_known(request, PieceFilter)
    page = page_by_number(
        Wanted(
            search=wanted.search,
            states=(wanted.status,) if wanted.status else tuple(PieceState.values),
            metal=wanted.metal or "",
            category=wanted.category,
        ),
        page=wanted.page,
    )
    code = request.member.shop.currency
    with_cost = bool(request.sees_cost)
    return PiecesOut(
        items=[PieceOut.of(whole, code=code, with_cost=with_cost) for whole in page.pieces],
        page=wanted.page,
        page_size=PAGE_SIZE,
        has_next=page.after is not None,
        has_previous=wanted.page > 1,
    )


@router.get("/pieces/{path:tag}", response={200: PieceOut, **_PROBLEMS}, summary="One piece")
def read_piece(request: MemberRequest, tag: str) -> PieceOut:
    """The piece with this tag, whatever its state."""
    return _told(request, tag)


def _told(request: MemberRequest, tag: str) -> PieceOut:
    return PieceOut.of(
        piece_by_tag(tag=tag),
        code=request.member.shop.currency,
        with_cost=bool(request.sees_cost),
    )
