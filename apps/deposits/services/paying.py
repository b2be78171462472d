"""A payment into a contract: its receipt, its line, its entry in the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.core.units import fine_grams
from apps.credit.payments import receive
from apps.credit.tendered import Tendered
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.deposits import rules
from apps.deposits.models import (
    Deposit,
    DepositKind,
    DepositMove,
    DepositState,
    MoveKind,
)
from apps.deposits.refusals import DepositNotOpen, DepositRunOut
from apps.deposits.selectors.contracts import deposit_to_change
from apps.deposits.services.keys import digest_of, refuse_taken, same_request
from apps.deposits.services.passbook import (
    QuotedAt,
    Step,
    demand_amount,
    owed,
    write,
)
from apps.deposits.services.tenders import hold_for, words_of
from apps.ledger.services import post
from apps.pricing.rules import per_gram, quoted
from apps.pricing.selectors import board_at
from apps.shops.days import day_of
from apps.shops.models import Member, Shop
from apps.shops.services import next_number

WHAT: Final = "deposit"
_RECEIPT: Final = "P"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Grams:
    """What a payment buys: grams of the contract's fineness, fine grams, and the rate."""

    grams: Decimal = _ZERO
    fine_g: Decimal = _ZERO
    rate: QuotedAt | None = None


@transaction.atomic
def pay_in(
    *,
    number: str,
    tenders: Sequence[Tendered],
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
    cash_reason: CashReason = NO_REASON,
) -> DepositMove:
    """Take a payment into a contract; the line that its receipt is printed from.

    A contract of grams buys them at today's rate, cut to the milligram; what is cut stays
    money. A `key` that came before is answered with its line.

    Raises DepositNotFound, DepositNotOpen, DepositRunOut, AmountImpossible, RateMissing,
    ClockBehind, KeyUsed, and what `credit.payments.receive` raises.
    """
    deposit = deposit_to_change(number)
    digest = digest_of(number, words_of(tenders))
    earlier = same_request(
        DepositMove.objects.filter(key=key).first(), key=key, digest=digest, number=number
    )
    if earlier is not None:
        return earlier
    if deposit.state != DepositState.OPEN:
        if deposit.state == DepositState.EXPIRED:
            raise DepositRunOut(number=number, expires_on=deposit.expires_on)
        raise DepositNotOpen(number=number, state=deposit.state)
    if day_of(by.shop, at) > deposit.expires_on:
        raise DepositRunOut(number=number, expires_on=deposit.expires_on)
    return receive_into(
        deposit,
        tenders=tenders,
        key=key,
        digest=digest,
        by=by,
        at=at,
        register=register,
        cash_reason=cash_reason,
    )


def receive_into(
    deposit: Deposit,
    *,
    tenders: Sequence[Tendered],
    key: str | None,
    digest: str,
    by: Member,
    at: datetime,
    register: str,
    cash_reason: CashReason,
) -> DepositMove:
    """The payment itself, into a locked contract that may take it."""
    for tender in tenders:
        demand_amount(tender.amount, deposit.currency)
    amount = sum((tender.amount for tender in tenders), _ZERO)
    demand_amount(amount, deposit.currency)
    hold_for(tenders, customer=deposit.customer)
    bought = _grams_for(deposit, amount, shop=by.shop, at=at)
    number = next_number(by=by, at=at, code=register, kind=_RECEIPT)
    debits = receive(
        tenders,
        what=WHAT,
        number=number,
        by=by,
        at=at,
        customer=deposit.customer,
        reason=cash_reason.reason,
        approver=cash_reason.approver,
    )
    step = Step(
        reference=str(number),
        amount=amount,
        grams=bought.grams,
        fine_g=bought.fine_g,
        rate=bought.rate,
        shift=number.shift_id,
        key=key,
        digest=digest,
    )
    with refuse_taken(key or "", "deposits_move_key_unique"):
        move = write(deposit, MoveKind.PAID, step, by=by, at=at)
    post(
        what=WHAT,
        reference=str(number),
        at=at,
        day=move.day,
        by=by,
        amounts=[*debits, *owed(deposit, amount=amount, fine_g=bought.fine_g)],
        shift=number.shift_id,
    )
    return move


def _grams_for(deposit: Deposit, amount: Decimal, *, shop: Shop, at: datetime) -> Grams:
    if deposit.kind != DepositKind.GRAMS:
        return Grams()
    assert deposit.fineness is not None
    found = board_at(shop=shop, at=at, metals=[deposit.metal]).quote_for(
        deposit.metal, deposit.fineness
    )
    rate = quoted(found.amount, found.unit, found.fineness)
    grams = rules.grams_for(amount, per_gram(rate, deposit.fineness))
    return Grams(
        grams=grams,
        fine_g=fine_grams(grams, deposit.fineness),
        rate=QuotedAt(amount=found.amount, unit=found.unit, fineness=found.fineness),
    )
