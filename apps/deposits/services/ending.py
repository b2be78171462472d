"""Contracts that end without a delivery, and what is left of those that were delivered.

Each end keeps what the contract's own rules allow, pays the rest back, and lets the pieces go.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.core.units import currency
from apps.credit.payments import Tendered, pay_out
from apps.credit.tenders import hold
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.deposits import rules
from apps.deposits.models import Deposit, DepositMove, DepositPiece, DepositState, LeftAs, MoveKind
from apps.deposits.policy import DepositPolicy
from apps.deposits.refusals import DepositNotOpen, DepositStillRuns, NothingLeft
from apps.deposits.selectors.contracts import (
    Balance,
    balance_of,
    deposit_to_change,
    pieces_of,
    versions_of,
)
from apps.deposits.selectors.terms import last_day_of_grace
from apps.deposits.services.passbook import Step, owed, write
from apps.deposits.services.paying import WHAT
from apps.deposits.services.refunds import BackTo, refund_tenders
from apps.deposits.services.use import set_state
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.ways import release
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member
from apps.shops.services import DocumentNumber, next_number

_PAY_OUT: Final = "O"
_ZERO: Final = Decimal(0)
_LIVE: Final = (DepositState.OPEN, DepositState.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Who ends it, why, and where the money goes."""

    by: Member
    at: datetime
    reason: str
    back_to: BackTo = BackTo.SOURCE
    approver: Approver | None = None
    register: str = ""
    cash_reason: CashReason = NO_REASON


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """`number`: the pay-out; empty where no money moved."""

    deposit: Deposit
    number: str
    kept: Decimal
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class Split:
    """What an end would keep and give back: kept + refunded = what the contract holds."""

    kept: Decimal
    refunded: Decimal


def split_of(deposit: Deposit, held: Balance, *, percent: Decimal, had_pieces: bool) -> Split:
    """What may be kept: percent of the money, and the fee where a piece lay aside; never more
    than there is.
    """
    step = currency(deposit.currency).step
    kept = rules.percent_of(held.amount, percent, step)
    if had_pieces:
        kept += DepositPolicy.from_json(deposit.rules).restock_fee
    kept = min(kept, held.amount)
    return Split(kept=kept, refunded=held.amount - kept)


@transaction.atomic
def cancel(*, number: str, ending: Ending) -> Ended:
    """The customer gives the contract up: the cancellation rules of the contract apply.

    Asked again it answers what was done. Raises DepositNotFound, DepositNotOpen, ClockBehind,
    what `permit` and `credit.payments.pay_out` raise.
    """
    deposit = deposit_to_change(number)
    if deposit.state == DepositState.CANCELLED:
        return _done(deposit)
    if deposit.state not in _LIVE:
        raise DepositNotOpen(number=number, state=deposit.state)
    percent = DepositPolicy.from_json(deposit.rules).cancel_kept_percent
    return _end(deposit, DepositState.CANCELLED, percent, Action.CASH_OUT, ending)


@transaction.atomic
def forfeit(*, number: str, ending: Ending) -> Ended:
    """Keep what the contract allows of a deposit that ran out, after its days of grace.

    Asked again it answers what was done. Raises DepositNotFound, DepositNotOpen,
    DepositStillRuns, ClockBehind, what `permit` and `credit.payments.pay_out` raise.
    """
    deposit = deposit_to_change(number)
    if deposit.state == DepositState.FORFEITED:
        return _done(deposit)
    if deposit.state not in _LIVE:
        raise DepositNotOpen(number=number, state=deposit.state)
    until = last_day_of_grace(deposit)
    if day_of(ending.by.shop, ending.at) <= until:
        raise DepositStillRuns(number=number, until=until)
    percent = DepositPolicy.from_json(deposit.rules).kept_percent
    return _end(deposit, DepositState.FORFEITED, percent, Action.FORFEIT, ending)


@transaction.atomic
def give_rest(*, number: str, ending: Ending) -> Ended:
    """Pay back what a delivered contract holds beyond the bill; nothing is kept.

    Raises DepositNotFound, DepositNotOpen, NothingLeft, ClockBehind, what `permit` and
    `credit.payments.pay_out` raise.
    """
    deposit = deposit_to_change(number)
    if deposit.state != DepositState.DELIVERED:
        raise DepositNotOpen(number=number, state=deposit.state)
    if not balance_of(deposit).amount:
        raise NothingLeft(number=number)
    return _end(deposit, DepositState.DELIVERED, _ZERO, Action.CASH_OUT, ending)


