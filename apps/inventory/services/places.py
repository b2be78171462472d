"""Where pieces lie: a new safe, tray, window or bench."""

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid
from apps.core.formatting import digits
from apps.core.typed import fold_digits, fold_letters
from apps.inventory.models import Place, PlaceKind
from apps.inventory.selectors import places
from apps.shops.models import Branch

LONGEST_NAME: Final = 40
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(eq=False)
class PlaceImpossible(Invalid):
    """A name or a kind that no place can have; `reason` is the sentence."""

    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class PlaceNameTaken(Conflict):
    """`place` is the name as the place that has it is written."""

    place: str

    def __str__(self) -> str:
        return _("%(place)s is there already. Give the new place another name.") % {
            "place": self.place
        }


def add_place(*, name: str, kind: str, branch: Branch) -> Place:
    """Add a place to the branch, under a name that no other place of the shop has.

    Names that differ in case, in digits or in the two spellings of a letter alone count as the
    same: people could not tell the places apart. Raises PlaceImpossible, PlaceNameTaken.
    """
    _demand_possible(name, kind)
    name = " ".join(name.split())
    same = _key(name)
    for other in places():
        if _key(other.name) == same:
            raise PlaceNameTaken(place=other.name)
    # The unique key decides between two people at the same moment.
    with refuse_on({"inventory_place_name_unique": PlaceNameTaken(place=name)}):
        return Place.objects.create(name=name, kind=kind, branch=branch)


def _demand_possible(name: str, kind: str) -> None:
    if _CONTROL.search(name):
        raise PlaceImpossible(
            field="name",
            value=name,
            reason=_("There is a control character in the name. Type it again."),
        )
    if not name.strip():
        raise PlaceImpossible(
            field="name", value=name, reason=_("The place has no name. Write what people call it.")
        )
    if len(name.strip()) > LONGEST_NAME:
        raise PlaceImpossible(
            field="name",
            value=name,
            reason=_("The name is longer than %(most)s characters. Shorten it.")
            % {"most": digits(LONGEST_NAME)},
        )
    if kind not in PlaceKind.values:
        raise PlaceImpossible(
            field="kind",
            value=kind,
            reason=_("%(kind)s is no kind of place. Choose one of %(known)s.")
            % {"kind": kind[:LONGEST_NAME], "known": ", ".join(PlaceKind.values)},
        )


def _key(name: str) -> str:
    return fold_letters(fold_digits(name))
