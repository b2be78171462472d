"""Reads of savings schemes: plans, members, passbooks, and what a member may spend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Max, QuerySet, Sum, Window

from apps.core.units import EXACT, Rounding, currency, round_to
from apps.customers.selectors import customer_by_id
from apps.deposits import rules
from apps.deposits.models import (
    Membership,
    SchemeKind,
    SchemeMove,
    SchemeMoveKind,
    SchemePlan,
)
from apps.deposits.refusals import (
    MembershipNotFound,
    PlanNotFound,
)
from apps.pricing.rules import Rate, per_gram
from apps.pricing.selectors import board_at
from apps.shops.days import day_of
from apps.shops.models import Shop

_ZERO: Final = Decimal(0)


def newest_plans() -> QuerySet[SchemePlan]:
    """The newest version of each plan, by its code; those that are not offered any more too."""
    newest = SchemePlan.objects.values("code").annotate(newest=Max("pk")).values("newest")
    return SchemePlan.objects.filter(pk__in=newest).order_by("code")


def plan_offered(code: str) -> SchemePlan:
    """The version of a plan that one can join now. Raises PlanNotFound."""
    plan = newest_plans().filter(code=code.replace("\x00", ""), offered=True).first()
    if plan is None:
        raise PlanNotFound(code=code.replace("\x00", "�")[:40])
    return plan


def membership_by_number(number: str) -> Membership:
    """The passbook with this number, with its plan and customer. Raises MembershipNotFound."""
    found = (
        Membership.objects.select_related("customer", "plan", "opened_by__user")
        .filter(number=number.replace("\x00", ""))
        .first()
    )
    if found is None:
        raise MembershipNotFound(number=number.replace("\x00", "�")[:40])
    return found


def membership_to_change(number: str) -> Membership:
    """The passbook, locked until the transaction ends, its customer locked before it.

    Raises MembershipNotFound.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    customer = customer_by_id(membership_by_number(number).customer_id, to_change=True)
    membership = (
        Membership.objects.select_for_update(of=("self",)).select_related("plan").get(number=number)
    )
    membership.customer = customer
    return membership


def lines_of(membership: Membership) -> Sequence[SchemeMove]:
    """Its passbook, the first line first, with who wrote them and the `balance` after each."""
    balance = Window(Sum("amount"), order_by="position")
    return list(
        SchemeMove.objects.filter(membership=membership)
        .select_related("by__user", "shift")
        .annotate(balance=balance)
        .order_by("position")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a passbook holds now. `bonus_used` is what bills have taken of the bonus."""

    amount: Decimal
    grams: Decimal
    fine_g: Decimal
    bonus_used: Decimal


def saved_in(membership: Membership, *, upto: int | None = None) -> Saved:
    """The sum of the passbook's lines; `upto`: as of the line there."""
    moves = SchemeMove.objects.filter(membership=membership)
    if upto is not None:
        moves = moves.filter(position__lte=upto)
    sums = moves.aggregate(
        amount=Sum("amount"), grams=Sum("grams"), fine_g=Sum("fine_g"), bonus=Sum("bonus")
    )
    return Saved(
        amount=sums["amount"] or _ZERO,
        grams=sums["grams"] or _ZERO,
        fine_g=sums["fine_g"] or _ZERO,
        bonus_used=-(sums["bonus"] or _ZERO),
    )


def due_on(membership: Membership, instalment: int) -> date:
    """The last day on which this instalment is on time; the first is due on joining."""
    return rules.months_after(membership.day, instalment - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What a member may spend on a bill. `spend` = `paid` + `bonus`.

    Gram kind: `spend` is today's value of the grams, `bonus` its difference to what was paid
    for them (below zero where the rate fell), and `free_making_g` the grams, of the plan's
    fineness, on which no making is charged. `excluded_category`: pieces of it are not sold
    against the scheme.
    """

    paid: Decimal
    bonus: Decimal
    grams: Decimal
    fine_g: Decimal
    free_making_g: Decimal
    is_ripe: bool
    in_window: bool
    excluded_category: str

    @property
    def spend(self) -> Decimal:
        return self.paid + self.bonus


def benefit_of(membership: Membership, *, shop: Shop, at: datetime) -> Benefit:
    """What the member may spend at `at`; nothing is locked or written.

    After the window the bonus is gone, and making is charged; the money and the grams stay
    the member's. Raises RateMissing (gram kind).
    """
    plan, day = membership.plan, day_of(shop, at)
    saved = saved_in(membership)
    in_window = membership.ripe_on <= day <= membership.redeem_by
    if plan.kind == SchemeKind.GRAMS:
        bonus = _worth(plan, saved.grams, shop=shop, at=at) - saved.amount
    elif in_window:
        bonus = _bonus(membership) - saved.bonus_used
    else:
        bonus = _ZERO
    return Benefit(
        paid=saved.amount,
        bonus=bonus,
        grams=saved.grams,
        fine_g=saved.fine_g,
        free_making_g=saved.grams if in_window else _ZERO,
        is_ripe=day >= membership.ripe_on,
        in_window=in_window,
        excluded_category=plan.excluded_category,
    )


def rate_of(plan: SchemePlan, *, shop: Shop, at: datetime) -> Rate:
    """Today's selling rate of a gram plan's metal. Raises RateMissing."""
    assert plan.fineness is not None
    return board_at(shop=shop, at=at, metals=[plan.metal]).rate_for(plan.metal, plan.fineness)


def _worth(plan: SchemePlan, grams: Decimal, *, shop: Shop, at: datetime) -> Decimal:
    if not grams:
        return _ZERO
    assert plan.fineness is not None
    price = per_gram(rate_of(plan, shop=shop, at=at), plan.fineness)
    return round_to(EXACT.multiply(grams, price), currency(shop.currency).step, Rounding.DOWN)


def _bonus(membership: Membership) -> Decimal:
    plan = membership.plan
    paid = SchemeMove.objects.filter(membership=membership, kind=SchemeMoveKind.PAID)
    return rules.bonus_of(
        instalment=plan.amount,
        bonus_percent=plan.bonus_percent,
        instalments=plan.instalments,
        on_time=sum(1 for move in paid if move.due_on and move.day <= move.due_on),
        late_allowed=plan.late_allowed,
        step=currency(membership.currency).step,
    )
