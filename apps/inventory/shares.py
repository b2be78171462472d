"""One amount shared out by weights, exactly: what rounding leaves goes to the last. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from apps.core.units import EXACT, round_to


def share_out(amount: Decimal, weights: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """Parts of `amount` in the ratio of `weights`, each a multiple of `step` but the last.

    They add up to `amount`, and none is below zero where it is not. Weights that are all zero
    count alike. A part of no weight gets nothing while another has some.
    """
    assert weights, "nobody to share with"
    if not any(weights):
        weights = [Decimal(1)] * len(weights)
    whole = sum(weights, Decimal(0))
    left, parts = amount, []
    heavy = max(n for n, weight in enumerate(weights) if weight)
    for n, weight in enumerate(weights):
        part = (
            Decimal(0)
            if n == heavy
            else min(left, round_to(EXACT.divide(amount * weight, whole), step))
        )
        left -= part
        parts.append(part)
    parts[heavy] = left
    return parts
