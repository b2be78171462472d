"""Why a deposit is refused: the fact, and what to do. Savings schemes share what fits both."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Conflict, Invalid, NotFound
from apps.deposits.models import DepositState


@dataclass(eq=False)
class DepositNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("%(number)s is no deposit of this shop. Look it up in the list.") % {
            "number": self.number
        }


@dataclass(eq=False)
class DepositNotOpen(Conflict):
    number: str
    state: str

    def __str__(self) -> str:
        return _("Deposit %(number)s is not open any more: %(state)s. Look at its page.") % {
            "number": self.number,
            "state": str(DepositState(self.state).label).lower(),
        }


@dataclass(eq=False)
class DepositRunOut(Conflict):
    number: str
    expires_on: date

    def __str__(self) -> str:
        return _(
            "Deposit %(number)s ran out on %(day)s."
            " Agree on a new last day with the customer first."
        ) % {"number": self.number, "day": formatting.day(self.expires_on)}


@dataclass(eq=False)
class DepositStillRuns(Conflict):
    number: str
    until: date

    def __str__(self) -> str:
        return _(
            "Deposit %(number)s is the customer's until %(day)s."
            " Keep it after that day, or cancel it."
        ) % {"number": self.number, "day": formatting.day(self.until)}


@dataclass(eq=False)
class AmountImpossible(Invalid):
    """Zero, below zero, more than any till holds, or finer than the currency's coins."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return _("%(amount)s is no amount of %(currency)s that can be paid. Check the figure.") % {
            "amount": self.amount,
            "currency": self.currency,
        }


@dataclass(eq=False)
class PaymentsDoNotMatch(Invalid):
    paid: Decimal
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The payments come to %(paid)s, and %(amount)s is to be paid. Change one of them."
        ) % {
            "paid": formatting.money(self.paid, self.currency),
            "amount": formatting.money(self.amount, self.currency),
        }


@dataclass(eq=False)
class MoreThanPaid(Conflict):
    """`left` is what is in the contract or in the passbook, bonus included."""

    number: str
    amount: Decimal
    left: Decimal
    currency: str

    def __str__(self) -> str:
        return _("%(number)s holds %(left)s, not %(amount)s. Use no more than there is.") % {
            "number": self.number,
            "left": formatting.money(self.left, self.currency),
            "amount": formatting.money(self.amount, self.currency),
        }


@dataclass(eq=False)
class FirstPaymentTooSmall(Invalid):
    least: Decimal
    currency: str

    def __str__(self) -> str:
        return _("The first payment is at least %(least)s here. Take that, or ask the owner.") % {
            "least": formatting.money(self.least, self.currency)
        }


@dataclass(eq=False)
class LockNeedsPieces(Invalid):
    def __str__(self) -> str:
        return _(
            "A full lock fixes the price of pieces, and none is on the contract."
            " Scan the pieces, or fix grams instead."
        )


@dataclass(eq=False)
class MetalNotNamed(Invalid):
    def __str__(self) -> str:
        return _("The contract fixes a rate, and no metal is named. Choose metal and fineness.")


@dataclass(eq=False)
class ExpiryImpossible(Invalid):
    expires_on: date

    def __str__(self) -> str:
        return _("%(day)s is not after today. Choose a later last day.") % {
            "day": formatting.day(self.expires_on)
        }


@dataclass(eq=False)
class ExpiryTooFar(Invalid):
    """A slip of the pen, and a day after which the calendar may have no days of grace."""

    expires_on: date
    until: date

    def __str__(self) -> str:
        return _("A contract cannot run until %(day)s. Choose a last day up to %(until)s.") % {
            "day": formatting.day(self.expires_on),
            "until": formatting.day(self.until),
        }


@dataclass(eq=False)
class ScheduleImpossible(Invalid):
    due_on: date

    def __str__(self) -> str:
        return _(
            "A payment is planned for %(day)s, which is not between today and the last day."
            " Change the schedule."
        ) % {"day": formatting.day(self.due_on)}


@dataclass(eq=False)
class ClockBehind(Conflict):
    """The moment is before something that is written down already."""

    number: str

    def __str__(self) -> str:
        return _(
            "The clock is behind the last line of %(number)s. Set the clock, then do it again."
        ) % {"number": self.number}


@dataclass(eq=False)
class KeyUsed(Conflict):
    """An idempotency key that came before with another request. `number`: what that one made."""

    key: str
    number: str

    def __str__(self) -> str:
        if not self.number:
            return _("This key is another request's at this moment. Send it with a new key.")
        return _(
            "This key was used for %(number)s, and that was another request."
            " Send the new one with a new key."
        ) % {"number": self.number}


@dataclass(eq=False)
class PieceAsideElsewhere(Conflict):
    tag: str
    number: str

    def __str__(self) -> str:
        return _("%(tag)s lies aside for deposit %(number)s. Take another piece.") % {
            "tag": self.tag,
            "number": self.number,
        }


@dataclass(eq=False)
class PieceTwice(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is on the contract twice. Take one of them off.") % {"tag": self.tag}


@dataclass(eq=False)
class NothingLeft(Conflict):
    number: str

    def __str__(self) -> str:
        return _("%(number)s holds nothing any more. There is nothing to pay back.") % {
            "number": self.number
        }


@dataclass(eq=False)
class DepositOfAnother(Conflict):
    number: str
    name: str

    def __str__(self) -> str:
        return _("%(number)s is %(name)s's. Put their name on the bill, or use another.") % {
            "number": self.number,
            "name": self.name,
        }
