"""A paper for what was lost, and for what was found again: permission, number, books."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.core.constraints import refuse_on
from apps.inventory.models import DocumentKind, Ownership, Piece, Place, StockDocument
from apps.inventory.selectors import tags_of, whole_pieces
from apps.inventory.services.moving import demand_open
from apps.inventory.services.numbers import (
    LETTERS,
    KeyOfAnother,
    document_of_key,
    new_document,
    next_code,
)
from apps.inventory.services.writing_off import find_again, write_off
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Member, Register


@transaction.atomic
def lose(
    *,
    tags: Sequence[str],
    reason: str,
    by: Member,
    at: datetime,
    key: str,
    register: Register | None = None,
    approver: Approver | None = None,
) -> StockDocument:
    """Write pieces off: a numbered paper, its approval, its entry. All or none.

    The permission counts what our pieces cost together. The form sent twice writes off once.

    Raises PieceNotFound, PieceElsewhere, KeyOfAnother, RegisterNotFound, DayClosed, and what
    `permit` raises.
    """
    kind = DocumentKind.WRITE_OFF
    pieces = _locked(tags)
    first = document_of_key(key, kind)
    if first is not None:
        return first
    cost = cost_of(pieces)
    code = next_code(LETTERS[kind], register=register)
    permit(
        Action.WRITE_OFF,
        by=by,
        reason=reason,
        reference=code,
        at=at,
        amount=cost,
        approver=approver,
    )
    write_off(pieces=pieces, by=by, at=at, reference=code)
    with refuse_on({"inventory_document_key": KeyOfAnother()}):
        return new_document(kind, code=code, amount=-cost, reason=reason, by=by, at=at, key=key)


@transaction.atomic
def find(
    *,
    tags: Sequence[str],
    place: Place,
    reason: str,
    by: Member,
    at: datetime,
    key: str,
    register: Register | None = None,
    approver: Approver | None = None,
) -> StockDocument:
    """Bring pieces that were written off back into a place and into the books; as `lose`.

    Raises PlaceClosed, and what `lose` raises.
    """
    kind = DocumentKind.FOUND
    pieces = _locked(tags)
    first = document_of_key(key, kind)
    if first is not None:
        return first
    demand_open(place)
    cost = cost_of(pieces)
    code = next_code(LETTERS[kind], register=register)
    permit(
        Action.WRITE_OFF,
        by=by,
        reason=reason,
        reference=code,
        at=at,
        amount=cost,
        approver=approver,
    )
    find_again(pieces=pieces, place=place, by=by, at=at, reference=code)
    with refuse_on({"inventory_document_key": KeyOfAnother()}):
        return new_document(kind, code=code, amount=cost, reason=reason, by=by, at=at, key=key)


def _locked(tags: Sequence[str]) -> list[Piece]:
    return [whole.piece for whole in whole_pieces(tags=tags_of(tags), to_change=True)]


def cost_of(pieces: Sequence[Piece]) -> Decimal:
    """What these pieces stand in our books with. Units: the shop's money."""
    ours = (piece.cost for piece in pieces if piece.ownership == Ownership.OWNED)
    return sum(ours, Decimal(0))
