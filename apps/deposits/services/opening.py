"""A new contract: pieces put aside, a rate fixed, the first payment taken. All of it or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.core.units import currency
from apps.credit.tendered import Tendered
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.selectors import customer_by_id
from apps.deposits import rules
from apps.deposits.models import (
    Deposit,
    DepositKind,
    DepositMove,
    MoveKind,
)
from apps.deposits.policy import DepositPolicy, deposit_policy
from apps.deposits.quoting import quote_for
from apps.deposits.refusals import (
    AmountImpossible,
    FirstPaymentTooSmall,
    LockNeedsPieces,
    MetalNotNamed,
)
from apps.deposits.services.agreeing import (
    Agreed,
    demand_days,
    pieces_to_put_aside,
    plan_payments,
    put_aside,
)
from apps.deposits.services.keys import digest_of, refuse_taken, same_request
from apps.deposits.services.passbook import Step, demand_amount, owed, write
from apps.deposits.services.paying import WHAT, receive_into
from apps.deposits.services.tenders import hold_for, words_of
from apps.inventory.selectors import WholePiece
from apps.ledger.services import post
from apps.pricing.quote_answers import QuoteOut
from apps.pricing.rules import Quote
from apps.pricing.selectors import board_at
from apps.shops.days import day_of
from apps.shops.models import Member, Shop
from apps.shops.services import next_number

_CONTRACT: Final = "D"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeposit:
    """A contract to be. `schedule`: the day and the amount of each later payment.

    `metal`, `fineness` (parts per ten thousand): what grams are counted in; where nothing is
    said, the heaviest metal of the pieces. `expires_on`: where not said by the shop's policy, or
    the last planned payment if that is later.
    """

    customer: int
    kind: DepositKind
    key: str
    tags: tuple[str, ...] = ()
    tenders: tuple[Tendered, ...] = ()
    metal: str = ""
    fineness: int | None = None
    expires_on: date | None = None
    schedule: tuple[tuple[date, Decimal], ...] = ()
    note: str = ""
    register: str = ""
    cash_reason: CashReason = NO_REASON

    def digest(self) -> str:
        return digest_of(
            self.customer,
            self.kind,
            self.tags,
            words_of(self.tenders),
            self.metal,
            self.fineness,
            self.expires_on,
            self.schedule,
            self.note,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A contract, and the receipt of its first payment."""

    deposit: Deposit
    receipt: DepositMove | None


