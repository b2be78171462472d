"""Settling a bill: arithmetic only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.units import round_to

CASH = "cash"
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Payment:
    """What was handed over, of one kind of tender; `given` counts, in the shop's currency.

    `foreign` of `currency`, each worth `rate`: cash of another currency. `instrument`: the card's
    or the bank's slip, the gift card, the old-gold slip, the deposit, the savings scheme.
    """

    kind: str
    given: Decimal
    currency: str = ""
    foreign: Decimal | None = None
    rate: Decimal | None = None
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment and what of it pays the bill; the difference went back as change."""

    payment: Payment
    amount: Decimal

    @property
    def kind(self) -> str:
        return self.payment.kind

    @property
    def given(self) -> Decimal:
        return self.payment.given


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The sum of the amounts is total + cash_rounding."""

    tenders: tuple[Settled, ...]
    cash_rounding: Decimal
    change: Decimal


class DoesNotSettle(ValueError):
    """The payments do not come to the bill. `left` is what is missing, or, below zero, too much."""

    def __init__(self, left: Decimal) -> None:
        super().__init__(left)
        self.left = left


def settle(*, total: Decimal, payments: Sequence[Payment], cash_step: Decimal) -> Settlement:
    """Apply payments to a bill.

    rest     = total - everything but cash
    cash due = rest rounded to the smallest coin, unless exactly `rest` was handed over
    change   = cash - cash due

    Only what is paid in cash is rounded, and only cash gives change.
    Raises DoesNotSettle.
    """
    cash = sum((payment.given for payment in payments if payment.kind == CASH), _ZERO)
    rest = total - sum((payment.given for payment in payments if payment.kind != CASH), _ZERO)
    if rest < 0 or (cash and not rest):
        raise DoesNotSettle(rest - cash)
    due = rest if cash in (rest, _ZERO) else round_to(rest, cash_step)
    if cash < due:
        raise DoesNotSettle(due - cash)
    change = cash - due
    tenders = []
    to_give_back = change
    for payment in reversed(payments):
        back = min(to_give_back, payment.given) if payment.kind == CASH else _ZERO
        to_give_back -= back
        tenders.append(Settled(payment, payment.given - back))
    return Settlement(tenders=tuple(reversed(tenders)), cash_rounding=due - rest, change=change)
