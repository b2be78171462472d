"""Rate arithmetic: from any quoted rate to money per gram of the fineness that is wanted.

A quote is money for a weight of metal of one fineness: 6,000 for a gram of 916, 9,106,000 for a
mithqal of 705, 2,650.40 for a troy ounce of pure. A rate that was quoted for the fineness of the
piece is used as it is; multiplying it by the fineness again is the classic mistake.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from apps.core.units import EXACT, FULL_FINENESS, grams_per


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`amount` of money for `unit_g` grams of metal of `fineness`.

    `fineness` None means: of the fineness of the metal it prices. Units: money; grams; parts per
    ten thousand.
    """

    amount: Decimal
    unit_g: Decimal = Decimal(1)
    fineness: int | Decimal | None = None

    @property
    def is_for_fine(self) -> bool:
        """Whether it prices pure metal, so that it multiplies fine grams."""
        return self.fineness == FULL_FINENESS


def quoted(amount: Decimal, unit: str, fineness: int | Decimal | None = None) -> Rate:
    """The rate "`amount` a `unit`", for example 9,106,000 a mithqal of 705. Raises UnknownUnit."""
    return Rate(amount=amount, unit_g=grams_per(unit), fineness=fineness)


def per_gram(rate: Rate, fineness: int | Decimal) -> Decimal:
    """Money per gram of metal of `fineness`, unrounded.

    amount ÷ unit_g × fineness ÷ quoted fineness. 9,106,000 a mithqal (4.6083 g) of 705 is
    2,102,127.47… a gram of 750. Round only what it is multiplied into.
    """
    own = fineness if rate.fineness is None else rate.fineness
    value = EXACT.multiply(rate.amount, Decimal(fineness))
    return EXACT.divide(value, EXACT.multiply(rate.unit_g, Decimal(own)))


def per_fine_gram(rate: Rate, fineness: int | Decimal) -> Decimal:
    """Money per gram of pure metal that the rate implies for a piece of `fineness`, unrounded."""
    own = fineness if rate.fineness is None else rate.fineness
    value = EXACT.multiply(rate.amount, Decimal(FULL_FINENESS))
    return EXACT.divide(value, EXACT.multiply(rate.unit_g, Decimal(own)))


class HasFineness(Protocol):
    """A row of the rate board, as far as choosing among rows goes."""

    @property
    def fineness(self) -> int: ...


Quoted = TypeVar("Quoted", bound=HasFineness)


def choose(quotes: Iterable[Quoted], fineness: int) -> Quoted | None:
    """The quote to price metal of `fineness` by: its own if there is one, else the purest.

    A board that quotes pure gold and 22 karat prices 18 karat by the pure gold, because the
    alloyed quote carries the premium of its own karat. All quotes are of one metal, one side and
    one day. None when there is no quote at all. The caller converts with `per_gram`, which needs
    to know what fineness the quote was for.
    """
    return max(quotes, key=lambda quote: (quote.fineness == fineness, quote.fineness), default=None)