@transaction.atomic
def open_deposit(*, new: NewDeposit, by: Member, at: datetime) -> Opened:
    """Make a contract, put its pieces aside and take the first payment.

    A full lock promises the fine grams of its pieces from now on, whatever is paid by then.
    A key that came before is answered with its contract.

    Raises CustomerNotFound, PieceNotFound, PieceTwice, PieceNotForSale, PieceAsideElsewhere,
    RateMissing, PriceImpossible, LockNeedsPieces, MetalNotNamed, ExpiryImpossible,
    ExpiryTooFar, ScheduleImpossible, FirstPaymentTooSmall, AmountImpossible, KeyUsed,
    RegisterNotFound, and what `credit.payments.receive` raises.
    """
    customer = customer_by_id(new.customer, to_change=True)
    digest = new.digest()
    earlier = Deposit.objects.filter(key=new.key).first()
    if same_request(earlier, key=new.key, digest=digest, number=earlier.number if earlier else ""):
        assert earlier is not None
        return Opened(earlier, DepositMove.objects.filter(deposit=earlier, key=new.key).first())
    rules_now = deposit_policy(at=at)
    day = day_of(by.shop, at)
    expires_on = new.expires_on or max(
        [day + timedelta(days=rules_now.valid_days), *(due_on for due_on, _amount in new.schedule)]
    )
    demand_days(day=day, expires_on=expires_on, schedule=new.schedule, code=by.shop.currency)
    hold_for(new.tenders, customer=customer)
    pieces = pieces_to_put_aside(new.tags)
    agreed = agree(new, pieces, shop=by.shop, at=at)
    _demand_first_payment(new, agreed.quote, rules_now, shop=by.shop)
    number = next_number(by=by, at=at, code=new.register, kind=_CONTRACT)
    with refuse_taken(new.key, "deposits_deposit_key_unique"):
        deposit = Deposit.objects.create(
            number=str(number),
            customer=customer,
            kind=new.kind,
            currency=by.shop.currency,
            metal=agreed.metal,
            fineness=agreed.fineness,
            rate_amount=agreed.rate.amount if agreed.rate else None,
            rate_unit=agreed.rate.unit if agreed.rate else "",
            rate_fineness=agreed.rate.fineness if agreed.rate else None,
            drop_borne_by=rules_now.drop_borne_by,
            agreed_total=agreed.quote.total if agreed.quote else None,
            agreed=agreed.facts,
            rules=rules_now.as_json(),
            expires_on=expires_on,
            note=new.note.strip(),
            opened_at=at,
            day=day,
            opened_by=by,
            shift_id=number.shift_id,
            key=new.key,
            request_digest=digest,
        )
    put_aside(deposit, agreed, by=by, at=at)
    plan_payments(deposit, new.schedule)
    if deposit.kind == DepositKind.FULL_LOCK and agreed.fine_g:
        promise = Step(reference=deposit.number, fine_g=agreed.fine_g, shift=number.shift_id)
        write(deposit, MoveKind.LOCKED, promise, by=by, at=at)
        post(
            what=WHAT,
            reference=deposit.number,
            at=at,
            day=day,
            by=by,
            amounts=owed(deposit, fine_g=agreed.fine_g),
            shift=number.shift_id,
        )
    if not new.tenders:
        return Opened(deposit, None)
    receipt = receive_into(
        deposit,
        tenders=new.tenders,
        key=new.key,
        digest=digest,
        by=by,
        at=at,
        register=new.register,
        cash_reason=new.cash_reason,
    )
    return Opened(deposit, receipt)


def agree(new: NewDeposit, pieces: Sequence[WholePiece], *, shop: Shop, at: datetime) -> Agreed:
    """What the pieces cost today, and the rate that the contract fixes.

    Raises LockNeedsPieces, MetalNotNamed, RateMissing, PriceImpossible.
    """
    quote = quote_for(shop=shop, pieces=pieces, at=at) if pieces else None
    facts = QuoteOut.from_quote(quote).model_dump(mode="json") if quote else {}
    if new.kind == DepositKind.VALUE:
        return Agreed(pieces=pieces, quote=quote, facts=facts)
    metal, fineness = _metal_of(new, pieces)
    rate = board_at(shop=shop, at=at, metals=[metal]).quote_for(metal, fineness)
    agreed = Agreed(
        pieces=pieces, quote=quote, metal=metal, fineness=fineness, rate=rate, facts=facts
    )
    if new.kind == DepositKind.FULL_LOCK and not agreed.fine_g:
        raise LockNeedsPieces
    return agreed


def _metal_of(new: NewDeposit, pieces: Sequence[WholePiece]) -> tuple[str, int]:
    """The metal that was named, else the heaviest of the pieces that are priced by weight."""
    if new.metal and new.fineness:
        return new.metal, new.fineness
    parts = [
        part
        for whole in pieces
        if whole.piece.fixed_price is None
        for part in whole.metals
        if new.metal in ("", part.metal)
    ]
    if not parts:
        if new.kind == DepositKind.FULL_LOCK:
            raise LockNeedsPieces
        raise MetalNotNamed
    heaviest = max(parts, key=lambda part: (part.net_weight_g, part.fineness))
    return heaviest.metal, heaviest.fineness


def _demand_first_payment(
    new: NewDeposit, quote: Quote | None, policy: DepositPolicy, *, shop: Shop
) -> None:
    paid = sum((tender.amount for tender in new.tenders), _ZERO)
    for tender in new.tenders:
        demand_amount(tender.amount, shop.currency)
    if quote is None:
        if not paid:
            raise AmountImpossible(amount=paid, currency=shop.currency)
        return
    step = currency(shop.currency).step
    least = rules.percent_of(quote.total, policy.least_first_percent, step)
    if paid < least:
        raise FirstPaymentTooSmall(least=least, currency=shop.currency)
