"""Writes: the shop's own limits of cash, which stand beside those of the law."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Forbidden, Invalid
from apps.core.formatting import currency_name, money
from apps.core.units import MOST_MONEY
from apps.customers.cash import SECTION
from apps.customers.rules.places import Effect, Way, floor_of, rules_of
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE, Member
from apps.shops.policies import policy, set_policy

MOST_DAYS: Final = 365


class CashLimitsNotYours(Forbidden):
    def __str__(self) -> str:
        return _("Limits of cash are set by owners and managers. Ask one of them.")


@dataclass(eq=False)
class CashLimitImpossible(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLimit:
    """From `threshold` on, added up over `days`, `effect` happens."""

    threshold: Decimal
    days: int
    effect: Effect


@transaction.atomic
def set_own_limit(*, way: Way, limit: OwnLimit | None, by: Member, at: datetime) -> None:
    """Let this limit count from now on, beside those of the law; None takes the shop's own away.

    It can only be stricter: what the law asks stays asked.
    Raises CashLimitsNotYours, CashLimitImpossible.
    """
    if by.role not in IN_CHARGE:
        raise CashLimitsNotYours
    assert way in (Way.IN, Way.OUT), way
    values: dict[str, Any] = dict(policy(SECTION, at=at))
    values.pop(way.value, None)
    if limit is not None:
        _demand_possible(limit, way=way, by=by, at=at)
        values[way.value] = {
            "threshold": format(limit.threshold, "f"),
            "days": limit.days,
            "effect": limit.effect.value,
        }
    set_policy(SECTION, values, by=by, at=at)


def _demand_possible(limit: OwnLimit, *, way: Way, by: Member, at: datetime) -> None:
    home = by.shop.currency
    if not limit.threshold.is_finite() or not 0 < limit.threshold < MOST_MONEY:
        raise CashLimitImpossible(
            field="threshold", why=_("A limit is above zero. Write an amount.")
        )
    if not 1 <= limit.days <= MOST_DAYS:
        raise CashLimitImpossible(
            field="days",
            why=_("Cash is added up over 1 to %(most)s days. Write how many.")
            % {"most": MOST_DAYS},
        )
    rules = rules_of(by.shop.tax_pack, day=day_of(by.shop, at), currency=home, way=way)
    floor = floor_of(rules)
    if floor is not None and limit.threshold < floor:
        raise CashLimitImpossible(
            field="threshold",
            why=_("The lowest limit here is %(floor)s %(currency)s. Write that or more.")
            % {"floor": money(floor, home), "currency": currency_name(home)},
        )
