"""A piece is kept for a customer until a day; it is let go by hand, by a sale, or by its day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import day as written_day
from apps.customers.selectors import customer_by_id
from apps.inventory.models import MovementKind, Piece, PieceState, Reservation, ReservationEnd
from apps.inventory.selectors import reserved_for, run_out, whole_pieces
from apps.inventory.services.steps import step
from apps.inventory.services.ways import reserve
from apps.shops.days import day_of
from apps.shops.models import Member, Shop

__all__ = ["expire", "let_go", "reserve_for", "reserved_for"]

LONGEST_NOTE: Final = 200
_LONGEST: Final = timedelta(days=366)


@dataclass(eq=False)
class DayImpossible(Invalid):
    """A reservation is kept through a day between today and a year from now."""

    until: date

    def __str__(self) -> str:
        return _("%(until)s is no day to keep a piece until. Choose one within a year.") % {
            "until": written_day(self.until)
        }


@dataclass(eq=False)
class NotReserved(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is not reserved for anybody. Look at its history.") % {"tag": self.tag}


@transaction.atomic
def reserve_for(
    *, tag: str, customer: int, until: date, by: Member, at: datetime, note: str = ""
) -> Reservation:
    """Keep a piece for a customer through the day `until`, or longer for who has it already.

    Kept for the same customer until the same day it stays as it is: the form sent twice reserves
    once. Another day is a new row, and the one before ends.

    Raises DayImpossible, CustomerNotFound, PieceNotFound, PieceNotForSale, PieceReserved.
    """
    today = day_of(by.shop, at)
    if not today <= until <= today + _LONGEST:
        raise DayImpossible(until=until)
    known = customer_by_id(customer)
    piece = whole_pieces(tags=[tag], to_change=True)[0].piece
    had = reserved_for([piece.pk]).get(piece.pk)
    if had is None or had.customer_id != known.pk:
        reserve(pieces=[piece], by=by, at=at, reference="")
    elif had.until == until:
        return had
    else:
        _end([had], ReservationEnd.RELEASED, by=by, at=at)
    return Reservation.objects.create(
        piece=piece,
        customer=known,
        until=until,
        note=note.strip()[:LONGEST_NOTE],
        made_at=at,
        made_by=by,
    )


@transaction.atomic
def let_go(*, tag: str, by: Member, at: datetime) -> Piece:
    """Let a reserved piece be sold to anybody again. Raises PieceNotFound, NotReserved."""
    piece = whole_pieces(tags=[tag], to_change=True)[0].piece
    kept = reserved_for([piece.pk]).get(piece.pk)
    if kept is None or piece.state != PieceState.RESERVED:
        raise NotReserved(tag=piece.tag)
    _end([kept], ReservationEnd.RELEASED, by=by, at=at)
    step([piece], MovementKind.RELEASED, by=by, at=at, state=PieceState.IN_STOCK)
    return piece


@transaction.atomic
def expire(*, shop: Shop, at: datetime) -> list[Piece]:
    """Let go what was kept until yesterday. Done twice it does nothing the second time."""
    tags = sorted(run_out(day=day_of(shop, at)).values_list("piece__tag", flat=True))
    if not tags:
        return []
    pieces = [whole.piece for whole in whole_pieces(tags=tags, to_change=True)]
    # Under the locks once more: a sale may have come first.
    gone = run_out(day=day_of(shop, at)).in_bulk()
    still = {each.piece_id for each in gone.values()}
    free = [each for each in pieces if each.pk in still and each.state == PieceState.RESERVED]
    _end(list(gone.values()), ReservationEnd.EXPIRED, by=None, at=at)
    step(free, MovementKind.RELEASED, by=None, at=at, state=PieceState.IN_STOCK)
    return free


def _end(
    reservations: list[Reservation], end: ReservationEnd, *, by: Member | None, at: datetime
) -> None:
    Reservation.objects.filter(pk__in=[each.pk for each in reservations]).update(
        ended_at=at, ended_by=by, ending=end
    )
