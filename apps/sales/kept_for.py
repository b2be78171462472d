"""Pieces that wait for one customer: lent to them, or reserved for them. Reads only."""

from collections.abc import Mapping, Sequence
from datetime import date

from apps.consignment.selectors.selling import on_approval
from apps.core.errors import Refusal
from apps.inventory.models import PieceState
from apps.inventory.selectors import reserved_for
from apps.inventory.services.sell import PieceReserved
from apps.sales.models import OpenSaleLine


def kept_for(
    buyer: int | None, lines: Sequence[OpenSaleLine], aside: frozenset[str], *, today: date
) -> tuple[frozenset[str], Mapping[int, Refusal]]:
    """Tags that this customer has on approval, or that are reserved for them; and the refusals of
    others. No query where there are none."""
    pieces = [line.piece for line in lines if not line.removed]
    found = on_approval(pieces, buyer=buyer, today=today)
    reserved = [
        piece for piece in pieces if piece.state == PieceState.RESERVED and piece.tag not in aside
    ]
    waiting = reserved_for([piece.pk for piece in reserved])
    mine = {pk for pk, each in waiting.items() if each.customer_id == buyer}
    refusals = dict(found.refused)
    for pk, each in waiting.items():
        if pk not in mine:
            refusals[pk] = PieceReserved(
                tag=each.piece.tag,
                state=each.piece.state,
                customer=each.customer.name,
                until=each.until,
            )
    tags = frozenset(piece.tag for piece in pieces if piece.pk in found.kept | mine)
    return tags, refusals
