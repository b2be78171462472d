"""What taking back says no to: each a fact, and what to do about it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import currency_name, grams, money


@dataclass(eq=False)
class NeverSold(NotFound):
    """A number that is no bill, and a tag that stands on none."""

    text: str

    def __str__(self) -> str:
        return _(
            "%(text)s is on no bill of this shop, and what was never sold cannot come back."
            " Check the bill's number or the tag."
        ) % {"text": self.text}


@dataclass(eq=False)
class NotOnBill(Invalid):
    tag: str
    bill: str

    def __str__(self) -> str:
        return _("%(tag)s is not on bill %(bill)s. Look at the bill's pieces.") % {
            "tag": self.tag,
            "bill": self.bill,
        }


@dataclass(eq=False)
class NothingComesBack(Invalid):
    def __str__(self) -> str:
        return _("No piece was chosen. Choose what came back.")


@dataclass(eq=False)
class ChosenTwice(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is named twice. Name each piece once.") % {"tag": self.tag}


@dataclass(eq=False)
class CameBackAlready(Conflict):
    tag: str
    document: str

    def __str__(self) -> str:
        return _("%(tag)s came back already, by document %(document)s. Look at the bill.") % {
            "tag": self.tag,
            "document": self.document,
        }


@dataclass(eq=False)
class BoughtAsOldGold(Conflict):
    """The shop has the piece already, on a slip of old gold."""

    tag: str
    slip: str

    def __str__(self) -> str:
        return _("%(tag)s was bought as old gold, slip %(slip)s. It does not come back twice.") % {
            "tag": self.tag,
            "slip": self.slip,
        }


@dataclass(eq=False)
class TooLate(Conflict):
    """The days of the policy are over."""

    tag: str
    last_day: date
    days: int

    def __str__(self) -> str:
        return ngettext(
            "%(tag)s could come back for %(days)s day. Offer to buy it back.",
            "%(tag)s could come back for %(days)s days. Offer to buy it back.",
            self.days,
        ) % {"tag": self.tag, "days": self.days}


@dataclass(eq=False)
class BeforeItsSale(Conflict):
    bill: str

    def __str__(self) -> str:
        return _("Bill %(bill)s is of a later moment than now. Check the machine's clock.") % {
            "bill": self.bill
        }


@dataclass(eq=False)
class NotWeighed(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s has not been weighed again. Weigh it and write the grams.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class WeightImpossible(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s: a weight is more than 0 g and has three decimals. Weigh it again.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class Heavier(Conflict):
    """It cannot be the piece that was sold, or something was added to it."""

    tag: str
    sold_g: Decimal
    weighed_g: Decimal

    def __str__(self) -> str:
        return _(
            "%(tag)s weighs %(weighed)s and was sold with %(sold)s. It may be another piece:"
            " compare its marks, and do not take it back."
        ) % {"tag": self.tag, "weighed": grams(self.weighed_g), "sold": grams(self.sold_g)}


@dataclass(eq=False)
class Lighter(Conflict):
    tag: str
    sold_g: Decimal
    weighed_g: Decimal

    def __str__(self) -> str:
        return _(
            "%(tag)s weighs %(weighed)s and was sold with %(sold)s: metal or a stone is missing."
            " Weigh it again, or offer to buy it back."
        ) % {"tag": self.tag, "weighed": grams(self.weighed_g), "sold": grams(self.sold_g)}


@dataclass(eq=False)
class HallmarkGone(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s has lost its hallmark, so it is not taken back. Offer to buy it.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class Damaged(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is damaged, so it is not taken back. Offer to buy it.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class NotOfToday(Conflict):
    """A void is of the same day."""

    bill: str

    def __str__(self) -> str:
        return _("Bill %(bill)s is not of today, so it is not voided. Take its pieces back.") % {
            "bill": self.bill
        }


@dataclass(eq=False)
class OtherTill(Conflict):
    bill: str
    till: str

    def __str__(self) -> str:
        return _("Bill %(bill)s was made at %(till)s. Void it there.") % {
            "bill": self.bill,
            "till": self.till,
        }


@dataclass(eq=False)
class DrawerClosed(Conflict):
    """The shift the bill belongs to has been counted and signed."""

    bill: str

    def __str__(self) -> str:
        return _(
            "The drawer of bill %(bill)s was closed since, so it is not voided."
            " Take its pieces back."
        ) % {"bill": self.bill}


@dataclass(eq=False)
class VoidsNoPart(Conflict):
    """A piece of it came back before."""

    bill: str
    document: str

    def __str__(self) -> str:
        return _(
            "Bill %(bill)s is not whole any more: see document %(document)s."
            " Take back the pieces that are left."
        ) % {"bill": self.bill, "document": self.document}


@dataclass(eq=False)
class CustomerMissing(Invalid):
    """Store credit belongs to somebody."""

    def __str__(self) -> str:
        return _("Nobody is named to whom the credit belongs. Choose the customer.")


@dataclass(eq=False)
class ResultChanged(Conflict):
    """A rate or another document changed what the screen had shown."""

    seen: Decimal
    total: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The screen said %(seen)s and it is %(total)s %(currency)s now. Nothing was done."
            " Tell the customer, then confirm again."
        ) % {
            "seen": money(self.seen, self.currency),
            "total": money(self.total, self.currency),
            "currency": currency_name(self.currency),
        }


@dataclass(eq=False)
class NoMetalToBuy(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s has no metal that could be bought. Take it back as a return.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class NotPayable(Invalid):
    """A way of paying out that a buy-back does not know."""

    kind: str

    def __str__(self) -> str:
        return _("A piece is bought for cash, by transfer or for store credit. Choose one.")


@dataclass(eq=False)
class KeyUsed(Conflict):
    """The key of a repeated request came with another request."""

    key: str
    number: str

    def __str__(self) -> str:
        return _("This request was document %(number)s and now says something else.") % {
            "number": self.number
        }


@dataclass(eq=False)
class DocumentNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("This shop has no document %(number)s. Check the number on the paper.") % {
            "number": self.number
        }
