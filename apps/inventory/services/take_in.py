"""Pieces come into the stock: one, or a whole file of them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.customers.models import Customer
from apps.inventory.models import Ownership, Piece
from apps.inventory.services.new_pieces import NewPiece
from apps.inventory.services.writing import Arrival, TagTaken, fine_of, write_pieces
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.shops.models import Member

__all__ = ["WHAT", "TagTaken", "take_in", "take_in_all"]

WHAT: Final = "intake"


def take_in(*, piece: NewPiece, by: Member, at: datetime) -> Piece:
    """Put one new piece into the stock. Raises PieceImpossible, TagTaken."""
    return take_in_all(pieces=[piece], by=by, at=at, reference=piece.tag)[0]


@transaction.atomic
def take_in_all(
    *,
    pieces: Sequence[NewPiece],
    by: Member,
    at: datetime,
    reference: str,
    progress: Callable[[int], None] | None = None,
    against: str = chart.OPENING,
    what: str = WHAT,
    owner: Customer | None = None,
    ownership: str = Ownership.OWNED,
) -> list[Piece]:
    """Put new pieces into the stock, all or none, as one entry of the books.

    The stock is debited with their cost and their fine grams, "stock brought
    in" is credited, or the account `against` that they come from, in an entry
    of the kind `what`. What belongs to an `owner` comes into our care alone: nothing is posted,
    and its cost is what it would cost us. `progress` is told how many pieces are written so far.

    Raises PieceImpossible, TagTaken; nothing is written then.
    """
    arrival = Arrival(
        owner=owner, ownership=ownership, reference="" if owner is None else reference[:40]
    )
    taken = write_pieces(pieces, by=by, at=at, arrival=arrival, progress=progress)
    if ownership != Ownership.OWNED:
        return taken
    post(
        what=what,
        reference=reference[:40],
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=_amounts(pieces, currency=by.shop.currency, against=against),
    )
    return taken


def _amounts(pieces: Sequence[NewPiece], *, currency: str, against: str) -> Iterator[Amount]:
    for piece in pieces:
        yield Amount(account=chart.STOCK, commodity=currency, amount=piece.cost)
        yield Amount(account=against, commodity=currency, amount=-piece.cost)
        for metal in piece.metals:
            fine = fine_of(metal)
            yield Amount(account=chart.STOCK, commodity=metal.metal, amount=fine)
            yield Amount(account=against, commodity=metal.metal, amount=-fine)
