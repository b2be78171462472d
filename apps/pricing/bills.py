"""How a shop bills on a day: its tax pack, its rounding, its coins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from apps.pricing import rules
from apps.pricing.policy import own_pricing
from apps.pricing.selectors import Board
from apps.shops.days import day_of
from apps.shops.models import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What every bill of a shop has in common on one day."""

    currency: str
    day: date
    pack: rules.PackVersion
    rounding: rules.RoundingPolicy
    cash_step: Decimal | None
    tax_rates: Mapping[str, Decimal] = field(default_factory=dict)  # percent by category

    def terms(
        self, lines: tuple[rules.LineTerms, ...], *, discount: rules.DiscountTerms | None = None
    ) -> rules.QuoteTerms:
        """These lines as one bill."""
        return rules.QuoteTerms(
            currency=self.currency,
            date=self.day,
            pack=self.pack,
            lines=lines,
            discount=discount,
            rounding=self.rounding,
            cash_step=self.cash_step,
            tax_rates=self.tax_rates,
        )


def billing_of(shop: Shop, at: datetime, *, board: Board | None = None) -> Billing:
    """The shop's billing at a moment, by its own dated rules where it has some. One query.

    A `board` of the same moment has read those rules for its pieces, and shares them.

    Raises RuleBroken: no pack of that name, or of that day.
    """
    day = day_of(shop, at)
    pack = rules.version_for(shop.tax_pack, day)
    own = board.own.pricing if board and board.own else own_pricing(shop, at)
    return Billing(
        currency=shop.currency,
        day=day,
        pack=pack,
        rounding=own.rounding_over(pack.rounding(shop.currency)),
        cash_step=shop.cash_step,
        tax_rates=own.charges.tax_rates,
    )
