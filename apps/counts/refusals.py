"""What a count refuses, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Forbidden, Invalid, NotFound
from apps.core.formatting import clock, listed


@dataclass(eq=False)
class CountNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        return _("%(code)s is no count of this shop. Look at the list of counts.") % {
            "code": self.code[:20]
        }


class SheetNotFound(NotFound):
    def __str__(self) -> str:
        return _("This tray is not in the count. Open the count again.")


class NothingToCount(Invalid):
    def __str__(self) -> str:
        return _("No tray was chosen. Choose at least one.")


class PlacesOfTwoBranches(Invalid):
    def __str__(self) -> str:
        return _("The trays are in different branches. Begin a count for each branch.")


@dataclass(eq=False)
class PlaceCountedAlready(Conflict):
    place: str
    code: str

    def __str__(self) -> str:
        return _("%(place)s is being counted in %(code)s. Finish that count first.") % {
            "place": self.place,
            "code": self.code,
        }


@dataclass(eq=False)
class CountEnded(Conflict):
    code: str
    posted: bool

    def __str__(self) -> str:
        if self.posted:
            return _("%(code)s was approved already. Begin a new count.") % {"code": self.code}
        return _("%(code)s was given up. Begin a new count.") % {"code": self.code}


@dataclass(eq=False)
class SheetTaken(Conflict):
    """Somebody else counts this tray; who asks may join them or take it over."""

    place: str
    member: str
    since: datetime

    def __str__(self) -> str:
        return _(
            "%(member)s counts %(place)s since %(time)s. Count with them, or take it over."
        ) % {"member": self.member, "place": self.place, "time": clock(self.since)}


@dataclass(eq=False)
class SheetNotBegun(Conflict):
    place: str

    def __str__(self) -> str:
        return _("Nobody began to count %(place)s. Begin it first.") % {"place": self.place}


@dataclass(eq=False)
class SheetClosed(Conflict):
    """A scan came after the tray was finished, or for a round before the last."""

    place: str

    def __str__(self) -> str:
        return _("%(place)s is counted already. Count it again to add scans.") % {
            "place": self.place
        }


@dataclass(eq=False)
class LotsNotWeighed(Conflict):
    place: str
    lots: list[str]

    def __str__(self) -> str:
        return _("%(place)s is not finished: %(lots)s are not weighed. Weigh them.") % {
            "place": self.place,
            "lots": listed(self.lots[:5]),
        }


@dataclass(eq=False)
class SheetsOpen(Conflict):
    places: list[str]

    def __str__(self) -> str:
        return _("Not counted yet: %(places)s. Count them, then approve.") % {
            "places": listed(self.places[:5])
        }


@dataclass(eq=False)
class ReasonNeeded(Invalid):
    field: str = "reason"

    def __str__(self) -> str:
        return _("The count differs from the books. Write the reason.")


@dataclass(eq=False)
class NotMissed(Conflict):
    tag: str
    code: str

    def __str__(self) -> str:
        return _("%(code)s did not miss %(tag)s. Look at the history of the piece.") % {
            "tag": self.tag,
            "code": self.code,
        }


class NotYoursToGiveUp(Forbidden):
    def __str__(self) -> str:
        return _("A count is given up by who began it, or by a manager. Ask one of them.")


@dataclass(eq=False)
class LotElsewhere(Conflict):
    code: str
    place: str

    def __str__(self) -> str:
        return _("%(code)s does not lie in %(place)s by the books. Look at the lot.") % {
            "code": self.code,
            "place": self.place,
        }
