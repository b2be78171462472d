"""Pieces are put into another place of their branch. Every move is a row; none is lost.

Whoever scans a piece holds it, so the last scan tells where it lies. Whoever ticks it in a list
has only read where it lay: what was moved since is refused, by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.formatting import when
from apps.inventory.models import Movement, MovementKind, Piece, PieceState, Place
from apps.inventory.selectors import history_of, tags_of, whole_pieces
from apps.inventory.services.steps import demand_state, step_to
from apps.shops.models import Member


@dataclass(eq=False)
class PlaceClosed(Conflict):
    place: str

    def __str__(self) -> str:
        return _("%(place)s is closed. Choose another place, or open it again.") % {
            "place": self.place
        }


@dataclass(eq=False)
class OtherBranch(Conflict):
    """A piece of one branch does not get into a place of another without a transfer."""

    tag: str
    branch: str
    place: str

    def __str__(self) -> str:
        return _("%(tag)s is in %(branch)s, and %(place)s is not. Send it with a transfer.") % {
            "tag": self.tag,
            "branch": self.branch,
            "place": self.place,
        }


@dataclass(eq=False)
class MovedMeanwhile(Conflict):
    tag: str
    place: str
    member: str
    at: datetime
    now: datetime

    def __str__(self) -> str:
        words = {
            "tag": self.tag,
            "place": self.place,
            "member": self.member,
            "when": when(self.at, now=self.now),
        }
        if not self.place:
            return (
                _("%(tag)s was taken elsewhere by %(member)s, %(when)s. Look where it is.") % words
            )
        return (
            _("%(tag)s was put into %(place)s by %(member)s, %(when)s. Look where it is.") % words
        )


@transaction.atomic
def move(
    *,
    tags: Sequence[str],
    place: Place,
    by: Member,
    at: datetime,
    seen: Mapping[str, int | None] | None = None,
) -> list[Piece]:
    """Put pieces into a place; they come back in the order of `tags`, each once.

    A piece that lies there already stays, without a movement. `seen`: where each piece lay when
    it was chosen from a list, by tag; None of a scan, which tells where the piece is.
    All or none. Locks are taken in tag order.

    Raises PieceNotFound, PieceElsewhere, PlaceClosed, OtherBranch, MovedMeanwhile.
    """
    if place.closed_at is not None:
        raise PlaceClosed(place=place.name)
    known = tags_of(tags)
    pieces = [whole.piece for whole in whole_pieces(tags=known, to_change=True)]
    demand_open(place)
    demand_state(pieces, PieceState.IN_STOCK, PieceState.RESERVED)
    demand_same_branch(pieces, place)
    if seen is not None:
        _demand_seen(pieces, seen, now=at)
    going = [piece for piece in pieces if piece.place_id != place.pk]
    step_to(going, MovementKind.MOVED, place=place, by=by, at=at)
    return pieces


def demand_open(place: Place) -> None:
    """Refuse a closed place, and keep it open until the transaction ends.

    Ask it with the pieces locked: whoever closes the place takes them before it, too. Then it is
    closed before, which is seen here, or has to wait and finds the pieces in it.

    Raises PlaceClosed.
    """
    locked = Place.objects.select_for_update(of=("self",), no_key=True).get(pk=place.pk)
    if locked.closed_at is not None:
        raise PlaceClosed(place=locked.name)


def demand_same_branch(pieces: Sequence[Piece], place: Place) -> None:
    """Raises OtherBranch; a piece that lies nowhere yet is of every branch."""
    places = Place.objects.select_related("branch").in_bulk(
        {piece.place_id for piece in pieces if piece.place_id is not None}
    )
    for piece in pieces:
        lies = places.get(piece.place_id) if piece.place_id else None
        if lies is not None and lies.branch_id != place.branch_id:
            raise OtherBranch(tag=piece.tag, branch=lies.branch.name, place=place.name)


def _demand_seen(pieces: Sequence[Piece], seen: Mapping[str, int | None], *, now: datetime) -> None:
    for piece in pieces:
        if piece.tag in seen and seen[piece.tag] != piece.place_id:
            last: Movement | None = history_of(piece).first()
            raise MovedMeanwhile(
                tag=piece.tag,
                place=last.place.name if last and last.place else "",
                member=str(last.moved_by.user) if last and last.moved_by else "",
                at=last.moved_at if last else now,
                now=now,
            )
