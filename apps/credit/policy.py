"""The shop's rules of gift cards and dues: section `credit` of its policies."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.core.errors import Forbidden, Invalid
from apps.core.units import MOST_MONEY, currency
from apps.shops.models import IN_CHARGE, Member, PolicyVersion
from apps.shops.policies import policy, set_policy

SECTION: Final = "credit"
LONGEST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRules:
    """How gift cards are sold and when they run out.

    `gift_card_days`: for how many days a card pays, NULL for ever.
    `breakage_days`: how many days after its last one what is left becomes
    income, NULL never. `most`: the largest card, NULL any.
    """

    gift_card_days: int | None = None
    breakage_days: int | None = None
    most: Decimal | None = None

    def last_day(self, sold_on: date) -> date | None:
        """The last day on which a card that is sold today pays."""
        if self.gift_card_days is None:
            return None
        return sold_on + timedelta(days=self.gift_card_days)


@dataclass(eq=False)
class CreditRulesImpossible(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return self.why


class CreditRulesNotYours(Forbidden):
    def __str__(self) -> str:
        return _("These rules are set by owners and managers. Ask one of them.")


def credit_rules(*, at: datetime) -> CreditRules:
    """The rules in force at `at`."""
    values = policy(SECTION, at=at)
    most = values.get("most")
    return CreditRules(
        gift_card_days=values.get("gift_card_days"),
        breakage_days=values.get("breakage_days"),
        most=Decimal(most) if most is not None else None,
    )


def set_credit_rules(rules: CreditRules, *, by: Member, at: datetime) -> PolicyVersion:
    """Let these rules count from `at` on; cards that were sold keep their last day.

    Raises CreditRulesNotYours, CreditRulesImpossible.
    """
    if by.role not in IN_CHARGE:
        raise CreditRulesNotYours
    _demand_days("gift_card_days", rules.gift_card_days, least=1)
    _demand_days("breakage_days", rules.breakage_days, least=0)
    most = rules.most
    if most is not None and not (
        most.is_finite() and 0 < most < MOST_MONEY and not most % currency(by.shop.currency).step
    ):
        raise CreditRulesImpossible(
            field="most",
            why=_("This is no amount of the shop's currency. Write it above zero."),
        )
    values: dict[str, Any] = {
        "gift_card_days": rules.gift_card_days,
        "breakage_days": rules.breakage_days,
        "most": format(most, "f") if most is not None else None,
    }
    return set_policy(SECTION, values, by=by, at=at)


def _demand_days(field: str, days: int | None, *, least: int) -> None:
    if days is not None and not least <= days <= LONGEST_DAYS:
        raise CreditRulesImpossible(
            field=field,
            why=_("Write from %(least)s to %(most)s days, or leave it empty.")
            % {"least": least, "most": LONGEST_DAYS},
        )
