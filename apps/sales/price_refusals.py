"""What a price, a quoted rate and a favourite are refused with: each a fact, and what to do."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import money, when


@dataclass(eq=False)
class RatesRanOut(Conflict):
    """The quoted rates were kept as long as the shop keeps them, and the board changed."""

    until: datetime

    def __str__(self) -> str:
        return _("The quoted rates were kept until %(when)s. Take the rates of now first.") % {
            "when": when(self.until, now=timezone.now())
        }


@dataclass(eq=False)
class BelowMetalValue(Conflict):
    """More is given away than the making and the stones come to."""

    tag: str = ""

    def __str__(self) -> str:
        return _("The discount takes the piece below its metal value. A manager must approve.")


@dataclass(eq=False)
class GivenTooMuch(Conflict):
    """The discounts of a sale come to more than their giver may give alone."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The discounts come to %(amount)s together, and nobody approved them. Give them again"
            " with somebody who may."
        ) % {"amount": money(self.amount, self.currency)}


@dataclass(eq=False)
class PriceUnreachable(Invalid):
    """No discount and no addition makes the price that was asked for."""

    def __str__(self) -> str:
        return _("This price cannot be reached for this piece. Write another.")


@dataclass(eq=False)
class FavouriteGone(NotFound):
    def __str__(self) -> str:
        return _("This favourite was taken away. Look at the counter again.")


@dataclass(eq=False)
class NoneInStock(NotFound):
    """A favourite of which nothing lies in this branch."""

    label: str

    @property
    def tag(self) -> str:
        return self.label

    def __str__(self) -> str:
        return _("No %(label)s is in stock. Take some in, or scan another piece.") % {
            "label": self.label
        }


@dataclass(eq=False)
class FavouriteTwice(Conflict):
    label: str

    def __str__(self) -> str:
        return _("There is a favourite “%(label)s” already. Choose another name.") % {
            "label": self.label
        }
