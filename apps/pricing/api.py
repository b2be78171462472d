"""Doors for programs: the rate board, and rates that wait for a word."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import Fineness, RateAmount
from apps.core.units import EXACT, currency, format_permille, round_to
from apps.pricing.models import (
    Metal,
    MetalRate,
    RateProposal,
    RateSide,
    RateSource,
    RateUnit,
)
from apps.pricing.proposals import RateTerms, propose, refuse, take, waiting
from apps.pricing.selectors import current_rates
from apps.pricing.services import change_rate
from apps.shops.access import MemberRequest
from apps.shops.api_types import ApproverIn

router = Router(tags=["rates"])
RateReason = Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]


ProposalId = Annotated[int, Path(ge=1, lt=2**63)]
_PROBLEMS = {409: ProblemOut, **PROBLEMS}


class ProposalIn(Schema):
    """A quotation in the shop's currency, and why."""

    model_config = ConfigDict(extra="forbid")

    metal: Metal
    fineness: Fineness = Field(description="Parts per thousand, up to one decimal.")
    side: RateSide = Field(description="`sell`: what pieces are sold at; `buy`: for old metal.")
    unit: RateUnit
    amount: RateAmount = Field(description="Money for one `unit` of metal of this fineness.")
    reason: RateReason = ""

    def terms(self) -> RateTerms:
        return RateTerms(
            metal=self.metal,
            fineness=self.fineness,
            side=self.side,
            unit=self.unit,
            amount=self.amount,
        )


class RateIn(ProposalIn):
    """A quotation in the shop's currency, valid from now on."""

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
            amount=_plain(rate.amount, rate.currency),
            currency=rate.currency,
            valid_from=rate.valid_from,
            source=RateSource(rate.source),
        )


class ProposalOut(Schema):
    """A rate that somebody may not set alone. It prices nothing, and is forgotten at midnight."""

    id: int
    metal: Metal
    fineness: str
    side: RateSide
    unit: RateUnit
    amount: RateAmount
    currency: str
    reason: str
    asked_by: str = Field(description="User name.")
    asked_at: datetime
    expires_at: datetime
    outcome: str = Field(description="Empty while it waits; then `taken` or `refused`.")

    @staticmethod
    def of(proposal: RateProposal, code: str) -> "ProposalOut":
        return ProposalOut(
            id=proposal.pk,
            metal=Metal(proposal.metal),
            fineness=format_permille(proposal.fineness),
            side=RateSide(proposal.side),
            unit=RateUnit(proposal.unit),
            amount=_plain(proposal.amount, code),
            currency=code,
            reason=proposal.reason,
            asked_by=proposal.asked_by.user.username,
            asked_at=proposal.asked_at,
            expires_at=proposal.expires_at.astimezone(UTC),
            outcome=proposal.outcome,
        )


class BoardOut(Schema):
    """The quotations that price a sale now; one for each metal, fineness and side."""

    currency: str
    rates: list[RateOut]


@router.post("/rates", response={201: RateOut, **_PROBLEMS}, summary="Quote a rate")
def quote_rate(request: MemberRequest, given: RateIn) -> Status[RateOut]:
    """Quote a rate from now on; earlier ones stay in the history.

    Owners and managers quote any. Others raise what the shop sells at and lower what it buys at,
    up to the shop's limit; beyond it with an approver. 403 the other way, 409 too far.
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


@router.get(
    "/rates/proposals",
    response={200: list[ProposalOut], **PROBLEMS},
    summary="Rates that wait for approval",
)
def list_proposals(request: MemberRequest) -> list[ProposalOut]:
    """What waits for an owner's or a manager's word, the newest first."""
    code = request.member.shop.currency
    return [ProposalOut.of(one, code) for one in waiting(at=timezone.now())]


@router.post(
    "/rates/proposals",
    response={201: ProposalOut, **PROBLEMS},
    summary="Send a rate for approval",
)
def create_proposal(request: MemberRequest, given: ProposalIn) -> Status[ProposalOut]:
    """Ask for a rate that one may not set alone; it waits until the shop's day ends.

    403: the role sets no rates at all; 422: no reason, or no possible rate.
    """
    sent = propose(terms=given.terms(), reason=given.reason, by=request.member, at=timezone.now())
    return Status(201, ProposalOut.of(sent, request.member.shop.currency))


@router.post(
    "/rates/proposals/{proposal}/take",
    response={201: RateOut, **_PROBLEMS},
    summary="Set a rate that waits",
)
def take_proposal(request: MemberRequest, proposal: ProposalId) -> Status[RateOut]:
    """Let it count from now on: for an owner or a manager who did not ask for it.

    403 somebody else; 409 it waits no more.
    """
    rate = take(proposal=proposal, by=request.member, at=timezone.now())
    return Status(201, RateOut.of(rate))


@router.post(
    "/rates/proposals/{proposal}/refuse",
    response={200: ProposalOut, **_PROBLEMS},
    summary="Refuse a rate that waits",
)
def refuse_proposal(request: MemberRequest, proposal: ProposalId) -> ProposalOut:
    """Leave the rate as it was. Who may, and what is refused: as in setting it."""
    refused = refuse(proposal=proposal, by=request.member, at=timezone.now())
    return ProposalOut.of(refused, request.member.shop.currency)


def _plain(amount: Decimal, code: str) -> Decimal:
    """With the currency's decimals at least, and without the zeros of the column: 100.00."""
    written = max(0, -int(amount.normalize(EXACT).as_tuple().exponent))
    places = max(currency(code).exponent, written)
    return round_to(amount, Decimal(1).scaleb(-places))
