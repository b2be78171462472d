"""Pieces on approval in a bill: memos learn what it sells, owners are owed for theirs."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from apps.consignment.selectors.selling import is_on_approval
from apps.consignment.services import sold
from apps.inventory.selectors import WholePiece
from apps.ledger.services import Amount
from apps.pricing import rules
from apps.shops.models import Member


def book_approval(
    quote: rules.Quote,
    pieces: Sequence[WholePiece],
    *,
    by: Member,
    at: datetime,
    reference: str,
) -> list[Amount]:
    """Let memos know what the bill `reference` sells; what buying owners' pieces posts with it.

    Before the lines are frozen and the pieces are marked sold: a piece that is bought has its
    cost from here on. No query where no piece is on approval.
    """
    if not any(is_on_approval(whole.piece) for whole in pieces):
        return []
    sold.kept_by_sale(pieces=[whole.piece for whole in pieces], at=at, reference=reference)
    return sold.bought_by_sale(
        pieces=pieces,
        prices={
            whole.piece.pk: _without_tax(line)
            for line, whole in zip(quote.lines, pieces, strict=True)
        },
        by=by,
        at=at,
        reference=reference,
    )


def _without_tax(line: rules.QuoteLine) -> Decimal:
    return line.total - line.tax - line.unshown_tax
