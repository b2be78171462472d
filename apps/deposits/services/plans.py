"""Savings plans: each change is a new version, for those who join from then on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.deposits.models import SchemeKind, SchemePlan
from apps.deposits.refusals import (
    KeyUsed,
    PlanImpossible,
)
from apps.deposits.services.passbook import demand_amount
from apps.shops.models import Member

_MOST_INSTALMENTS: Final = 120
_DAYS_A_MONTH: Final = 31
_STEPS: Final = (Decimal("0.001"), Decimal("0.01"))
_LONGEST_CODE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A plan as it is offered. Units: money; percent of one instalment; days; grams.

    `longest_days`: from joining to the last use, where the law limits it (India: 365).
    """

    code: str
    name: str
    kind: SchemeKind
    amount: Decimal
    instalments: int
    bonus_percent: Decimal = Decimal(0)
    late_allowed: int = 0
    redeem_days: int = 60
    longest_days: int | None = None
    early_kept_percent: Decimal = Decimal(0)
    metal: str = ""
    fineness: int | None = None
    gram_step: Decimal | None = None
    excluded_category: str = ""
    needs_identity: bool = False
    offered: bool = True


@transaction.atomic
def offer(*, plan: NewPlan, by: Member, at: datetime) -> SchemePlan:
    """Write the next version of a plan; the first, where its code is new.

    Raises PlanImpossible, AmountImpossible.
    """
    _demand_sense(plan)
    demand_amount(plan.amount, by.shop.currency)
    last = SchemePlan.objects.filter(code=plan.code).aggregate(last=Max("version"))["last"] or 0
    taken = {"deposits_plan_version_unique": KeyUsed(key=plan.code, number="")}
    of_grams = plan.kind == SchemeKind.GRAMS
    with refuse_on(taken):
        return SchemePlan.objects.create(
            code=plan.code,
            version=last + 1,
            name=plan.name.strip(),
            kind=plan.kind,
            amount=plan.amount,
            instalments=plan.instalments,
            bonus_percent=Decimal(0) if of_grams else plan.bonus_percent,
            late_allowed=plan.late_allowed,
            redeem_days=plan.redeem_days,
            longest_days=plan.longest_days,
            early_kept_percent=plan.early_kept_percent,
            metal=plan.metal if of_grams else "",
            fineness=plan.fineness if of_grams else None,
            gram_step=plan.gram_step if of_grams else None,
            excluded_category=plan.excluded_category.strip(),
            needs_identity=plan.needs_identity,
            offered=plan.offered,
            valid_from=at,
            set_by=by,
        )


def _demand_sense(plan: NewPlan) -> None:
    """Raises PlanImpossible, with the sentence of the first thing that cannot be."""
    code = plan.code
    if (
        not (code.isascii() and code.isalnum() and code == code.upper())
        or len(code) > _LONGEST_CODE
    ):
        raise PlanImpossible(
            reason=_("The code is capitals and digits, twelve at most, for example GOLD11.")
        )
    if not plan.name.strip():
        raise PlanImpossible(reason=_("The plan has no name. Write what customers call it."))
    if not 1 <= plan.instalments <= _MOST_INSTALMENTS:
        raise PlanImpossible(reason=_("A plan has between 1 and 120 instalments."))
    if not (plan.bonus_percent.is_finite() and 0 <= plan.bonus_percent <= 1000):
        raise PlanImpossible(reason=_("The bonus is between 0 and 1000 percent of an instalment."))
    if not (plan.early_kept_percent.is_finite() and 0 <= plan.early_kept_percent <= 100):
        raise PlanImpossible(reason=_("What is kept is between 0 and 100 percent."))
    if plan.longest_days is not None and plan.instalments * _DAYS_A_MONTH > plan.longest_days:
        raise PlanImpossible(
            reason=_("So many instalments take longer than the days allowed. Plan fewer.")
        )
    if plan.kind == SchemeKind.GRAMS:
        if not plan.metal or not plan.fineness:
            raise PlanImpossible(reason=_("A plan of grams names its metal and fineness."))
        if plan.gram_step not in _STEPS:
            raise PlanImpossible(reason=_("Grams are cut to 0.01 or to 0.001. Choose one."))
