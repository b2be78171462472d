"""The API of old gold: buying it, and looking a slip up."""

from base64 import b64decode
from binascii import Error as NotBase64
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import BeforeValidator, ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import (
    Fineness,
    Grams,
    IdempotencyKey,
    Money,
    RateAmount,
    Share,
    Tag,
    Text,
    Word,
)
from apps.core.units import currency, format_permille, plain
from apps.customers.api_types import PassesCashIn
from apps.pricing.models import Metal
from apps.purchasing.models import HowTested, OldGoldItem, OldGoldSlip, Purpose
from apps.purchasing.selectors.slips import items_of, payments_of, slip_by_code
from apps.purchasing.services.buy import buy
from apps.purchasing.services.offers import MOST_ITEMS, MOST_PHOTOS, NewItem, Offer, PaidBy
from apps.shops.access import MemberRequest
from apps.shops.api_types import ApproverIn

router = Router(tags=["old gold"])

_PROBLEMS = {404: ProblemOut, 409: ProblemOut, **PROBLEMS}
_MOST_ENCODED = 1_400_000  # what a request may carry besides


def _picture(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > _MOST_ENCODED:
        raise ValueError(_("A photo is written in base64, 1 MB at most."))
    try:
        return b64decode(value, validate=True)
    except (NotBase64, ValueError):
        raise ValueError(_("A photo is written in base64, 1 MB at most.")) from None


Picture = Annotated[
    bytes, BeforeValidator(_picture), Field(description="JPEG, PNG or WebP, in base64.")
]


class ItemIn(Schema):
    model_config = ConfigDict(extra="forbid")

    description: Text
    metal: Literal[tuple(Metal.values)]  # type: ignore[valid-type]  # built from the choices
    gross_weight_g: Grams
    stones_g: Grams = Decimal(0)
    dirt_g: Grams = Decimal(0)
    other_g: Grams = Decimal(0)
    stated_fineness: Fineness | None = Field(None, description="What the seller says.")
    tested_fineness: Fineness
    method: Literal[tuple(HowTested.values)]  # type: ignore[valid-type]  # as above
    tester: Word | None = Field(None, description="User name. Left out: whoever buys.")
    offered_fineness: Fineness | None = Field(None, description="Left out: as tested.")
    cut_percent: Share | None = Field(None, description="Left out: the shop's.")
    rate_per_g: RateAmount | None = Field(
        None, description="Of the offered fineness. Left out: the board's buying rate."
    )
    own_tag: Tag | None = Field(None, description="Of a piece that this shop sold.")
    photos: Annotated[list[Picture], Field(max_length=MOST_PHOTOS)] = []

    def item(self) -> NewItem:
        return NewItem(
            description=self.description,
            metal=self.metal,
            gross_weight_g=self.gross_weight_g,
            stones_g=self.stones_g,
            dirt_g=self.dirt_g,
            other_g=self.other_g,
            stated_fineness=self.stated_fineness,
            tested_fineness=self.tested_fineness,
            method=self.method,
            tester=self.tester or "",
            offered_fineness=self.offered_fineness,
            cut_percent=self.cut_percent,
            rate_per_g=self.rate_per_g,
            own_tag=self.own_tag or "",
            photos=tuple(self.photos),
        )


class SlipPaymentIn(Schema):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["cash", "transfer", "store_credit"]
    amount: Money | None = Field(None, description="Left out: all that the others leave.")
    instrument: Text = ""


class SlipIn(PassesCashIn):
    model_config = ConfigDict(extra="forbid")

    customer: Annotated[int, Field(ge=1, lt=2**63)]
    purpose: Literal[tuple(Purpose.values)]  # type: ignore[valid-type]  # as above
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MOST_ITEMS)]
    payments: Annotated[list[SlipPaymentIn], Field(max_length=5)] = []
    seen_total: Money | None = Field(
        None, description="What was told the seller. Where it is another by now: 409."
    )
    note: Text = ""
    reason: Text = Field("", description="Needed where more is paid than the shop's rules give.")
    till: Word | None = Field(None, description="Code of the till. Left out: the first.")
    approver: ApproverIn | None = None

    def offer(self, key: str) -> Offer:
        return Offer(
            customer=self.customer,
            purpose=self.purpose,
            items=tuple(item.item() for item in self.items),
            key=f"api:{key}"[:80],
            payments=tuple(
                PaidBy(kind=one.kind, amount=one.amount, instrument=one.instrument)
                for one in self.payments
            ),
            seen_total=self.seen_total,
            note=self.note,
            reason=self.reason,
            register=self.till or "",
            approver=self.approver.approver() if self.approver else None,
            cash_reason=self.cash_reason,
        )


class BoughtItemOut(Schema):
    description: str
    metal: str
    gross_weight_g: str
    net_weight_g: str
    tested_fineness: str
    offered_fineness: str
    fine_weight_g: str
    cut_percent: str
    value: str
    bag: int | None

    @classmethod
    def of(cls, item: OldGoldItem, digits: int) -> "BoughtItemOut":
        return cls(
            description=item.description,
            metal=item.metal,
            gross_weight_g=f"{item.gross_weight_g:.3f}",
            net_weight_g=f"{item.net_weight_g:.3f}",
            tested_fineness=format_permille(item.tested_fineness),
            offered_fineness=format_permille(item.offered_fineness),
            fine_weight_g=f"{item.fine_weight_g:.3f}",
            cut_percent=plain(item.cut_percent),
            value=f"{item.value:.{digits}f}",
            bag=item.bag.number if item.bag else None,
        )


class SlipPaidOut(Schema):
    kind: str
    amount: str


class SlipOut(Schema):
    number: str
    state: str
    purpose: str
    bought_at: str
    currency: str
    seller: str
    items: list[BoughtItemOut]
    total: str
    claim_left: str = Field(description="What a sale may still take in payment.")
    payments: list[SlipPaidOut]
    hold_until: str | None

    @classmethod
    def of(cls, slip: OldGoldSlip) -> "SlipOut":
        digits = currency(slip.currency).exponent
        return cls(
            number=slip.code,
            state=slip.state,
            purpose=slip.purpose,
            bought_at=slip.at.isoformat(),
            currency=slip.currency,
            seller=slip.seller_name,
            items=[BoughtItemOut.of(item, digits) for item in items_of(slip)],
            total=f"{slip.total:.{digits}f}",
            claim_left=f"{slip.claim_left:.{digits}f}",
            payments=[
                SlipPaidOut(kind=one.kind, amount=f"{one.amount:.{digits}f}")
                for one in payments_of(slip)
            ],
            hold_until=slip.hold_until.isoformat() if slip.hold_until else None,
        )


@router.post("/old-gold", response={201: SlipOut, **_PROBLEMS}, summary="Buy old gold")
def slips_create(
    request: MemberRequest, given: SlipIn, key: IdempotencyKey, response: HttpResponse
) -> Status[SlipOut]:
    """Buy old gold for money, or take it in exchange. Repeated, it answers the first slip.

    404 unknown seller or register; 409 no buying rate today, another total than was seen, a
    limit of cash that asks why, a second person is needed; 422 weights, fineness, the seller's
    papers, a tender not allowed.
    """
    now = timezone.now()
    slip = buy(offer=given.offer(key), by=request.member, at=now)
    if slip.at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, SlipOut.of(slip))


@router.get("/old-gold/{number}", response={200: SlipOut, **_PROBLEMS}, summary="An old-gold slip")
def slips_get(request: MemberRequest, number: Word) -> SlipOut:
    """A slip with its items, what was paid and what of its claim is left. 404: no such slip."""
    return SlipOut.of(slip_by_code(number))
