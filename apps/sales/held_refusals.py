"""What holding and resuming a sale is refused with: each a fact, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import when


@dataclass(eq=False)
class PieceHeld(Conflict):
    """It lies in a sale that is held: that customer comes back for it."""

    tag: str
    sale: str
    till: str
    since: datetime

    def __str__(self) -> str:
        return _("%(tag)s is held for %(sale)s on %(till)s since %(when)s. Resume that sale.") % {
            "tag": self.tag,
            "sale": self.sale,
            "till": self.till,
            "when": when(self.since, now=timezone.now()),
        }


@dataclass(eq=False)
class NothingToHold(Invalid):
    def __str__(self) -> str:
        return _("This sale has no piece to keep. Scan a tag first.")


@dataclass(eq=False)
class SaleNotHeld(Conflict):
    """Somebody resumed, finished or discarded it meanwhile."""

    till: str = ""

    def __str__(self) -> str:
        if self.till:
            return _(
                "This sale was resumed on %(till)s meanwhile. Look at the held sales again."
            ) % {"till": self.till}
        return _("This sale is no longer held. Look at the held sales again.")


@dataclass(eq=False)
class SaleOnHold(Conflict):
    """Finish was pressed for a sale that another screen put on hold."""

    def __str__(self) -> str:
        return _("This sale is held. Nothing was sold. Resume it, then finish.")


@dataclass(eq=False)
class CounterTaken(Conflict):
    """Two requests brought a sale to one till; only one lies on its counter."""

    till: str

    def __str__(self) -> str:
        return _(
            "Another sale came on %(till)s at the same moment. Look at the counter, then try again."
        ) % {"till": self.till}


@dataclass(eq=False)
class CashInOtherDrawer(Conflict):
    """A payment in cash lies in the drawer of the till that took it."""

    till: str

    def __str__(self) -> str:
        return _("Cash of this sale lies in the drawer of %(till)s. Resume it there.") % {
            "till": self.till
        }


@dataclass(eq=False)
class HeldSalePaid(Conflict):
    """A sale with payments cannot simply be thrown away."""

    def __str__(self) -> str:
        return _("This sale has payments. Resume it and take them back, then discard it.")
