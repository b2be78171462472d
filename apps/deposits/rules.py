"""What deposits and savings schemes reckon: arithmetic only, no database, no clock."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from apps.core.units import EXACT, Rounding, round_to

_ZERO: Final = Decimal(0)
_MILLIGRAM: Final = Decimal("0.001")
_PRICE_STEP: Final = Decimal("0.000000000001")


def grams_for(amount: Decimal, price_per_g: Decimal, step: Decimal = _MILLIGRAM) -> Decimal:
    """Grams that the money reaches: amount ÷ price, cut to `step`.

    The customer never gets a milligram that the money did not reach. Units: money; money per
    gram; grams.
    """
    assert price_per_g > 0, price_per_g
    return round_to(EXACT.divide(amount, price_per_g), step, Rounding.DOWN)


@dataclass(frozen=True, slots=True)
class Bought:
    """Grams that one payment bought, and the price of a gram it bought them at."""

    grams: Decimal
    price_per_g: Decimal


def fixed_price_per_g(paid: Decimal, grams: Decimal, bought: Sequence[Bought]) -> Decimal:
    """The one price per gram at which `paid` reaches exactly `grams`.

    It is the average of what the grams were bought at, weighted by them. Each payment's grams
    were cut, so that the average may reach a milligram more, or after a part was used one less:
    then it is the nearest price that does neither.

    Units: money; grams; money per gram, to twelve decimals.
    """
    assert grams > 0, "no grams, no price"
    spent = sum((EXACT.multiply(one.grams, one.price_per_g) for one in bought), _ZERO)
    weight = sum((one.grams for one in bought), _ZERO)
    average = round_to(EXACT.divide(spent, weight), _PRICE_STEP)
    reached = grams_for(paid, average)
    if reached > grams:
        too_low = EXACT.divide(paid, grams + _MILLIGRAM)
        return round_to(too_low, _PRICE_STEP, Rounding.DOWN) + _PRICE_STEP
    if reached < grams:
        return round_to(EXACT.divide(paid, grams), _PRICE_STEP, Rounding.DOWN)
    return average


def share_of(whole: Decimal, part: Decimal, of: Decimal, step: Decimal) -> Decimal:
    """The part of `whole` that goes with `part` of `of`, cut to `step`; all of it with all."""
    assert 0 <= part <= of, (part, of)
    if part == of:
        return whole
    return round_to(EXACT.divide(EXACT.multiply(whole, part), of), step, Rounding.DOWN)


def percent_of(amount: Decimal, percent: Decimal, step: Decimal) -> Decimal:
    """amount × percent ÷ 100, half up to `step`."""
    return round_to(EXACT.divide(EXACT.multiply(amount, percent), Decimal(100)), step)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def bonus_of(
    *,
    instalment: Decimal,
    bonus_percent: Decimal,
    instalments: int,
    on_time: int,
    late_allowed: int,
    step: Decimal,
) -> Decimal:
    """The bonus of a value scheme when it is ripe.

    instalment × bonus percent × (instalments on time ÷ instalments), cut to `step`; nothing
    where more than `late_allowed` were late or not paid. 5,000 at 75 %, all eleven on time:
    3,750.

    Source: docs/howto/savings-schemes.md.
    """
    if instalments - on_time > late_allowed:
        return _ZERO
    full = EXACT.divide(EXACT.multiply(instalment, bonus_percent), Decimal(100))
    return round_to(
        EXACT.divide(EXACT.multiply(full, Decimal(on_time)), Decimal(instalments)),
        step,
        Rounding.DOWN,
    )
