"""One step of many pieces: their new state and place, and a movement each. Two statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.inventory.models import Movement, MovementKind, Piece, PieceState, Place
from apps.shops.models import Member


@dataclass(eq=False)
class PieceElsewhere(Conflict):
    """A piece is not where a document says it is: not reserved, not sold."""

    tag: str
    state: str

    def __str__(self) -> str:
        return _("%(tag)s is %(state)s. Look at its history.") % {
            "tag": self.tag,
            "state": str(PieceState(self.state).label).lower(),
        }


def demand_state(pieces: Sequence[Piece], *states: PieceState) -> None:
    """Raises PieceElsewhere for the first piece that is in none of these states."""
    for piece in pieces:
        if piece.state not in states:
            raise PieceElsewhere(tag=piece.tag, state=piece.state)


def step(
    pieces: Sequence[Piece],
    kind: MovementKind,
    *,
    by: Member | None,
    at: datetime,
    reference: str = "",
    state: PieceState | None = None,
) -> list[Movement]:
    """Write a movement of each locked piece, which stays where it lies; `state` is its new one."""
    if state is not None:
        _update(pieces, state=state.value)
    return _write(pieces, kind, by=by, at=at, reference=reference)


def step_to(
    pieces: Sequence[Piece],
    kind: MovementKind,
    *,
    place: Place | None,
    by: Member,
    at: datetime,
    reference: str = "",
    state: PieceState | None = None,
) -> list[Movement]:
    """As `step`, and the locked pieces lie at `place` after it; None is nowhere."""
    changes: dict[str, object] = {"place_id": None if place is None else place.pk}
    if state is not None:
        changes["state"] = state.value
    _update(pieces, **changes)
    return _write(pieces, kind, by=by, at=at, reference=reference)


def _update(pieces: Sequence[Piece], **changes: object) -> None:
    Piece.objects.filter(pk__in=[piece.pk for piece in pieces]).update(**changes)
    for piece in pieces:
        for name, value in changes.items():
            setattr(piece, name, value)


def _write(
    pieces: Sequence[Piece],
    kind: MovementKind,
    *,
    by: Member | None,
    at: datetime,
    reference: str,
) -> list[Movement]:
    return Movement.objects.bulk_create(
        Movement(
            shop_id=piece.shop_id,
            piece=piece,
            kind=kind,
            place_id=piece.place_id,
            moved_at=at,
            moved_by=by,
            reference=reference,
        )
        for piece in pieces
    )
