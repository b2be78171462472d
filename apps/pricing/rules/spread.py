"""Share an amount out over lines so that the shares are whole steps and add up to it exactly."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from apps.core.units import EXACT, Rounding, round_to

_ZERO = Decimal(0)
_ONE = Decimal(1)


def spread(amount: Decimal, weights: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """Largest-remainder shares of `amount` in proportion to `weights`, in multiples of `step`.

    Each share is first cut to a whole step toward zero; the steps left over go one each to the
    largest cut-off remainders, and among equals to the largest weight, so that the shares do not
    depend on the order of unequal lines. What `amount` has below one step goes with the first
    leftover. Weights are not negative and not all zero.
    """
    whole = sum(weights, _ZERO)
    assert whole > 0, "nothing to spread over"
    if len(weights) == 1:
        return [amount]
    exact = [EXACT.divide(EXACT.multiply(amount, weight), whole) for weight in weights]
    shares = [round_to(share, step, Rounding.DOWN) for share in exact]
    left = amount - sum(shares, _ZERO)
    if not left:
        return shares
    by_remainder = sorted(
        (i for i, weight in enumerate(weights) if weight),
        key=lambda i: (-abs(exact[i] - shares[i]), -weights[i]),
    )
    unit = step.copy_sign(left)
    for i in by_remainder[: int((left / unit).quantize(_ONE, ROUND_DOWN))]:
        shares[i] += unit
        left -= unit
    shares[by_remainder[0]] += left
    return shares
