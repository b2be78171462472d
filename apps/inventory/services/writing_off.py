"""Pieces leave the books without a sale, and come back when they are found."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from apps.inventory.models import MovementKind, Ownership, Piece, PieceMetal, PieceState, Place
from apps.inventory.services.differences import post_difference
from apps.inventory.services.moving import demand_open
from apps.inventory.services.parcels import settle_lost
from apps.inventory.services.sell import end_reservations
from apps.inventory.services.steps import demand_state, step_to
from apps.shops.models import Member

# What may be missed: whatever is in our care, wherever it should be.
LOSABLE = (
    PieceState.IN_STOCK,
    PieceState.RESERVED,
    PieceState.IN_TRANSIT,
    PieceState.ON_MEMO,
)


def write_off(
    *,
    pieces: Sequence[Piece],
    by: Member,
    at: datetime,
    reference: str,
    what: str = "write-off",
) -> None:
    """Take locked pieces out of the stock and out of the books.

    Dr stock lost, Cr stock: with their cost, and with their fine grams of each metal. What is
    not ours leaves our care alone. `what`: the document of the books, `reference` its number.
    The caller has asked `permit`; the pieces are locked, in a transaction.

    Raises PieceElsewhere, DayClosed.
    """
    demand_state(pieces, *LOSABLE)
    end_reservations(pieces, by=by, at=at)
    settle_lost(pieces, at=at)
    step_to(
        pieces,
        MovementKind.LOST,
        place=None,
        by=by,
        at=at,
        reference=reference,
        state=PieceState.LOST,
    )
    _post(pieces, -1, what=what, by=by, at=at, reference=reference)


def find_again(
    *,
    pieces: Sequence[Piece],
    place: Place | None,
    by: Member,
    at: datetime,
    reference: str,
    what: str = "found",
) -> None:
    """Bring locked pieces that were written off back, into `place` and into the books.

    The entry is that of the write-off the other way. Raises PieceElsewhere, PlaceClosed, DayClosed.
    """
    demand_state(pieces, PieceState.LOST)
    if place is not None:
        demand_open(place)
    step_to(
        pieces,
        MovementKind.FOUND,
        place=place,
        by=by,
        at=at,
        reference=reference,
        state=PieceState.IN_STOCK,
    )
    _post(pieces, 1, what=what, by=by, at=at, reference=reference)


def _post(
    pieces: Sequence[Piece], sign: int, *, what: str, by: Member, at: datetime, reference: str
) -> None:
    ours = [piece for piece in pieces if piece.ownership == Ownership.OWNED]
    more = ((commodity, sign * held) for commodity, held in worth(ours, currency=by.shop.currency))
    post_difference(more, what=what, reference=reference, by=by, at=at)


def worth(pieces: Sequence[Piece], *, currency: str) -> Iterator[tuple[str, Decimal]]:
    """What pieces stand in the books with: (commodity, amount) of cost, and of each fine metal."""
    for piece in pieces:
        yield currency, piece.cost
    yield from PieceMetal.objects.filter(piece_id__in=[piece.pk for piece in pieces]).values_list(
        "metal", "fine_weight_g"
    )
