"""What memos say no to: each a fact, and what to do about it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import currency_name, money, when
from apps.core.formatting import day as written_day


@dataclass(eq=False)
class MemoNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        return _("There is no memo %(code)s. Check the number.") % {"code": self.code}


class PaymentNotFound(NotFound):
    def __str__(self) -> str:
        return _("There is no payment to an owner with this number. Check the number.")


@dataclass(eq=False)
class DayImpossible(Invalid):
    """A memo ends between today and a year from now."""

    due: date

    def __str__(self) -> str:
        return _("%(day)s is no day for a memo to end. Choose one within a year.") % {
            "day": written_day(self.due)
        }


class NothingOnMemo(Invalid):
    def __str__(self) -> str:
        return _("There is no piece. Scan a tag, or write one.")


@dataclass(eq=False)
class TagTwice(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is named twice. Name it once.") % {"tag": self.tag}


@dataclass(eq=False)
class TermsImpossible(Invalid):
    """What was agreed about a piece is no price."""

    tag: str
    reason: str

    def __str__(self) -> str:
        return f"{self.tag}: {self.reason}" if self.tag else self.reason


@dataclass(eq=False)
class NotOurs(Conflict):
    """Another's piece is not lent, and a customer's is not sold."""

    tag: str
    owner: str

    def __str__(self) -> str:
        return _("%(tag)s belongs to %(owner)s. Buy it first, or leave it where it is.") % {
            "tag": self.tag,
            "owner": self.owner,
        }


@dataclass(eq=False)
class PieceLent(Conflict):
    """The piece is with somebody who looks at it; `name` has it until `due`."""

    tag: str
    name: str
    memo: str
    due: date

    def __str__(self) -> str:
        return _(
            "%(tag)s is with %(name)s until %(day)s, memo %(memo)s. Let it come back first, or"
            " sell it to them."
        ) % {
            "tag": self.tag,
            "name": self.name,
            "day": written_day(self.due),
            "memo": self.memo,
        }


@dataclass(eq=False)
class MemoRanOut(Conflict):
    """A piece in our care should have gone back to its owner."""

    tag: str
    name: str
    memo: str
    due: date

    def __str__(self) -> str:
        return _(
            "%(tag)s was to go back to %(name)s by %(day)s, memo %(memo)s. Agree on a new day"
            " with them first."
        ) % {
            "tag": self.tag,
            "name": self.name,
            "day": written_day(self.due),
            "memo": self.memo,
        }


@dataclass(eq=False)
class NotOnMemo(Conflict):
    tag: str
    memo: str

    def __str__(self) -> str:
        return _("%(tag)s is not on memo %(memo)s. Put it aside, and look at its history.") % {
            "tag": self.tag,
            "memo": self.memo,
        }


@dataclass(eq=False)
class BackAlready(Conflict):
    """The line ended as having come back, or as given back."""

    tag: str
    memo: str
    member: str
    at: datetime
    now: datetime

    def __str__(self) -> str:
        return _("%(tag)s of memo %(memo)s came back already: %(member)s, %(when)s.") % {
            "tag": self.tag,
            "memo": self.memo,
            "member": self.member,
            "when": when(self.at, now=self.now),
        }


@dataclass(eq=False)
class EndedOtherwise(Conflict):
    """Sold, bought, written off, or under other tags."""

    tag: str
    memo: str
    state: str

    def __str__(self) -> str:
        return _("%(tag)s of memo %(memo)s: %(state)s. Look at its history.") % {
            "tag": self.tag,
            "memo": self.memo,
            "state": self.state,
        }


@dataclass(eq=False)
class OtherDirection(Conflict):
    """What is done to pieces lent out is not done to pieces taken in."""

    memo: str

    def __str__(self) -> str:
        return _("Memo %(memo)s goes the other way. Open the page of the right memo.") % {
            "memo": self.memo
        }


class MarginNeedsPrice(Invalid):
    """The tax on the margin is figured before the sale, from a price that is known."""

    def __str__(self) -> str:
        return _(
            "A private person's piece is sold under the margin scheme here, so its price to the"
            " owner is fixed beforehand. Write a price."
        )


@dataclass(eq=False)
class NotOfOwner(Conflict):
    tag: str
    owner: str

    def __str__(self) -> str:
        return _("%(tag)s was not given back to %(owner)s. Take it in under a new tag.") % {
            "tag": self.tag,
            "owner": self.owner,
        }


@dataclass(eq=False)
class MoreThanOwed(Conflict):
    owed: Decimal
    currency: str

    def __str__(self) -> str:
        return _("%(owed)s %(currency)s is owed. Pay no more than that.") % {
            "owed": money(self.owed, self.currency),
            "currency": currency_name(self.currency),
        }


class NothingPaid(Conflict):
    def __str__(self) -> str:
        return _("There is no payment. Write what is handed over.")


class KeyOfAnother(Conflict):
    """The key of this form made another paper."""

    def __str__(self) -> str:
        return _("This form was sent before, for something else. Open the page again.")
