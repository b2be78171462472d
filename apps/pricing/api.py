"""Doors for programs: the rate board."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS
from apps.core.api_types import Fineness, RateAmount
from apps.core.units import EXACT, currency, format_permille, round_to
from apps.pricing.models import Metal, MetalRate, RateSide, RateSource, RateUnit
from apps.pricing.selectors import current_rates
from apps.pricing.services import change_rate
from apps.shops.access import MemberRequest
from apps.shops.api_types import ApproverIn

router = Router(tags=["rates"])
RateReason = Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]


class RateIn(Schema):
    """A quotation in the shop's currency, valid from now on."""

    model_config = ConfigDict(extra="forbid")

    metal: Metal
    fineness: Fineness = Field(description="Parts per thousand, up to one decimal.")
    side: RateSide = Field(description="`sell`: what pieces are sold at; `buy`: for old metal.")
    unit: RateUnit
    amount: RateAmount = Field(description="Money for one `unit` of metal of this fineness.")
    reason: RateReason = ""
    approver: ApproverIn | None = Field(
        None, description="An owner or a manager, where you may not set the rate alone."
    )


class RateOut(Schema):
    """A quotation as it is stored."""

    id: int
    metal: Metal
    fineness: str
    side: RateSide
    unit: RateUnit
    amount: RateAmount
    currency: str
    valid_from: datetime
    source: RateSource

    @staticmethod
    def of(rate: MetalRate) -> "RateOut":
        return RateOut(
            id=rate.pk,
            metal=Metal(rate.metal),
            fineness=format_permille(rate.fineness),
            side=RateSide(rate.side),
            unit=RateUnit(rate.unit),
            amount=_plain(rate),
            currency=rate.currency,
            valid_from=rate.valid_from,
            source=RateSource(rate.source),
        )


class BoardOut(Schema):
    """The quotations that price a sale now; one for each metal, fineness and side."""

    currency: str
    rates: list[RateOut]


@router.post("/rates", response={201: RateOut, **PROBLEMS}, summary="Quote a rate")
def quote_rate(request: MemberRequest, given: RateIn) -> Status[RateOut]:
    """Quote a rate from now on; earlier ones stay in the history.

    Owners and managers quote any. Others raise what the shop sells at and lower what it buys at,
    up to the shop's limit; beyond it with an approver.
    """
    rate = change_rate(
        shop=request.member.shop,
        metal=given.metal,
        fineness=given.fineness,
        side=given.side,
        unit=given.unit,
        amount=given.amount,
        at=timezone.now(),
        by=request.member,
        reason=given.reason,
        approver=given.approver.approver() if given.approver else None,
        confirmed=True,
        source=RateSource.API,
    )
    return Status(201, RateOut.of(rate))


@router.get("/rates", response={200: BoardOut, **PROBLEMS}, summary="Today's board")
def read_board(request: MemberRequest) -> BoardOut:
    """The rates a sale would be priced at now. Older ones are history and not listed."""
    shop = request.member.shop
    rates = current_rates(shop=shop, at=timezone.now())
    return BoardOut(currency=shop.currency, rates=[RateOut.of(rate) for rate in rates])


def _plain(rate: MetalRate) -> Decimal:
    """With the currency's decimals at least, and without the zeros of the column: 100.00."""
    written = max(0, -int(rate.amount.normalize(EXACT).as_tuple().exponent))
    places = max(currency(rate.currency).exponent, written)
    return round_to(rate.amount, Decimal(1).scaleb(-places))
