"""How an open bill stands against what was handed over so far: arithmetic only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.units import round_to
from apps.sales.rules import CASH, Payment

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """At most one of `left`, `change` and `over` is above zero.

    `left`: still to pay. `change`: goes back from the drawer. `over`: paid too much by something
    else than cash, or cash for a bill that needed none; nothing gives that back. `cash_due`: what
    would settle the rest in cash, in coins that exist; `rounds_cash` says that it is not `left`
    itself.
    """

    left: Decimal
    change: Decimal
    over: Decimal
    cash_due: Decimal
    rounds_cash: bool

    @property
    def settled(self) -> bool:
        return not self.left and not self.over


def stand(*, total: Decimal, payments: Sequence[Payment], cash_step: Decimal) -> Standing:
    """Where the bill stands; `settled` exactly when `rules.settle` would accept the payments.

    rest = total - everything but cash
    due  = rest rounded to the smallest coin, unless no cash, or exactly `rest`, was handed over
    left = due - cash
    """
    cash = sum((payment.given for payment in payments if payment.kind == CASH), _ZERO)
    rest = total - sum((payment.given for payment in payments if payment.kind != CASH), _ZERO)
    if rest < 0 or (cash and not rest):
        return Standing(
            left=_ZERO, change=_ZERO, over=cash - rest, cash_due=_ZERO, rounds_cash=False
        )
    in_coins = round_to(rest, cash_step)
    due = rest if cash in (rest, _ZERO) else in_coins
    left = max(due - cash, _ZERO)
    # A rest below half a coin has no coins of its own: exactly that much is asked for.
    cash_due = (in_coins or rest) - cash if left else _ZERO
    return Standing(
        left=left,
        change=max(cash - due, _ZERO),
        over=_ZERO,
        cash_due=cash_due,
        rounds_cash=cash_due != left,
    )


# Bank notes in use, smallest to largest. What is no note here is handed over in round thousands.
_NOTES = {
    "AED": "5 10 20 50 100 200 500 1000",
    "CHF": "10 20 50 100 200 1000",
    "EUR": "5 10 20 50 100 200",
    "GBP": "5 10 20 50",
    "INR": "10 20 50 100 200 500",
    "IRR": "10000 20000 50000 100000 500000 1000000",
    "IRT": "1000 2000 5000 10000 50000 100000",
    "JPY": "1000 2000 5000 10000",
    "KWD": "0.25 0.5 1 5 10 20",
    "MMK": "500 1000 5000 10000",
    "MXN": "20 50 100 200 500 1000",
    "SAR": "5 10 50 100 200 500",
    "TRY": "5 10 20 50 100 200",
    "USD": "1 5 10 20 50 100",
}
_SERIES = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


def likely_cash(due: Decimal, currency: str) -> tuple[Decimal, ...]:
    """Up to three amounts above `due` that people hand over in notes, smallest first.

    Of the smallest multiples of each note above the sum: the first and the two largest.
    """
    if due <= 0:
        return ()
    notes = [Decimal(note) for note in _NOTES.get(currency, "").split()]
    if not notes:
        magnitude = Decimal(1).scaleb(due.adjusted() - 1)
        notes = [step * magnitude for step in _SERIES]
    above = sorted({_multiple_above(due, note).normalize() for note in notes})
    return tuple(above if len(above) <= 3 else [above[0], *above[-2:]])


def _multiple_above(due: Decimal, note: Decimal) -> Decimal:
    """The smallest multiple of the note that is more than `due`, since exactly has its own key."""
    return (due // note + 1) * note
