"""Members of savings plans: joining, and instalments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Max

from apps.core.units import fine_grams
from apps.credit.payments import receive
from apps.credit.tendered import Tendered
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.selectors import customer_by_id, papers_of
from apps.deposits import rules
from apps.deposits.models import (
    Membership,
    MembershipState,
    SchemeKind,
    SchemeMove,
    SchemeMoveKind,
    SchemePlan,
)
from apps.deposits.refusals import (
    IdentityMissing,
    InstalmentIsFixed,
    InstalmentsDone,
    MembershipNotOpen,
)
from apps.deposits.selectors.schemes import (
    due_on,
    membership_to_change,
    plan_offered,
)
from apps.deposits.services.keys import digest_of, refuse_taken, same_request
from apps.deposits.services.passbook import (
    QuotedAt,
    Step,
    demand_amount,
    owed_to_member,
    write_of_member,
)
from apps.deposits.services.tenders import hold_for, words_of
from apps.ledger.services import post
from apps.pricing.rules import per_gram, quoted
from apps.pricing.selectors import board_at
from apps.shops.days import day_of
from apps.shops.models import Member, Shop
from apps.shops.services import next_number

WHAT: Final = "scheme"
_PASSBOOK, _RECEIPT, _PAY_OUT = "S", "P", "O"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Joined:
    membership: Membership
    receipt: SchemeMove


@transaction.atomic
def join(
    *,
    plan: str,
    customer: int,
    tenders: Sequence[Tendered],
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
    cash_reason: CashReason = NO_REASON,
) -> Joined:
    """Make a customer a member of the plan's newest version; the first instalment is paid now.

    A key that came before is answered with its passbook.

    Raises PlanNotFound, CustomerNotFound, IdentityMissing, InstalmentIsFixed, RateMissing,
    KeyUsed, RegisterNotFound, and what `credit.payments.receive` raises.
    """
    who = customer_by_id(customer, to_change=True)
    digest = digest_of(plan, customer, words_of(tenders))
    earlier = Membership.objects.select_related("plan").filter(key=key).first()
    if same_request(earlier, key=key, digest=digest, number=earlier.number if earlier else ""):
        assert earlier is not None
        return Joined(earlier, SchemeMove.objects.get(membership=earlier, key=key))
    terms = plan_offered(plan)
    if terms.needs_identity and not papers_of(who).exists():
        raise IdentityMissing(plan=terms.name, name=who.name)
    day = day_of(by.shop, at)
    ripe_on = rules.months_after(day, terms.instalments)
    redeem_by = ripe_on + timedelta(days=terms.redeem_days)
    if terms.longest_days is not None:
        redeem_by = max(ripe_on, min(redeem_by, day + timedelta(days=terms.longest_days)))
    hold_for(tenders, customer=who)
    number = next_number(by=by, at=at, code=register, kind=_PASSBOOK)
    with refuse_taken(key, "deposits_membership_key_unique"):
        membership = Membership.objects.create(
            number=str(number),
            plan=terms,
            customer=who,
            currency=by.shop.currency,
            day=day,
            ripe_on=ripe_on,
            redeem_by=redeem_by,
            opened_at=at,
            opened_by=by,
            shift_id=number.shift_id,
            key=key,
            request_digest=digest,
        )
    receipt = _receive(
        membership,
        1,
        tenders,
        key=key,
        digest=digest,
        by=by,
        at=at,
        register=register,
        cash_reason=cash_reason,
    )
    return Joined(membership, receipt)


@transaction.atomic
def pay_instalment(
    *,
    number: str,
    tenders: Sequence[Tendered],
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
    cash_reason: CashReason = NO_REASON,
) -> SchemeMove:
    """Take the next instalment; late ones lessen the bonus, and none is taken once it is ripe.

    A plan of grams buys them at today's rate, cut to the plan's step. A key that came before is
    answered with its line.

    Raises MembershipNotFound, MembershipNotOpen, InstalmentsDone, InstalmentIsFixed, RateMissing,
    ClockBehind, KeyUsed, and what `credit.payments.receive` raises.
    """
    membership = membership_to_change(number)
    digest = digest_of(number, words_of(tenders))
    earlier = same_request(
        SchemeMove.objects.filter(key=key).first(), key=key, digest=digest, number=number
    )
    if earlier is not None:
        return earlier
    if membership.state != MembershipState.OPEN:
        raise MembershipNotOpen(number=number, state=membership.state)
    last = SchemeMove.objects.filter(membership=membership).aggregate(last=Max("instalment"))
    following = (last["last"] or 0) + 1
    if following > membership.plan.instalments or day_of(by.shop, at) >= membership.ripe_on:
        raise InstalmentsDone(number=number)
    return _receive(
        membership,
        following,
        tenders,
        key=key,
        digest=digest,
        by=by,
        at=at,
        register=register,
        cash_reason=cash_reason,
    )


def _receive(
    membership: Membership,
    instalment: int,
    tenders: Sequence[Tendered],
    *,
    key: str,
    digest: str,
    by: Member,
    at: datetime,
    register: str,
    cash_reason: CashReason,
) -> SchemeMove:
    plan = membership.plan
    for tender in tenders:
        demand_amount(tender.amount, membership.currency)
    if sum((tender.amount for tender in tenders), _ZERO) != plan.amount:
        raise InstalmentIsFixed(amount=plan.amount, currency=membership.currency)
    hold_for(tenders, customer=membership.customer)
    grams, rate = _grams_for(plan, shop=by.shop, at=at)
    fine_g = fine_grams(grams, plan.fineness) if plan.fineness else _ZERO
    number = next_number(by=by, at=at, code=register, kind=_RECEIPT)
    debits = receive(
        tenders,
        what=WHAT,
        number=number,
        by=by,
        at=at,
        customer=membership.customer,
        reason=cash_reason.reason,
        approver=cash_reason.approver,
    )
    step = Step(
        reference=str(number),
        amount=plan.amount,
        grams=grams,
        fine_g=fine_g,
        rate=rate,
        shift=number.shift_id,
        key=key,
        digest=digest,
    )
    with refuse_taken(key, "deposits_schememove_key_unique"):
        move = write_of_member(
            membership,
            SchemeMoveKind.PAID,
            step,
            by=by,
            at=at,
            instalment=instalment,
            due_on=due_on(membership, instalment),
        )
    post(
        what=WHAT,
        reference=str(number),
        at=at,
        day=move.day,
        by=by,
        amounts=[*debits, *owed_to_member(membership, amount=plan.amount, fine_g=fine_g)],
        shift=number.shift_id,
    )
    return move


def _grams_for(plan: SchemePlan, *, shop: Shop, at: datetime) -> tuple[Decimal, QuotedAt | None]:
    if plan.kind != SchemeKind.GRAMS:
        return _ZERO, None
    assert plan.fineness is not None
    assert plan.gram_step is not None
    found = board_at(shop=shop, at=at, metals=[plan.metal]).quote_for(plan.metal, plan.fineness)
    price = per_gram(quoted(found.amount, found.unit, found.fineness), plan.fineness)
    rate = QuotedAt(amount=found.amount, unit=found.unit, fineness=found.fineness)
    return rules.grams_for(plan.amount, price, plan.gram_step), rate
