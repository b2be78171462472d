"""What an owner gets for a sold piece: arithmetic only."""

from decimal import Decimal

from apps.core.units import EXACT, round_to

_HUNDRED = Decimal(100)


def owners_part(*, percent: Decimal, price: Decimal, step: Decimal) -> Decimal:
    """price × percent ÷ 100, rounded to the currency's step. `price` is without tax.

    Units: money; percent of the price.
    """
    return round_to(EXACT.divide(EXACT.multiply(price, percent), _HUNDRED), step)
