"""How a shop bills on a day: its tax pack, its rounding, its coins."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.pricing import rules
from apps.pricing.schemas import RoundingIn
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
        )


def billing_of(shop: Shop, at: datetime) -> Billing:
    """The shop's billing at a moment. Raises RuleBroken: no pack of that name, or of that day."""
    day = day_of(shop, at)
    pack = rules.version_for(shop.tax_pack, day)
    rounding = pack.rounding(shop.currency)
    if shop.rounding:
        rounding = RoundingIn.model_validate(shop.rounding).over(rounding)
    return Billing(
        currency=shop.currency,
        day=day,
        pack=pack,
        rounding=rounding,
        cash_step=shop.cash_step,
    )
