"""Pieces go out of the stock, to a buyer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.inventory.models import Movement, MovementKind, Piece, PieceState
from apps.shops.models import Member


@dataclass(eq=False)
class PieceNotForSale(Conflict):
    tag: str
    state: str

    def __str__(self) -> str:
        if self.state == PieceState.SOLD:
            return _("%(tag)s was sold already. Take it off the bill.") % {"tag": self.tag}
        return _("%(tag)s is %(state)s. Take it off the bill, or release it first.") % {
            "tag": self.tag,
            "state": str(PieceState(self.state).label).lower(),
        }


def demand_for_sale(pieces: Sequence[Piece]) -> None:
    """Refuse the first piece that cannot be sold. Raises PieceNotForSale."""
    for piece in pieces:
        if piece.state != PieceState.IN_STOCK:
            raise PieceNotForSale(tag=piece.tag, state=piece.state)


def mark_sold(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Take locked pieces out of the stock: two statements, however many there are."""
    Piece.objects.filter(pk__in=[piece.pk for piece in pieces]).update(state=PieceState.SOLD)
    Movement.objects.bulk_create(
        Movement(
            shop_id=by.shop_id,
            piece=piece,
            kind=MovementKind.SOLD,
            moved_at=at,
            moved_by=by,
            reference=reference,
        )
        for piece in pieces
    )
