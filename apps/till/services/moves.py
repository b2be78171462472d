"""Cash goes into a drawer or out of it: one slip, one entry."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member, Register, Shift
from apps.shops.services import next_number
from apps.shops.shifts import locked_register
from apps.till.drawer import demand_in_drawer
from apps.till.models import CashMove, MoveKind, MovePlace
from apps.till.policy import till_rules
from apps.till.report import CASH_IN, CASH_OUT, FLOAT
from apps.till.services.demands import demand_amount, demand_cash

_SERIES: Final = "M"
_ACCOUNTS: Final = {
    MovePlace.SAFE: chart.SAFE,
    MovePlace.BANK: chart.BANK,
    MovePlace.OWNER: chart.OWNER,
    MovePlace.EXPENSE: chart.EXPENSES,
}
_WHAT: Final = {MoveKind.FLOAT: FLOAT, MoveKind.IN: CASH_IN, MoveKind.OUT: CASH_OUT}
_ACTIONS: Final = {MoveKind.IN: Action.CASH_IN, MoveKind.OUT: Action.CASH_OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be moved. `place`: where it comes from, or goes."""

    kind: MoveKind
    place: MovePlace
    currency: str
    amount: Decimal
    reason: str


def move_cash(
    *,
    register: int,
    wanted: Wanted,
    by: Member,
    at: datetime,
    key: str,
    approver: Approver | None = None,
) -> CashMove:
    """Put cash into a drawer, or take it out: a slip with a number, and its entry.

    In: Dr cash, Cr where it came from; out: the other way. A person who may not do it alone needs
    the second one for other currencies always, since the shop's limit is in its own. The form
    sent twice moves once.

    Raises AmountImpossible, CurrencyNotTaken, NotAllowed, ReasonMissing, ApprovalNeeded,
    PinRefused, PinLocked, NotInDrawer, TillNotOpen.
    """
    assert wanted.kind != MoveKind.FLOAT, "a float is brought by opening"
    demand_amount(wanted.amount, wanted.currency)
    demand_cash(wanted.currency, taken=till_rules(by.shop, at=at).currencies)
    with transaction.atomic():
        till = locked_register(pk=register)
        first = CashMove.objects.filter(key=key).first()
        if first is not None:
            return first
        number = next_number(by=by, at=at, code=till.code, kind=_SERIES)
        permit(
            _ACTIONS[wanted.kind],
            by=by,
            reason=wanted.reason,
            reference=str(number),
            at=at,
            amount=wanted.amount if wanted.currency == by.shop.currency else None,
            approver=approver,
        )
        shift = Shift.objects.get(pk=number.shift_id)
        if wanted.kind == MoveKind.OUT:
            demand_in_drawer(shift=number.shift_id, amount=wanted.amount, currency=wanted.currency)
        return _write(wanted, shift=shift, code=str(number), by=by, at=at, key=key)


def bring_float(
    *,
    till: Register,
    shift: Shift,
    amount: Decimal,
    currency: str,
    by: Member,
    at: datetime,
    key: str,
) -> CashMove:
    """The float of one currency, out of the safe; the register is locked, its shift is open."""
    number = next_number(by=by, at=at, code=till.code, kind=_SERIES)
    wanted = Wanted(
        kind=MoveKind.FLOAT, place=MovePlace.SAFE, currency=currency, amount=amount, reason=""
    )
    return _write(wanted, shift=shift, code=str(number), by=by, at=at, key=f"{key}/{currency}")


def _write(
    wanted: Wanted, *, shift: Shift, code: str, by: Member, at: datetime, key: str
) -> CashMove:
    move = CashMove.objects.create(
        shift=shift,
        code=code,
        kind=wanted.kind,
        place=wanted.place,
        currency=wanted.currency,
        amount=wanted.amount,
        reason=wanted.reason.strip(),
        at=at,
        by=by,
        key=key,
    )
    into = -wanted.amount if wanted.kind == MoveKind.OUT else wanted.amount
    post(
        what=_WHAT[wanted.kind],
        reference=code,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=[
            Amount(account=chart.CASH, commodity=wanted.currency, amount=into),
            Amount(account=_ACCOUNTS[wanted.place], commodity=wanted.currency, amount=-into),
        ],
        shift=shift.pk,
    )
    return move
