"""Pieces go aside for somebody, go out on approval, come back, or end. Each step is a movement."""

from collections.abc import Sequence
from datetime import datetime

from apps.inventory.models import MovementKind, Ownership, Piece, PieceState, Place
from apps.inventory.services.sell import demand_for_sale
from apps.inventory.services.steps import PieceElsewhere, demand_state, step, step_to
from apps.shops.models import Member

__all__ = [
    "PieceElsewhere",
    "bought",
    "came_back",
    "give_back",
    "lend",
    "release",
    "reserve",
    "scrap",
    "take_back",
]


def reserve(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Put locked pieces aside under a document's number. Raises PieceNotForSale."""
    demand_for_sale(pieces)
    step(
        pieces,
        MovementKind.RESERVED,
        by=by,
        at=at,
        reference=reference,
        state=PieceState.RESERVED,
    )


def release(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Let locked pieces that were put aside be sold again. Raises PieceElsewhere."""
    demand_state(pieces, PieceState.RESERVED)
    _into_stock(pieces, MovementKind.RELEASED, by=by, at=at, reference=reference)


def take_back(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Bring locked pieces that were sold back into the stock. Raises PieceElsewhere."""
    demand_state(pieces, PieceState.SOLD)
    _into_stock(pieces, MovementKind.RETURNED, by=by, at=at, reference=reference)


def scrap(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Let locked pieces that came back go to the old gold. Raises PieceElsewhere."""
    demand_state(pieces, PieceState.SOLD)
    _out(pieces, MovementKind.SCRAPPED, PieceState.SCRAPPED, by=by, at=at, reference=reference)


def lend(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Let locked pieces go out on approval: still in the books, not in the shop, not for sale.

    Raises PieceNotForSale.
    """
    demand_for_sale(pieces)
    _out(pieces, MovementKind.LENT, PieceState.ON_MEMO, by=by, at=at, reference=reference)


def came_back(
    *,
    pieces: Sequence[Piece],
    by: Member,
    at: datetime,
    reference: str,
    place: Place | None = None,
) -> None:
    """Bring locked pieces that were lent back into the stock, to `place`. Raises PieceElsewhere."""
    demand_state(pieces, PieceState.ON_MEMO)
    step_to(
        pieces,
        MovementKind.CAME_BACK,
        place=place,
        by=by,
        at=at,
        reference=reference,
        state=PieceState.IN_STOCK,
    )


def give_back(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Give locked pieces that are not ours back to their owner. Custody alone: nothing is posted.

    Raises PieceElsewhere.
    """
    assert all(piece.ownership != Ownership.OWNED for piece in pieces), "ours is not given back"
    demand_state(pieces, PieceState.IN_STOCK)
    _out(pieces, MovementKind.GIVEN_BACK, PieceState.SENT_BACK, by=by, at=at, reference=reference)


def bought(*, pieces: Sequence[Piece], by: Member, at: datetime, reference: str) -> None:
    """Let locked pieces that were not ours be ours, in whatever state. The caller posts the books.

    A piece that is sold at this moment becomes ours first.
    """
    assert all(piece.ownership != Ownership.OWNED for piece in pieces), "ours already"
    Piece.objects.filter(pk__in=[piece.pk for piece in pieces]).update(
        ownership=Ownership.OWNED, owner=None
    )
    for piece in pieces:
        piece.ownership, piece.owner = Ownership.OWNED.value, None
    step(pieces, MovementKind.BOUGHT, by=by, at=at, reference=reference)


def _into_stock(
    pieces: Sequence[Piece], kind: MovementKind, *, by: Member, at: datetime, reference: str
) -> None:
    step(pieces, kind, by=by, at=at, reference=reference, state=PieceState.IN_STOCK)


def _out(
    pieces: Sequence[Piece],
    kind: MovementKind,
    state: PieceState,
    *,
    by: Member,
    at: datetime,
    reference: str,
) -> None:
    """Out of every place: its page must not show what lies elsewhere."""
    step_to(pieces, kind, place=None, by=by, at=at, reference=reference, state=state)
