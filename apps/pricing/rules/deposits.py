"""What a deposit does to a bill: three contracts, told apart by what happens to the rate.

value      money only; every gram is charged at the rate of the delivery day.
grams      the money bought grams at the rate of the booking day; the rest is open.
full_lock  every gram is charged at the rate of the booking day.

In all three the money itself is then taken off what is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.units import Rounding, round_to
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.checks import check_rate
from apps.pricing.rules.rates import Rate, per_gram
from apps.pricing.rules.terms import DepositKind, DepositTerms, LineTerms
from apps.pricing.rules.weights import Weights

_ZERO = Decimal(0)
_MILLIGRAM = Decimal("0.001")

Place = tuple[int, int]  # line, metal of the line


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLock:
    """`grams` of one metal of one line are charged at `rate`; they are net or wastage grams."""

    grams: Decimal
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositUse:
    """What the deposit covered, for the bill. Grams are of the fineness they were priced in."""

    kind: DepositKind
    amount: Decimal
    grams_locked: Decimal
    locked_value: Decimal
    open_grams: Decimal
    open_value: Decimal


def locks(
    deposit: DepositTerms | None, lines: Sequence[LineTerms], weights: Sequence[Weights]
) -> Mapping[Place, RateLock]:
    """Which grams of which line the deposit has fixed, heaviest metal first.

    grams = deposit / booking rate, cut to the milligram: the customer never gets a milligram that
    the money did not reach. What is cut stays money. The order of the lines does not matter.

    Raises RuleBroken: a deposit below zero, or one that locks a rate without naming it.
    """
    if deposit is None:
        return {}
    if deposit.amount < 0:
        raise RuleBroken("deposit.amount", gettext_noop("A deposit cannot be below 0."))
    if deposit.kind == DepositKind.VALUE:
        return {}
    rate = deposit.rate
    if rate is None:
        raise RuleBroken(
            "deposit.rate",
            gettext_noop("This deposit fixes the rate. Give the rate of the booking day."),
        )
    check_rate(rate, "deposit.rate")
    everything = deposit.kind == DepositKind.FULL_LOCK
    left = deposit.amount
    fixed: dict[Place, RateLock] = {}
    for place, grams, fineness in _candidates(deposit, lines, weights):
        price = per_gram(rate, fineness)
        reached = grams if everything else round_to(left / price, _MILLIGRAM, Rounding.DOWN)
        taken = min(grams, reached)
        if taken > 0:
            fixed[place] = RateLock(grams=taken, rate=rate)
            left -= taken * price
    return fixed


def _candidates(
    deposit: DepositTerms, lines: Sequence[LineTerms], weights: Sequence[Weights]
) -> list[tuple[Place, Decimal, int | Decimal]]:
    found = []
    for i, (line, weight) in enumerate(zip(lines, weights, strict=True)):
        if line.fixed_price is not None:
            continue
        for j, (terms, metal) in enumerate(zip(line.metals, weight.metals, strict=True)):
            if terms.rate is None or terms.fineness is None or metal.net_g is None:
                continue
            if deposit.metal in ("", terms.metal):
                dear = per_gram(terms.rate, terms.fineness)
                found.append(((i, j), metal.chargeable_g, terms.fineness, dear))
    found.sort(key=lambda item: (-item[1], -item[2], -item[3]))
    return [(place, grams, fineness) for place, grams, fineness, _ in found]
