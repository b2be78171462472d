"""What the counter says no to: each a fact, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import currency_name, money, when
from apps.till.kinds import TenderKind


@dataclass(eq=False)
class AlreadyOnBill(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is already in this sale.") % {"tag": self.tag}


@dataclass(eq=False)
class PieceWasSold(Conflict):
    """The piece went over a counter, and we know where and when."""

    tag: str
    sold_at: datetime
    till: str
    bill: str

    def __str__(self) -> str:
        return _("%(tag)s was sold %(when)s on %(till)s, bill %(bill)s.") % {
            "tag": self.tag,
            "when": when(self.sold_at, now=timezone.now()),
            "till": self.till,
            "bill": self.bill,
        }


@dataclass(eq=False)
class PieceAside(Conflict):
    """It lies aside for a deposit that does not pay this bill."""

    tag: str
    deposit: str

    def __str__(self) -> str:
        return _(
            "%(tag)s lies aside for deposit %(deposit)s. Take that deposit in payment first."
        ) % {"tag": self.tag, "deposit": self.deposit}


@dataclass(eq=False)
class PieceOnCounter(Conflict):
    """It lies in the open sale of a till while it is to go elsewhere."""

    tag: str
    till: str

    def __str__(self) -> str:
        return _("%(tag)s lies on the counter of %(till)s. Take it off that sale first.") % {
            "tag": self.tag,
            "till": self.till,
        }


@dataclass(eq=False)
class CustomerStillPays(Conflict):
    """Another customer is wanted while this one's account pays a part of the bill."""

    kind: str
    name: str

    def __str__(self) -> str:
        return _("%(kind)s of %(name)s pays a part of this bill. Take it back first.") % {
            "kind": TenderKind(self.kind).label,
            "name": self.name,
        }


@dataclass(eq=False)
class TagUnreadable(NotFound):
    """What was scanned or typed is longer than a tag, or has signs that no tag has."""

    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is no tag. A tag has up to 30 letters, digits and signs.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class LineGone(NotFound):
    def __str__(self) -> str:
        return _("This piece is no longer in the sale at this till. Look at the lines again.")


@dataclass(eq=False)
class TenderGone(NotFound):
    def __str__(self) -> str:
        return _("This payment was taken off already. Look at the payments again.")


@dataclass(eq=False)
class NothingToDiscount(Invalid):
    def __str__(self) -> str:
        return _("Nothing in this sale can be reduced that way. Choose what to reduce.")


@dataclass(eq=False)
class DiscountTooLarge(Invalid):
    amount: Decimal
    whole: Decimal
    currency: str

    def __str__(self) -> str:
        return _("%(amount)s is more than the %(whole)s that it is taken off. Take off less.") % {
            "amount": money(self.amount, self.currency),
            "whole": money(self.whole, self.currency),
        }


@dataclass(eq=False)
class NothingToPay(Conflict):
    def __str__(self) -> str:
        return _("Nothing is left to pay. Scan a piece, or finish the sale.")


@dataclass(eq=False)
class NoChangeFromCard(Invalid):
    """More by card or transfer than the bill still needs."""

    amount: Decimal
    left: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "%(amount)s is more than the %(left)s %(currency)s left to pay, and only cash gives"
            " change. Take %(left)s."
        ) % {
            "amount": money(self.amount, self.currency),
            "left": money(self.left, self.currency),
            "currency": currency_name(self.currency),
        }


@dataclass(eq=False)
class SaleNotOpen(Conflict):
    """Finishing something that is neither open at this till nor finished."""

    def __str__(self) -> str:
        return _("This sale is no longer open at this till. Look at the lines, then finish again.")


@dataclass(eq=False)
class TotalChanged(Conflict):
    """A rate or a piece changed between looking and finishing."""

    seen: Decimal
    total: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The total was %(seen)s and is now %(total)s %(currency)s. Nothing was sold."
            " Tell the customer, then finish again."
        ) % {
            "seen": money(self.seen, self.currency),
            "total": money(self.total, self.currency),
            "currency": currency_name(self.currency),
        }


@dataclass(eq=False)
class PiecesChanged(Conflict):
    """Another screen at the same till put other pieces on the bill."""

    def __str__(self) -> str:
        return _(
            "The pieces of this sale were changed on another screen. Nothing was sold."
            " Check the lines, then finish again."
        )
