"""A deposit pays for a bill: its terms for the price, its pieces for the sale, its money.

The sale takes the steps in this order, all in its own transaction:

    deposit = open_for_sale(number=…, tags=…, by=…, at=…)   # before it locks its pieces
    terms = terms_for(deposit, shop=…, at=…, amount=…)      # for the price
    amounts = use(number=…, amount=…, sale_reference=…, …)  # into its entry, after its number
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.deposits import rules
from apps.deposits.models import (
    Deposit,
    DepositKind,
    DepositMove,
    DepositPiece,
    DepositState,
    LeftAs,
    MoveKind,
)
from apps.deposits.refusals import (
    DepositNotOpen,
    DepositOfAnother,
    DepositRunOut,
    MoreThanPaid,
)
from apps.deposits.selectors.contracts import (
    Balance,
    balance_of,
    deposit_to_change,
    pieces_of,
)
from apps.deposits.selectors.terms import fixed_rate, last_day_of_grace, terms_for
from apps.deposits.services.passbook import Step, demand_amount, owed, write
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.ways import release, reserve
from apps.ledger.services import Amount
from apps.pricing.rules import per_gram
from apps.shops.days import day_of
from apps.shops.models import Member

__all__ = ["open_for_sale", "reopen", "terms_for", "use"]

_ZERO: Final = Decimal(0)
_MILLIGRAM: Final = Decimal("0.001")
_LIVE: Final = (DepositState.OPEN, DepositState.EXPIRED)


@transaction.atomic
def open_for_sale(
    *, number: str, tags: Sequence[str], by: Member, at: datetime, customer: int | None = None
) -> Deposit:
    """Lock a contract for a sale, and let those of its pieces that are on the bill be sold.

    `tags` are all pieces of the bill: their rows are locked here in tag order, so that the
    sale's own lock waits for nobody. `customer`: whose bill it is, where that was said. Where
    the sale is refused, its transaction puts all of it back.

    Raises DepositNotFound, DepositNotOpen, DepositRunOut, DepositOfAnother, PieceNotFound.
    """
    deposit = deposit_to_change(number)
    demand_usable(deposit, day=day_of(by.shop, at))
    if customer is not None and customer != deposit.customer_id:
        raise DepositOfAnother(number=deposit.number, name=deposit.customer.name)
    locked = whole_pieces(tags=sorted(set(tags)), to_change=True)
    on_the_bill = {whole.piece.pk: whole.piece for whole in locked}
    taken = [row for row in pieces_of(deposit, aside=True) if row.piece_id in on_the_bill]
    release(
        pieces=[on_the_bill[row.piece_id] for row in taken],
        by=by,
        at=at,
        reference=deposit.number,
    )
    DepositPiece.objects.filter(pk__in=[row.pk for row in taken]).update(
        left_at=at, left_as=LeftAs.SOLD
    )
    return deposit


def demand_usable(deposit: Deposit, *, day: date) -> None:
    """Refuse a contract that pays for nothing any more. Raises DepositNotOpen, DepositRunOut."""
    if deposit.state not in _LIVE:
        raise DepositNotOpen(number=deposit.number, state=deposit.state)
    if day > last_day_of_grace(deposit):
        raise DepositRunOut(number=deposit.number, expires_on=deposit.expires_on)


@transaction.atomic
def use(
    *,
    number: str,
    amount: Decimal,
    sale_reference: str,
    by: Member,
    at: datetime,
    shift: int | None = None,
) -> list[Amount]:
    """Take money of a contract for a bill; the postings that go into the bill's entry.

    They debit the customer's deposits with the money, which is the tender, and take back the
    promise of the grams that went with it. The contract is delivered when nothing lies aside
    for it any more and it had pieces, or when all of its money is used.

    Raises DepositNotFound, DepositNotOpen, DepositRunOut, AmountImpossible, MoreThanPaid,
    ClockBehind.
    """
    deposit = deposit_to_change(number)
    demand_usable(deposit, day=day_of(by.shop, at))
    demand_amount(amount, deposit.currency)
    held = balance_of(deposit)
    if amount > held.amount:
        raise MoreThanPaid(
            number=number, amount=amount, left=held.amount, currency=deposit.currency
        )
    DepositPiece.objects.filter(deposit=deposit, left_as=LeftAs.SOLD, left_for="").update(
        left_for=sale_reference
    )
    grams, fine_g = _grams_of(deposit, held, amount)
    write(
        deposit,
        MoveKind.USED,
        Step(
            reference=sale_reference,
            amount=-amount,
            grams=-grams,
            fine_g=-fine_g,
            shift=shift,
        ),
        by=by,
        at=at,
    )
    pieces = pieces_of(deposit)
    if not any(row.left_at is None for row in pieces) and (pieces or amount == held.amount):
        set_state(deposit, DepositState.DELIVERED)
    return owed(deposit, amount=-amount, fine_g=-fine_g)


def _grams_of(deposit: Deposit, held: Balance, amount: Decimal) -> tuple[Decimal, Decimal]:
    """Grams and fine grams that are not promised any more when so much of the money is used."""
    if deposit.kind == DepositKind.FULL_LOCK:
        aside = sum((row.fine_g for row in pieces_of(deposit, aside=True)), _ZERO)
        return _ZERO, held.fine_g - min(aside, held.fine_g)
    if amount == held.amount:
        return held.grams, held.fine_g
    fixed = fixed_rate(deposit, held)
    if fixed is None:
        return _ZERO, _ZERO
    assert deposit.fineness is not None
    reached = rules.grams_for(amount, per_gram(fixed, deposit.fineness))
    grams = min(reached, held.grams)
    return grams, rules.share_of(held.fine_g, grams, held.grams, _MILLIGRAM)


@transaction.atomic
def reopen(
    *, sale_reference: str, by: Member, at: datetime, shift: int | None = None
) -> list[Amount]:
    """Undo what a bill took of every contract, because the bill is void; the postings to add.

    The pieces that the bill had of a contract are put aside for it again: they must be back in
    the stock (`ways.take_back`) before. Done again it does nothing.

    Raises PieceNotForSale, ClockBehind.
    """
    numbers = sorted(
        set(
            DepositMove.objects.filter(reference=sale_reference, kind=MoveKind.USED).values_list(
                "deposit__number", flat=True
            )
        )
    )
    return [
        amount
        for number in numbers
        for amount in _reopen(deposit_to_change(number), sale_reference, by=by, at=at, shift=shift)
    ]


def _reopen(
    deposit: Deposit, sale_reference: str, *, by: Member, at: datetime, shift: int | None
) -> list[Amount]:
    taken = DepositMove.objects.filter(
        deposit=deposit,
        reference=sale_reference,
        kind__in=[MoveKind.USED, MoveKind.REOPENED],
    )
    amount = -sum((move.amount for move in taken), _ZERO)
    if not amount:
        return []
    grams = -sum((move.grams for move in taken), _ZERO)
    fine_g = -sum((move.fine_g for move in taken), _ZERO)
    rows = DepositPiece.objects.filter(deposit=deposit, left_for=sale_reference)
    tags = list(rows.order_by("piece__tag").values_list("piece__tag", flat=True))
    pieces = [whole.piece for whole in whole_pieces(tags=tags, to_change=True)]
    reserve(pieces=pieces, by=by, at=at, reference=deposit.number)
    rows.update(left_at=None, left_as="", left_for="")
    step = Step(
        reference=sale_reference,
        amount=amount,
        grams=grams,
        fine_g=fine_g,
        shift=shift,
    )
    write(deposit, MoveKind.REOPENED, step, by=by, at=at)
    expired = day_of(by.shop, at) > deposit.expires_on
    set_state(deposit, DepositState.EXPIRED if expired else DepositState.OPEN)
    return owed(deposit, amount=amount, fine_g=fine_g)


def set_state(deposit: Deposit, state: DepositState) -> None:
    """Move a locked contract on."""
    deposit.state = state
    Deposit.objects.filter(pk=deposit.pk).update(state=state)
