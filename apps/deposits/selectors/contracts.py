"""Reads of deposit contracts: one by its number, what is in it, who has a piece aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Sum, Window

from apps.customers.selectors import customer_by_id
from apps.deposits.models import Deposit, DepositDue, DepositMove, DepositPiece, MoveKind
from apps.deposits.refusals import DepositNotFound

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a contract holds: money, grams of its fineness, the same as fine grams."""

    amount: Decimal
    grams: Decimal
    fine_g: Decimal


def deposit_by_number(number: str) -> Deposit:
    """The contract with this number, with its customer. Raises DepositNotFound."""
    found = (
        Deposit.objects.select_related("customer", "opened_by__user", "replaces")
        .filter(number=number.replace("\x00", ""))
        .first()
    )
    if found is None:
        raise DepositNotFound(number=number.replace("\x00", "�")[:40])
    return found


def deposit_to_change(number: str) -> Deposit:
    """The contract, locked until the transaction ends, its customer locked before it.

    Raises DepositNotFound.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    customer = customer_by_id(deposit_by_number(number).customer_id, to_change=True)
    deposit = Deposit.objects.select_for_update(of=("self",)).get(number=number)
    deposit.customer = customer
    return deposit


def balance_of(deposit: Deposit, *, upto: int | None = None) -> Balance:
    """What the contract holds now, the sum of its lines; `upto`: as of the line there."""
    moves = DepositMove.objects.filter(deposit=deposit)
    if upto is not None:
        moves = moves.filter(position__lte=upto)
    sums = moves.aggregate(amount=Sum("amount"), grams=Sum("grams"), fine_g=Sum("fine_g"))
    return Balance(sums["amount"] or _ZERO, sums["grams"] or _ZERO, sums["fine_g"] or _ZERO)


def passbook_of(deposit: Deposit) -> Sequence[DepositMove]:
    """Its lines, the first one first, with who wrote them and the `balance` after each."""
    balance = Window(Sum("amount"), order_by="position")
    return list(
        DepositMove.objects.filter(deposit=deposit)
        .select_related("by__user", "shift")
        .annotate(balance=balance)
        .order_by("position")
    )


def schedule_of(deposit: Deposit) -> list[DepositDue]:
    """The payments that were agreed, in their order."""
    return list(DepositDue.objects.filter(deposit=deposit).order_by("position"))


def pieces_of(deposit: Deposit, *, aside: bool = False) -> list[DepositPiece]:
    """The pieces of a contract; with `aside` those that still lie aside for it."""
    found = DepositPiece.objects.filter(deposit=deposit).select_related("piece")
    if aside:
        found = found.filter(left_at__isnull=True)
    return list(found.order_by("position"))


def aside_for(tags: Sequence[str]) -> dict[str, str]:
    """Which contract each of these pieces lies aside for: number by tag."""
    return dict(
        DepositPiece.objects.filter(piece__tag__in=tags, left_at__isnull=True).values_list(
            "piece__tag", "deposit__number"
        )
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A payment of the schedule. `left`: what of it is not paid yet, the earliest paid first."""

    due_on: date
    amount: Decimal
    left: Decimal
    is_late: bool


def dues_of(deposit: Deposit, *, day: date) -> list[Due]:
    """The schedule against what was paid since the contract was made."""
    later = DepositMove.objects.filter(deposit=deposit, kind=MoveKind.PAID)
    paid = later.exclude(key=deposit.key).aggregate(sum=Sum("amount"))["sum"] or _ZERO
    dues = []
    for row in schedule_of(deposit):
        covered = min(paid, row.amount)
        paid -= covered
        left = row.amount - covered
        dues.append(Due(row.due_on, row.amount, left, is_late=bool(left) and row.due_on < day))
    return dues


def versions_of(deposit: Deposit) -> list[int]:
    """The ids of the contract and of all that it replaced, the newest first."""
    ids, earlier = [deposit.pk], deposit.replaces_id
    while earlier is not None:
        ids.append(earlier)
        earlier = Deposit.objects.values_list("replaces_id", flat=True).get(pk=earlier)
    return ids
