"""Grams that are owed become money: all of them, or a part."""

from decimal import Decimal

from apps.core.units import EXACT, round_to


def provisional_part(
    *, fine_g: Decimal, owed_g: Decimal, provisional: Decimal, step: Decimal
) -> Decimal:
    """What stands in money for `fine_g` of the `owed_g` grams that are not fixed.

    In proportion, rounded; the last grams take what is left, so that nothing stays behind.
    """
    assert 0 < fine_g <= owed_g, (fine_g, owed_g)
    if fine_g == owed_g:
        return provisional
    share = EXACT.divide(EXACT.multiply(provisional, fine_g), owed_g)
    return min(round_to(share, step), provisional)
