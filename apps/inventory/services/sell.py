"""Pieces go out of the stock, to a buyer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.formatting import day as written_day
from apps.inventory.models import (
    Movement,
    MovementKind,
    Piece,
    PieceState,
    Reservation,
    ReservationEnd,
)
from apps.inventory.selectors import reserved_for
from apps.shops.models import Member


@dataclass(eq=False)
class PieceNotForSale(Conflict):
    tag: str
    state: str

    def __str__(self) -> str:
        if self.state == PieceState.SOLD:
            return _("%(tag)s was sold already. Take it off the bill.") % {"tag": self.tag}
        words = {"tag": self.tag, "state": str(PieceState(self.state).label).lower()}
        if self.state == PieceState.RESERVED:
            return _("%(tag)s is %(state)s. Take it off the bill, or release it first.") % words
        return _("%(tag)s is %(state)s. Take it off the bill.") % words


@dataclass(eq=False)
class PieceReserved(PieceNotForSale):
    """Kept for somebody else; `customer` is their name, `until` the last day."""

    customer: str
    until: date

    def __str__(self) -> str:
        return _("%(tag)s is reserved for %(customer)s until %(until)s.") % {
            "tag": self.tag,
            "customer": self.customer,
            "until": written_day(self.until),
        }


def demand_for_sale(pieces: Sequence[Piece], *, buyer: int | None = None) -> None:
    """Refuse the first piece that cannot be sold. Raises PieceNotForSale, PieceReserved.

    `buyer`: the customer of the sale, who may take what is reserved for them. No query where
    every piece is in stock.
    """
    kept: dict[int, Reservation] | None = None
    for piece in pieces:
        if piece.state == PieceState.IN_STOCK:
            continue
        if piece.state == PieceState.RESERVED:
            kept = reserved_for([each.pk for each in pieces]) if kept is None else kept
            reservation = kept.get(piece.pk)
            if reservation is not None:
                if buyer is not None and reservation.customer_id == buyer:
                    continue
                raise PieceReserved(
                    tag=piece.tag,
                    state=piece.state,
                    customer=reservation.customer.name,
                    until=reservation.until,
                )
        raise PieceNotForSale(tag=piece.tag, state=piece.state)


def mark_sold(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Take locked pieces out of the stock: two statements, however many there are.

    A third where some were reserved: what they were kept for has happened.
    """
    kept = [piece for piece in pieces if piece.state == PieceState.RESERVED]
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
    end_reservations(kept, end=ReservationEnd.SOLD, by=by, at=at)


def end_reservations(
    pieces: Sequence[Piece],
    *,
    end: ReservationEnd = ReservationEnd.RELEASED,
    by: Member,
    at: datetime,
) -> None:
    """End what these pieces are kept for, where they are; one statement, or none for no piece."""
    if pieces:
        Reservation.objects.filter(
            piece_id__in=[piece.pk for piece in pieces], ended_at__isnull=True
        ).update(ended_at=at, ended_by=by, ending=end)
