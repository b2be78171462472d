"""Pieces go aside for somebody, come back, or end as old gold. Each step is a movement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.inventory.models import Movement, MovementKind, Piece, PieceState
from apps.inventory.services.sell import demand_for_sale
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


def reserve(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Put locked pieces aside under a document's number. Raises PieceNotForSale."""
    demand_for_sale(pieces)
    _move(pieces, PieceState.RESERVED, MovementKind.RESERVED, by=by, at=at, reference=reference)


def release(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Let locked pieces that were put aside be sold again. Raises PieceElsewhere."""
    _demand(pieces, PieceState.RESERVED)
    _move(pieces, PieceState.IN_STOCK, MovementKind.RELEASED, by=by, at=at, reference=reference)


def take_back(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Bring locked pieces that were sold back into the stock. Raises PieceElsewhere."""
    _demand(pieces, PieceState.SOLD)
    _move(pieces, PieceState.IN_STOCK, MovementKind.RETURNED, by=by, at=at, reference=reference)


def scrap(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Let locked pieces that came back go to the old gold. Raises PieceElsewhere."""
    _demand(pieces, PieceState.SOLD)
    _move(pieces, PieceState.SCRAPPED, MovementKind.SCRAPPED, by=by, at=at, reference=reference)


def _demand(pieces: Sequence[Piece], state: PieceState) -> None:
    for piece in pieces:
        if piece.state != state:
            raise PieceElsewhere(tag=piece.tag, state=piece.state)


def _move(
    pieces: Sequence[Piece],
    state: PieceState,
    kind: MovementKind,
    *,
    by: Member,
    at: datetime,
    reference: str,
) -> None:
    Piece.objects.filter(pk__in=[piece.pk for piece in pieces]).update(state=state)
    Movement.objects.bulk_create(
        Movement(
            shop_id=by.shop_id,
            piece=piece,
            kind=kind,
            place_id=piece.place_id if state != PieceState.SCRAPPED else None,
            moved_at=at,
            moved_by=by,
            reference=reference,
        )
        for piece in pieces
    )
