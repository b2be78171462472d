"""A savings passbook that ends without a bill: what was saved goes back."""

from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.core.units import currency
from apps.credit.payments import Tendered, pay_out
from apps.credit.tenders import hold
from apps.deposits import rules
from apps.deposits.models import Membership, MembershipState, SchemeMove, SchemeMoveKind
from apps.deposits.refusals import (
    MembershipNotOpen,
    NothingLeft,
)
from apps.deposits.selectors.schemes import membership_to_change, saved_in
from apps.deposits.services.ending import Ending
from apps.deposits.services.passbook import Step, owed_to_member, write_of_member
from apps.deposits.services.redeem import set_state
from apps.deposits.services.refunds import refund_tenders
from apps.deposits.services.saving import WHAT
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import permit
from apps.shops.days import day_of
from apps.shops.models import Action
from apps.shops.services import next_number

_PAY_OUT: Final = "O"
_ZERO: Final = Decimal(0)


@transaction.atomic
def close_early(*, number: str, ending: Ending) -> str:
    """Pay back what was saved, less what the plan keeps before it is ripe; the pay-out's number.

    The bonus and the grams are lost; after it is ripe nothing is kept. Asked again it answers
    the same number.

    Raises MembershipNotFound, MembershipNotOpen, NothingLeft, ClockBehind, what `permit` and
    `credit.payments.pay_out` raise.
    """
    membership = membership_to_change(number)
    by, at = ending.by, ending.at
    if membership.state == MembershipState.CLOSED:
        return SchemeMove.objects.filter(membership=membership).latest("position").reference
    if membership.state != MembershipState.OPEN:
        raise MembershipNotOpen(number=number, state=membership.state)
    saved = saved_in(membership)
    if not saved.amount:
        raise NothingLeft(number=number)
    day = day_of(by.shop, at)
    percent = membership.plan.early_kept_percent if day < membership.ripe_on else _ZERO
    step = currency(membership.currency).step
    kept = min(rules.percent_of(saved.amount, percent, step), saved.amount)
    refunded = saved.amount - kept
    back: list[Tendered] = []
    if refunded:
        back = refund_tenders(
            refunded,
            to=ending.back_to,
            receipts=_references(membership, SchemeMoveKind.PAID),
            refunds=[],
        )
    # Gift cards that money goes back on, before the till: as a sale locks them.
    hold(back, customer=membership.customer)
    out = next_number(by=by, at=at, code=ending.register, kind=_PAY_OUT)
    permit(
        Action.CASH_OUT,
        by=by,
        reason=ending.reason,
        reference=str(out),
        at=at,
        amount=refunded,
        approver=ending.approver,
    )
    amounts = owed_to_member(membership, amount=-saved.amount, fine_g=-saved.fine_g)
    grams, fine_g = saved.grams, saved.fine_g
    if refunded:
        amounts += pay_out(
            back,
            what=WHAT,
            number=out,
            by=by,
            at=at,
            customer=membership.customer,
            reason=ending.cash_reason.reason,
            approver=ending.cash_reason.approver,
        )
        line = Step(
            reference=str(out),
            amount=-refunded,
            grams=-grams,
            fine_g=-fine_g,
            shift=out.shift_id,
        )
        write_of_member(membership, SchemeMoveKind.REFUNDED, line, by=by, at=at)
        grams = fine_g = _ZERO
    if kept:
        amounts.append(Amount(account=chart.FORFEITS, commodity=membership.currency, amount=-kept))
        line = Step(
            reference=str(out), amount=-kept, grams=-grams, fine_g=-fine_g, shift=out.shift_id
        )
        write_of_member(membership, SchemeMoveKind.KEPT, line, by=by, at=at)
    post(
        what=WHAT,
        reference=str(out),
        at=at,
        day=day,
        by=by,
        amounts=amounts,
        shift=out.shift_id,
    )
    set_state(membership, MembershipState.CLOSED)
    return str(out)


def _references(membership: Membership, kind: SchemeMoveKind) -> list[str]:
    moves = SchemeMove.objects.filter(membership=membership, kind=kind)
    return list(moves.values_list("reference", flat=True))