def _end(
    deposit: Deposit, state: DepositState, percent: Decimal, action: Action, ending: Ending
) -> Ended:
    held = balance_of(deposit)
    aside = pieces_of(deposit, aside=True)
    split = split_of(deposit, held, percent=percent, had_pieces=bool(aside))
    back = _back(deposit, split, ending)
    # Gift cards that money goes back on, before the pieces and the till: as a sale locks them.
    hold(back, customer=deposit.customer)
    _release(deposit, [row.tag for row in aside], ending)
    number = None
    if held.amount or held.fine_g:
        number = next_number(by=ending.by, at=ending.at, code=ending.register, kind=_PAY_OUT)
    permit(
        action,
        by=ending.by,
        reason=ending.reason,
        reference=str(number or deposit.number),
        at=ending.at,
        amount=split.refunded if action == Action.CASH_OUT else split.kept,
        approver=ending.approver,
    )
    if number is not None:
        _settle(deposit, held, split, back, number, ending)
    set_state(deposit, state)
    return Ended(
        deposit=deposit, number=str(number or ""), kept=split.kept, refunded=split.refunded
    )


def _back(deposit: Deposit, split: Split, ending: Ending) -> list[Tendered]:
    """The tenders that hand back what is not kept."""
    if not split.refunded:
        return []
    return refund_tenders(
        split.refunded,
        to=ending.back_to,
        receipts=_references(deposit, MoveKind.PAID),
        refunds=_references(deposit, MoveKind.REFUNDED),
    )


def _settle(
    deposit: Deposit,
    held: Balance,
    split: Split,
    back: list[Tendered],
    number: DocumentNumber,
    ending: Ending,
) -> None:
    by, at, reference = ending.by, ending.at, str(number)
    amounts = owed(deposit, amount=-held.amount, fine_g=-held.fine_g)
    grams, fine_g = held.grams, held.fine_g
    if split.refunded:
        amounts += pay_out(
            back,
            what=WHAT,
            number=number,
            by=by,
            at=at,
            customer=deposit.customer,
            reason=ending.cash_reason.reason,
            approver=ending.cash_reason.approver,
        )
        step = Step(
            reference=reference,
            amount=-split.refunded,
            grams=-grams,
            fine_g=-fine_g,
            shift=number.shift_id,
        )
        write(deposit, MoveKind.REFUNDED, step, by=by, at=at)
        grams = fine_g = _ZERO  # they went with the first line
    if split.kept or fine_g:
        amounts.append(
            Amount(account=chart.FORFEITS, commodity=deposit.currency, amount=-split.kept)
        )
        step = Step(
            reference=reference,
            amount=-split.kept,
            grams=-grams,
            fine_g=-fine_g,
            shift=number.shift_id,
        )
        write(deposit, MoveKind.KEPT, step, by=by, at=at)
    post(
        what=WHAT,
        reference=reference,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=amounts,
        shift=number.shift_id,
    )


def _release(deposit: Deposit, tags: list[str], ending: Ending) -> None:
    pieces = [whole.piece for whole in whole_pieces(tags=sorted(tags), to_change=True)]
    release(pieces=pieces, by=ending.by, at=ending.at, reference=deposit.number)
    DepositPiece.objects.filter(deposit=deposit, left_at__isnull=True).update(
        left_at=ending.at, left_as=LeftAs.RELEASED, left_for=deposit.number
    )


def _references(deposit: Deposit, kind: MoveKind) -> list[str]:
    """The numbers of the documents by which money went into the contract, or out of it."""
    moves = DepositMove.objects.filter(deposit__in=versions_of(deposit), kind=kind)
    return list(moves.values_list("reference", flat=True))


def _done(deposit: Deposit) -> Ended:
    """What the end of this contract did."""
    ends = list(
        DepositMove.objects.filter(
            deposit=deposit, kind__in=[MoveKind.REFUNDED, MoveKind.KEPT]
        ).order_by("position")
    )
    sums = {
        kind: -sum((move.amount for move in ends if move.kind == kind), _ZERO)
        for kind in (MoveKind.REFUNDED, MoveKind.KEPT)
    }
    return Ended(
        deposit=deposit,
        number=ends[-1].reference if ends else "",
        kept=sums[MoveKind.KEPT],
        refunded=sums[MoveKind.REFUNDED],
    )
