"""Lines of a passbook, and what each is in the books.

A line is written under its contract's lock, after the one before it, and goes to the ledger in
the same transaction: the passbook's sums and the customer's account cannot differ.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from apps.core.units import MOST_MONEY, currency
from apps.deposits.models import (
    Deposit,
    DepositMove,
    Membership,
    MoveKind,
    SchemeMove,
    SchemeMoveKind,
)
from apps.deposits.refusals import AmountImpossible, ClockBehind
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.shops.days import day_of
from apps.shops.models import Member

_ZERO: Final = Decimal(0)
# One payment stays well under what a column holds, so that sums of many fit.
_MOST_PAID: Final = MOST_MONEY / 10


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedAt:
    """The rate that grams were bought at: money for a `unit` of metal of `fineness`."""

    amount: Decimal
    unit: str
    fineness: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line to be; + is what the shop owes from then on. Units: money; grams."""

    reference: str
    amount: Decimal = _ZERO
    grams: Decimal = _ZERO
    fine_g: Decimal = _ZERO
    rate: QuotedAt | None = None
    shift: int | None = None
    key: str | None = None
    digest: str = ""


def write(deposit: Deposit, kind: MoveKind, step: Step, *, by: Member, at: datetime) -> DepositMove:
    """Write the next line of a locked contract. Raises ClockBehind."""
    last = DepositMove.objects.filter(deposit=deposit).order_by("-position").first()
    if at < (last.at if last else deposit.opened_at):
        raise ClockBehind(number=deposit.number)
    return DepositMove.objects.create(
        deposit=deposit,
        position=last.position + 1 if last else 1,
        kind=kind,
        **_written(step, by=by, at=at),
    )


def write_of_member(
    membership: Membership,
    kind: SchemeMoveKind,
    step: Step,
    *,
    by: Member,
    at: datetime,
    instalment: int | None = None,
    due_on: date | None = None,
    bonus: Decimal = _ZERO,
) -> SchemeMove:
    """Write the next line of a locked member's passbook. Raises ClockBehind."""
    last = SchemeMove.objects.filter(membership=membership).order_by("-position").first()
    if at < (last.at if last else membership.opened_at):
        raise ClockBehind(number=membership.number)
    return SchemeMove.objects.create(
        membership=membership,
        position=last.position + 1 if last else 1,
        kind=kind,
        instalment=instalment,
        due_on=due_on,
        bonus=bonus,
        **_written(step, by=by, at=at),
    )


def _written(step: Step, *, by: Member, at: datetime) -> dict[str, Any]:
    return {
        "amount": step.amount,
        "grams": step.grams,
        "fine_g": step.fine_g,
        "rate_amount": step.rate.amount if step.rate else None,
        "rate_unit": step.rate.unit if step.rate else "",
        "rate_fineness": step.rate.fineness if step.rate else None,
        "reference": step.reference,
        "shift_id": step.shift,
        "at": at,
        "day": day_of(by.shop, at),
        "by": by,
        "key": step.key,
        "request_digest": step.digest,
    }


def owed(deposit: Deposit, *, amount: Decimal = _ZERO, fine_g: Decimal = _ZERO) -> list[Amount]:
    """The postings by which the shop owes the contract's customer so much more; − is less."""
    return _owed(
        chart.ADVANCES,
        party=deposit.customer_id,
        money=(deposit.currency, amount),
        metal=(deposit.metal, fine_g),
    )


def owed_to_member(
    membership: Membership, *, amount: Decimal = _ZERO, fine_g: Decimal = _ZERO
) -> list[Amount]:
    """The postings by which the shop owes the member so much more; − is less."""
    return _owed(
        chart.SCHEMES,
        party=membership.customer_id,
        money=(membership.currency, amount),
        metal=(membership.plan.metal, fine_g),
    )


def _owed(
    account: str, *, party: int, money: tuple[str, Decimal], metal: tuple[str, Decimal]
) -> list[Amount]:
    """Money stands against what was paid; grams against what is promised and not delivered."""
    code, amount = money
    name, fine_g = metal
    amounts = []
    if amount:
        amounts.append(Amount(account=account, commodity=code, amount=-amount, party=party))
    if fine_g:
        amounts += [
            Amount(account=account, commodity=name, amount=-fine_g, party=party),
            Amount(account=chart.METAL_PROMISED, commodity=name, amount=fine_g),
        ]
    return amounts


def demand_amount(amount: Decimal, code: str) -> None:
    """Refuse what nobody can pay. Raises AmountImpossible."""
    possible = amount.is_finite() and 0 < amount < _MOST_PAID
    if not possible or amount % currency(code).step:
        raise AmountImpossible(amount=amount, currency=code)
