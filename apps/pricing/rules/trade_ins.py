"""Old gold taken in payment: what it is worth, and whether it lowers the tax base."""

from collections.abc import Sequence
from decimal import Decimal

from apps.core.units import Currency, fine_grams, round_to
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.checks import LARGEST, check_rate, too_large
from apps.pricing.rules.packs import PackVersion, TradeInRule
from apps.pricing.rules.quotes import TradeIn
from apps.pricing.rules.rates import per_gram
from apps.pricing.rules.terms import TradeInTerms


def take_in(
    terms: Sequence[TradeInTerms], pack: PackVersion, money: Currency
) -> tuple[TradeIn, ...]:
    """Value each piece of old gold and settle whether it lowers the tax base. Raises RuleBroken."""
    taken = []
    for i, item in enumerate(terms):
        reduces = item.reduces_tax_base
        if reduces is None:
            reduces = pack.trade_in == TradeInRule.ALWAYS or (
                pack.trade_in == TradeInRule.LIKE_KIND and item.like_kind
            )
        try:
            amount, fine_g = trade_in_value(item)
        except RuleBroken as broken:
            raise broken.under(f"trade_ins.{i}") from None
        if amount > LARGEST:
            raise too_large(f"trade_ins.{i}")
        taken.append(
            TradeIn(
                description=item.description,
                metal=item.metal,
                fine_g=fine_g,
                amount=round_to(amount, money.step),
                reduces_tax_base=reduces,
            )
        )
    return tuple(taken)


def trade_in_value(item: TradeInTerms) -> tuple[Decimal, Decimal | None]:
    """What old gold is worth, unrounded, and its fine grams where they are known.

    The agreed amount, or (fine grams x rate of pure | net x rate of its fineness) less the cut.
    Raises RuleBroken: neither an amount nor what it takes to work one out.
    """
    fine_g = None
    if item.net_weight_g is not None and item.net_weight_g <= 0:
        raise RuleBroken("net_weight_g", gettext_noop("A weight must be above 0 g."))
    if item.net_weight_g is not None and item.fineness is not None:
        fine_g = fine_grams(item.net_weight_g, item.fineness)
    if not 0 <= item.cut_percent <= 100:
        raise RuleBroken("cut_percent", gettext_noop("A cut is from 0 to 100 percent."))
    if item.amount is not None:
        if item.amount < 0 or item.rate is not None:
            raise RuleBroken(
                "amount", gettext_noop("Old gold has an amount of 0 or more, or a rate. Give one.")
            )
        return item.amount, fine_g
    if item.rate is None or item.net_weight_g is None or item.fineness is None or fine_g is None:
        raise RuleBroken(
            "amount",
            gettext_noop("Give the amount for the old gold, or its weight, fineness and rate."),
        )
    check_rate(item.rate, "rate")
    if item.rate.is_for_fine:
        value = fine_g * item.rate.amount / item.rate.unit_g
    else:
        value = item.net_weight_g * per_gram(item.rate, item.fineness)
    return value * (100 - item.cut_percent) / 100, fine_g
