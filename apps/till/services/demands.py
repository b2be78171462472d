"""What must be true of an amount or a count before anything is written."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.units import currency, round_to
from apps.till.counted import Counted
from apps.till.policy import CurrencyNotTaken

MOST_PIECES: Final = 1_000_000  # of one note in a drawer, or of pieces in a tray
# No drawer holds more; sums of a thousand of these still fit a column.
MOST_COUNTED: Final = Decimal(10) ** 13
_MOST_GRAMS: Final = Decimal(100_000)


@dataclass(eq=False)
class AmountImpossible(Invalid):
    """No amount that a drawer could hold: zero, below it, too large, a fraction of the coin."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return _("%(amount)s %(currency)s is no amount of cash. Write what changes hands.") % {
            "amount": self.amount,
            "currency": self.currency,
        }


@dataclass(eq=False)
class CountImpossible(Invalid):
    """A count with a number below zero, or larger than what a drawer holds."""

    where: str

    def __str__(self) -> str:
        return _("What was counted of %(where)s cannot be. Look at the figure again.") % {
            "where": self.where
        }


def demand_cash(code: str, *, taken: Collection[str]) -> None:
    """Raises CurrencyNotTaken."""
    if code not in taken:
        raise CurrencyNotTaken(currency=code)


def demand_amount(amount: Decimal, code: str) -> None:
    """Raises AmountImpossible: not finite, not above zero, finer than the currency is written."""
    possible = amount.is_finite() and 0 < amount < MOST_COUNTED
    if not possible or round_to(amount, currency(code).step) != amount:
        raise AmountImpossible(amount=amount, currency=code)


def demand_sense(counted: Counted) -> None:
    """Raises CountImpossible."""
    for code, cash in counted.cash.items():
        numbers = [Decimal(number) for number in cash.pieces.values()]
        if any(not 0 <= number <= MOST_PIECES for number in numbers):
            raise CountImpossible(where=code)
        _demand_sum(cash.other, code, code)
        _demand_sum(cash.total, code, code)
    for kind, amount in counted.slips.items():
        if not amount.is_finite() or not 0 <= amount < MOST_COUNTED:
            raise CountImpossible(where=kind)
    for metal, grams in counted.bags.items():
        if not grams.is_finite() or not 0 <= grams <= _MOST_GRAMS:
            raise CountImpossible(where=metal)
    for tray in counted.trays:
        if tray.counted is not None and not 0 <= tray.counted <= MOST_PIECES:
            raise CountImpossible(where=tray.name)


def _demand_sum(amount: Decimal, code: str, where: str) -> None:
    possible = amount.is_finite() and 0 <= amount < MOST_COUNTED
    if not possible or round_to(amount, currency(code).step) != amount:
        raise CountImpossible(where=where)
