"""Doors for programs: the lots, and a part drawn of one."""

from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import Carats, Grams, IdempotencyKey, Tag
from apps.core.units import currency, format_permille, plain
from apps.inventory.answers import PieceOut
from apps.inventory.permissions import keeps_stock
from apps.inventory.selectors import piece_by_tag
from apps.lots.models import Lot
from apps.lots.selectors import lot_by_code, lots_listed
from apps.lots.services import draw
from apps.shops.access import MemberRequest

router = Router(tags=["lots"])
_PROBLEMS = {**PROBLEMS, 404: ProblemOut, 409: ProblemOut}
_MOST_LISTED = 500
Code = Annotated[str, Field(min_length=1, max_length=20)]


class LotOut(Schema):
    """What a lot is and holds now. Money and weights are strings."""

    code: str
    name: str
    category: str
    kind: str
    mode: str
    metal: str
    fineness: str | None = Field(description="Parts per thousand; null for stones.")
    stone: str
    place: str | None
    price_mode: str
    price: str
    pieces: int
    grams: str
    carats: str
    cost: str | None = Field(description="Null for who may not see costs.")

    @classmethod
    def of(cls, lot: Lot, *, code: str, with_cost: bool) -> "LotOut":
        return cls(
            code=lot.code,
            name=lot.name,
            category=lot.category,
            kind=lot.kind,
            mode=lot.mode,
            metal=lot.metal,
            fineness=format_permille(lot.fineness) if lot.fineness else None,
            stone=lot.stone,
            place=lot.place.name if lot.place else None,
            price_mode=lot.price_mode,
            price=f"{lot.price_value:.4f}",
            pieces=lot.pieces,
            grams=f"{lot.grams:.3f}",
            carats=plain(lot.carats),
            cost=f"{lot.cost:.{currency(code).exponent}f}" if with_cost else None,
        )


class LotsOut(Schema):
    items: list[LotOut]


class LotPartIn(Schema):
    """How much of the lot. A weight left out is the average one, where pieces are counted."""

    model_config = ConfigDict(extra="forbid")

    pieces: int = Field(0, ge=0, le=1_000_000)
    grams: Grams = Decimal(0)
    carats: Carats = Decimal(0)
    tag: Tag | None = Field(None, description="Left out: the lot's code and a number.")


@router.get("/lots", response={200: LotsOut, **PROBLEMS}, summary="The lots")
def list_lots(request: MemberRequest) -> LotsOut:
    """Lots that hold something, by code; the first 500."""
    code, cost = request.member.shop.currency, bool(request.sees_cost)
    return LotsOut(
        items=[LotOut.of(lot, code=code, with_cost=cost) for lot in lots_listed()[:_MOST_LISTED]]
    )


@router.get("/lots/{code}", response={200: LotOut, **_PROBLEMS}, summary="One lot")
def read_lot(request: MemberRequest, code: Code) -> LotOut:
    """The lot with this code. 404: there is none."""
    return LotOut.of(
        lot_by_code(code=code),
        code=request.member.shop.currency,
        with_cost=bool(request.sees_cost),
    )


@router.post(
    "/lots/{code}/draw", response={201: PieceOut, **_PROBLEMS}, summary="Draw a part of a lot"
)
def draw_part(
    request: MemberRequest, code: Code, given: LotPartIn, key: IdempotencyKey
) -> Status[PieceOut]:
    """Make a part of the lot one piece. Repeated with its key, it answers the first.

    404: no such lot; 409: the lot holds less, the tag is taken, a key of another request.
    """
    piece = draw(
        lot=lot_by_code(code=code),
        grams=given.grams,
        pieces=given.pieces,
        carats=given.carats,
        by=request.member,
        at=timezone.now(),
        tag=given.tag,
        key=key,
    )
    return Status(
        201,
        PieceOut.of(
            piece_by_tag(tag=piece.tag),
            code=request.member.shop.currency,
            with_cost=keeps_stock(request.member),
        ),
    )
