"""The API of deposits: a contract, its payments, and what is in it."""

from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import Day, Fineness, IdempotencyKey, Money, Tag, Text, Word
from apps.core.units import currency
from apps.credit.tendered import Tendered
from apps.customers.api_types import PassesCashIn
from apps.deposits.models import Deposit, DepositKind, DepositMove, SchemeMove
from apps.deposits.selectors.contracts import (
    balance_of,
    deposit_by_number,
    passbook_of,
    pieces_of,
)
from apps.deposits.services.opening import NewDeposit, open_deposit
from apps.deposits.services.paying import pay_in
from apps.deposits.services.saving import pay_instalment
from apps.shops.access import MemberRequest
from apps.till.kinds import TenderKind

router = Router(tags=["deposits"])

_MOST_PIECES = 100
_MOST_TENDERS = 20
Number = Annotated[str, Field(max_length=20, pattern=r"^[!-~]+$")]


class PaidIn(Schema):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["cash", "card", "transfer", "store_credit", "gift_card"]
    amount: Money
    instrument: Text = Field("", description="The card's slip, or the code of a gift card.")

    def tender(self) -> Tendered:
        return Tendered(kind=TenderKind(self.kind), amount=self.amount, instrument=self.instrument)


class DueIn(Schema):
    model_config = ConfigDict(extra="forbid")

    due_on: Day
    amount: Money


class ContractIn(PassesCashIn):
    model_config = ConfigDict(extra="forbid")

    customer: int = Field(ge=1, lt=2**63, description="Its id, as in the address of its page.")
    kind: Literal["value", "grams", "full_lock"]
    tags: Annotated[list[Tag], Field(max_length=_MOST_PIECES)] = []
    paid: Annotated[list[PaidIn], Field(max_length=_MOST_TENDERS)] = []
    metal: Literal["", "gold", "silver", "platinum", "palladium"] = ""
    fineness: Fineness | None = None
    expires_on: Day | None = Field(None, description="Left out: by the shop's rules.")
    schedule: Annotated[list[DueIn], Field(max_length=120)] = []
    note: Text = ""
    till: Word | None = Field(None, description="Code of the till. Left out: the first.")

    def new(self, key: str) -> NewDeposit:
        return NewDeposit(
            customer=self.customer,
            kind=DepositKind(self.kind),
            key=key,
            tags=tuple(self.tags),
            tenders=tuple(paid.tender() for paid in self.paid),
            metal=self.metal,
            fineness=self.fineness,
            expires_on=self.expires_on,
            schedule=tuple((due.due_on, due.amount) for due in self.schedule),
            note=self.note,
            register=self.till or "",
            cash_reason=self.cash_reason,
        )


class ContractPaymentIn(PassesCashIn):
    model_config = ConfigDict(extra="forbid")

    paid: Annotated[list[PaidIn], Field(min_length=1, max_length=_MOST_TENDERS)]
    till: Word | None = Field(None, description="Code of the till. Left out: the first.")


class PassbookLineOut(Schema):
    document: str
    kind: str
    day: str
    amount: str
    grams: str

    @classmethod
    def of(cls, move: DepositMove | SchemeMove, code: str) -> "PassbookLineOut":
        return cls(
            document=move.reference,
            kind=move.kind,
            day=move.day.isoformat(),
            amount=_money(move.amount, code),
            grams=f"{move.grams:.3f}",
        )


class AsideOut(Schema):
    tag: str
    name: str
    agreed: str
    left_as: str


class ContractOut(Schema):
    number: str
    version: int
    state: str
    kind: str
    customer: int
    currency: str
    expires_on: str
    agreed_total: str | None
    pieces: list[AsideOut]
    lines: list[PassbookLineOut]
    held: str
    held_grams: str

    @classmethod
    def of(cls, deposit: Deposit) -> "ContractOut":
        code, held = deposit.currency, balance_of(deposit)
        total = deposit.agreed_total
        return cls(
            number=deposit.number,
            version=deposit.version,
            state=deposit.state,
            kind=deposit.kind,
            customer=deposit.customer_id,
            currency=code,
            expires_on=deposit.expires_on.isoformat(),
            agreed_total=None if total is None else _money(total, code),
            pieces=[
                AsideOut(
                    tag=row.tag,
                    name=row.name,
                    agreed=_money(row.agreed, code),
                    left_as=row.left_as,
                )
                for row in pieces_of(deposit)
            ],
            lines=[PassbookLineOut.of(move, code) for move in passbook_of(deposit)],
            held=_money(held.amount, code),
            held_grams=f"{held.grams:.3f}",
        )


def _money(amount: Decimal, code: str) -> str:
    return f"{amount:.{currency(code).exponent}f}"


_REFUSED = {404: ProblemOut, 409: ProblemOut, **PROBLEMS}


@router.post(
    "/deposits", response={201: ContractOut, **_REFUSED}, summary="Make a deposit contract"
)
def deposits_create(
    request: MemberRequest, given: ContractIn, key: IdempotencyKey, response: HttpResponse
) -> Status[ContractOut]:
    """Put pieces aside and take the first payment. Repeated with its key, it answers the first.

    404 unknown customer, tag or till; 409 a piece that is gone or aside for another, no rate
    today, a limit of cash that asks why, a key of another request; 422 an amount, a day or the
    shape.
    """
    now = timezone.now()
    deposit = open_deposit(new=given.new(key), by=request.member, at=now).deposit
    if deposit.opened_at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, ContractOut.of(deposit))


@router.get("/deposits/{number}", response={200: ContractOut, **_REFUSED}, summary="One deposit")
def deposits_read(request: MemberRequest, number: Number) -> ContractOut:
    """A contract with its pieces, its lines and what it holds. 404: no such number."""
    return ContractOut.of(deposit_by_number(number))


@router.post(
    "/deposits/{number}/payments",
    response={201: PassbookLineOut, **_REFUSED},
    summary="Pay into a deposit",
)
def deposits_pay(
    request: MemberRequest,
    number: Number,
    given: ContractPaymentIn,
    key: IdempotencyKey,
    response: HttpResponse,
) -> Status[PassbookLineOut]:
    """Take a payment. Repeated with its key, it answers the first.

    404 unknown number or till; 409 not open, ran out, no rate today, a limit of cash that asks
    why, a key of another request.
    """
    now = timezone.now()
    move = pay_in(
        number=number,
        tenders=[paid.tender() for paid in given.paid],
        key=key,
        by=request.member,
        at=now,
        register=given.till or "",
        cash_reason=given.cash_reason,
    )
    if move.at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, PassbookLineOut.of(move, request.member.shop.currency))


@router.post(
    "/schemes/{number}/instalments",
    response={201: PassbookLineOut, **_REFUSED},
    summary="Pay the next instalment of a savings passbook",
)
def schemes_pay(
    request: MemberRequest,
    number: Number,
    given: ContractPaymentIn,
    key: IdempotencyKey,
    response: HttpResponse,
) -> Status[PassbookLineOut]:
    """Take the next instalment, exactly the plan's amount. Repeated, it answers the first.

    404 unknown number or till; 409 closed, every instalment paid, no rate today, a limit of
    cash that asks why, a key of another request; 422 another amount than the plan's.
    """
    now = timezone.now()
    move = pay_instalment(
        number=number,
        tenders=[paid.tender() for paid in given.paid],
        key=key,
        by=request.member,
        at=now,
        register=given.till or "",
        cash_reason=given.cash_reason,
    )
    if move.at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, PassbookLineOut.of(move, request.member.shop.currency))
