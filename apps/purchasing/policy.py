"""The shop's own rules of old gold, on top of those of the place."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.units import currency
from apps.purchasing.rules.places import PlaceRules, overridden, rules_of
from apps.shops.days import day_of
from apps.shops.models import Shop
from apps.shops.policies import policy

SECTION: Final = "old_gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldGoldPolicy:
    """`premium_percent`: how much more than the buying rate is given in exchange.

    `cut_percent`: what is kept for melting and loss where nobody says otherwise. `step`: what
    each value is rounded to, so that it can be paid in coins.
    """

    place: PlaceRules
    premium_percent: Decimal
    cut_percent: Decimal
    step: Decimal

    @property
    def declaration(self) -> str:
        """What the seller signs."""
        return self.place.declaration or _(
            "I declare that the articles listed here are my own, that they are free of pledges"
            " and claims of others, and that I sell them of my own will at the weights, the"
            " fineness and the price stated. I have seen them weighed and tested."
        )


def old_gold_policy(*, shop: Shop, at: datetime) -> OldGoldPolicy:
    """The rules in force at `at`. One query."""
    values = policy(SECTION, at=at)
    return OldGoldPolicy(
        place=overridden(rules_of(shop.tax_pack, day_of(shop, at)), values),
        premium_percent=Decimal(values.get("premium_percent", "0")),
        cut_percent=Decimal(values.get("cut_percent", "0")),
        step=shop.cash_step or currency(shop.currency).step,
    )
