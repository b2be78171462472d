"""What one item of old gold is worth by a rate, less a cut."""

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from apps.core.units import EXACT, fine_grams, round_to
from apps.pricing.rules.rates import Rate, per_gram
from apps.pricing.rules.terms import TradeInTerms
from apps.pricing.rules.trade_ins import trade_in_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Fine grams, rounded once, and the value that they have. `rate_per_g`: of this fineness."""

    fine_g: Decimal
    value: Decimal
    rate_per_g: Decimal


def worth(
    *,
    net_g: Decimal,
    fineness: int,
    rate: Rate,
    premium_percent: Decimal,
    cut_percent: Decimal,
    step: Decimal,
) -> Worth:
    """value = (fine x rate of pure | net x rate of the fineness) x (100 - cut) / 100, rounded.

    The premium of an exchange raises the rate before anything is multiplied by it.
    Units: grams; parts per ten thousand; percent; `step` is what the value is rounded to.
    Raises RuleBroken for a rate that none can be.
    """
    with localcontext(EXACT):
        raised = replace(rate, amount=rate.amount * (100 + premium_percent) / 100)
        amount, _fine = trade_in_value(
            TradeInTerms(
                net_weight_g=net_g, fineness=fineness, rate=raised, cut_percent=cut_percent
            )
        )
        return Worth(
            fine_g=fine_grams(net_g, fineness),
            value=round_to(amount, step),
            rate_per_g=per_gram(raised, fineness),
        )
