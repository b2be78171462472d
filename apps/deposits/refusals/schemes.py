"""Why a savings plan or a passbook is refused: the fact, and what to do."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Conflict, Invalid, NotFound
from apps.deposits.models import MembershipState


@dataclass(eq=False)
class PlanNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        return _("%(code)s is no savings plan that is offered now. Choose one from the list.") % {
            "code": self.code
        }


@dataclass(eq=False)
class PlanImpossible(Invalid):
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class MembershipNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("%(number)s is no savings passbook of this shop. Look it up in the list.") % {
            "number": self.number
        }


@dataclass(eq=False)
class MembershipNotOpen(Conflict):
    number: str
    state: str

    def __str__(self) -> str:
        return _("Passbook %(number)s is not open any more: %(state)s.") % {
            "number": self.number,
            "state": str(MembershipState(self.state).label).lower(),
        }


@dataclass(eq=False)
class IdentityMissing(Conflict):
    plan: str
    name: str

    def __str__(self) -> str:
        return _(
            "%(plan)s is for members whose identity is known, and no paper of %(name)s was seen."
            " Add it on the customer's page first."
        ) % {"plan": self.plan, "name": self.name}


@dataclass(eq=False)
class InstalmentsDone(Conflict):
    number: str

    def __str__(self) -> str:
        return _("Every instalment of %(number)s is paid, or its time is over.") % {
            "number": self.number
        }


@dataclass(eq=False)
class InstalmentIsFixed(Invalid):
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return _("One instalment of this plan is %(amount)s. Take exactly that.") % {
            "amount": formatting.money(self.amount, self.currency)
        }


@dataclass(eq=False)
class NotRipe(Conflict):
    number: str
    ripe_on: date

    def __str__(self) -> str:
        return _(
            "Passbook %(number)s is ripe on %(day)s. Until then it can only be closed early."
        ) % {"number": self.number, "day": formatting.day(self.ripe_on)}
