"""Where pieces lie: a safe, tray, window or bench is added, renamed, closed, entrusted."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import digits
from apps.core.typed import fold_digits, fold_letters
from apps.inventory.models import Custody, Piece, Place, PlaceKind
from apps.inventory.selectors import IN_THE_SHOP, every_place
from apps.shops.models import Branch, Member

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


class PlaceUnknown(NotFound):
    def __str__(self) -> str:
        return _("This place is not of this shop. Look for it in the list of places.")


@dataclass(eq=False)
class PlaceNotEmpty(Conflict):
    place: str
    pieces: int

    def __str__(self) -> str:
        return ngettext(
            "%(pieces)s piece lies in %(place)s. Move it first, then close the place.",
            "%(pieces)s pieces lie in %(place)s. Move them first, then close the place.",
            self.pieces,
        ) % {"pieces": digits(self.pieces), "place": self.place}


def add_place(*, name: str, kind: str, branch: Branch) -> Place:
    """Add a place to the branch, under a name that no other place of the shop has.

    Names that differ in case, in digits or in the two spellings of a letter alone count as the
    same: people could not tell the places apart. Raises PlaceImpossible, PlaceNameTaken.
    """
    _demand_possible(name, kind)
    name = " ".join(name.split())
    _demand_free(name)
    # The unique key decides between two people at the same moment.
    with refuse_on({"inventory_place_name_unique": PlaceNameTaken(place=name)}):
        return Place.objects.create(name=name, kind=kind, branch=branch)


@transaction.atomic
def rename_place(*, place: int, name: str, kind: str) -> Place:
    """Give a place another name, or say what it is; its pieces stay in it.

    Raises PlaceUnknown, PlaceImpossible, PlaceNameTaken.
    """
    found = _to_change(place, alone=True)
    _demand_possible(name, kind)
    name = " ".join(name.split())
    _demand_free(name, but=found)
    found.name, found.kind = name, kind
    with refuse_on({"inventory_place_name_unique": PlaceNameTaken(place=name)}):
        found.save(update_fields=["name", "kind"])
    return found


@transaction.atomic
def close_place(*, place: int, at: datetime) -> Place:
    """Use an empty place no more. Closed already it stays so. Raises PlaceUnknown, PlaceNotEmpty.

    What was sold out of it, and could come back, comes back to no place.
    """
    # Pieces before the place, in tag order, like whoever moves them.
    left = Piece.objects.select_for_update(of=("self",), no_key=True).filter(place=place)
    list(left.order_by("tag").values_list("pk", flat=True))
    found = _to_change(place, alone=True)
    if found.closed_at is None:
        lying = Piece.objects.filter(place=found, state__in=IN_THE_SHOP).count()
        if lying:
            raise PlaceNotEmpty(place=found.name, pieces=lying)
        Piece.objects.filter(place=found).update(place=None)
        found.closed_at = at
        found.save(update_fields=["closed_at"])
    return found


@transaction.atomic
def open_again(*, place: int) -> Place:
    """Use a closed place again, under its name. Raises PlaceUnknown."""
    found = _to_change(place)
    found.closed_at = None
    found.save(update_fields=["closed_at"])
    return found


@transaction.atomic
def entrust(*, place: int, to: Member | None, by: Member, at: datetime) -> Custody | None:
    """Let a member answer for a place from now on; None is nobody. Who does already, goes on.

    Raises PlaceUnknown.
    """
    found = _to_change(place)
    newest = Custody.objects.filter(place=found).order_by("-pk").first()
    if (newest.custodian_id if newest else None) == (to.pk if to else None):
        return newest
    return Custody.objects.create(place=found, custodian=to, since=at, given_by=by)


def _to_change(place: int, *, alone: bool = False) -> Place:
    """The place, locked: a move into it waits. Raises PlaceUnknown.

    `alone`: also whoever writes a piece into it at this moment is waited for. A name is a key,
    which is changed by nobody else's leave; what lies there is counted with that piece.
    """
    places = Place.objects.select_for_update(of=("self",), no_key=not alone)
    found = places.filter(pk=place).first()
    if found is None:
        raise PlaceUnknown
    return found


def _demand_free(name: str, *, but: Place | None = None) -> None:
    same = _key(name)
    for other in every_place():
        if other != but and _key(other.name) == same:
            raise PlaceNameTaken(place=other.name)


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
