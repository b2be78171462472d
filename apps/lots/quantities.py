"""How much of a lot: pieces, grams, carats together; and the cost of a part of it. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.core.units import EXACT, round_money, round_to

_MILLIGRAM: Final = Decimal("0.001")
_CARAT_STEP: Final = Decimal("0.00001")
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Units: pieces, grams of metal, carats of stones."""

    pieces: int = 0
    grams: Decimal = _ZERO
    carats: Decimal = _ZERO

    @property
    def measure(self) -> Decimal:
        """The weight, in the unit of its kind: a lot has grams or carats, never both."""
        return self.grams or self.carats

    @property
    def is_nothing(self) -> bool:
        return not (self.pieces or self.grams or self.carats)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(
            pieces=self.pieces + other.pieces,
            grams=self.grams + other.grams,
            carats=self.carats + other.carats,
        )

    def __neg__(self) -> "Quantity":
        return Quantity(pieces=-self.pieces, grams=-self.grams, carats=-self.carats)


def share_of_cost(cost: Decimal, *, part: Quantity, whole: Quantity, exponent: int) -> Decimal:
    """What a part costs at the average of the whole: by weight, or by pieces where none is known.

    cost × part ÷ whole, rounded once to the currency's decimals. The part that
    leaves nothing behind takes all of the cost, so that no remainder stays.
    """
    if (whole + -part).is_nothing:
        return cost
    return min(cost, at_average(cost, of=part, whole=whole, exponent=exponent))


def at_average(cost: Decimal, *, of: Quantity, whole: Quantity, exponent: int) -> Decimal:
    """What so much costs at the average of the whole, also where it is more than the whole.

    Nothing where the whole is nothing.
    """
    times, parts = (
        (of.measure, whole.measure)
        if whole.measure
        else (Decimal(of.pieces), Decimal(whole.pieces))
    )
    if not parts:
        return _ZERO
    return round_money(EXACT.divide(EXACT.multiply(cost, times), parts), exponent)


def average_weight(pieces: int, whole: Quantity) -> Quantity:
    """So many pieces, with the weight that they have on the average of the whole."""
    if not whole.pieces or pieces >= whole.pieces:
        return Quantity(pieces=pieces, grams=whole.grams, carats=whole.carats)

    def share(of: Decimal, step: Decimal) -> Decimal:
        return round_to(EXACT.divide(EXACT.multiply(of, Decimal(pieces)), whole.pieces), step)

    return Quantity(
        pieces=pieces,
        grams=share(whole.grams, _MILLIGRAM),
        carats=share(whole.carats, _CARAT_STEP),
    )
