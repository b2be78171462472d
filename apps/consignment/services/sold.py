"""A bill sells pieces on approval: somebody keeps what was lent, or an owner's piece is sold.

`apps.sales` calls this inside its own transaction, with the pieces locked. A bill without such
pieces asks nothing here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from apps.consignment.models import Direction, LineState, MemoLine, Terms
from apps.consignment.rules import owners_part
from apps.consignment.selectors.memos import open_lines, party_of
from apps.consignment.selectors.selling import is_on_approval, judged
from apps.consignment.services.lines import end, lines_to_change
from apps.core.units import currency
from apps.inventory.models import MovementKind, Ownership, Piece, PieceState
from apps.inventory.selectors import WholePiece
from apps.inventory.services.steps import step
from apps.inventory.services.ways import bought
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.shops.days import day_of
from apps.shops.models import Member

_ZERO = Decimal(0)


def demand_sellable(
    pieces: Sequence[Piece], *, buyer: int | None, by: Member, at: datetime
) -> frozenset[int]:
    """The ids of pieces that `buyer` has on approval and may keep. No query where there are none.

    Raises PieceLent (somebody else has it), MemoRanOut (its owner's day is past), NotOurs.
    """
    asked = [piece for piece in pieces if is_on_approval(piece)]
    if not asked:
        return frozenset()
    lines = lines_to_change(asked, at=at)
    found = judged(asked, lines, buyer=buyer, today=day_of(by.shop, at))
    for refusal in found.refused.values():
        raise refusal
    return found.kept


def kept_by_sale(*, pieces: Sequence[Piece], at: datetime, reference: str) -> None:
    """End the lines of lent pieces that the bill `reference` sells to who has them."""
    lent = [piece.pk for piece in pieces if piece.state == PieceState.ON_MEMO]
    for line in open_lines(lent).values() if lent else ():
        end(line, LineState.SOLD, at=at, reference=reference)


def bought_by_sale(
    *,
    pieces: Sequence[WholePiece],
    prices: Mapping[int, Decimal],
    by: Member,
    at: datetime,
    reference: str,
) -> list[Amount]:
    """Buy the owners' pieces that the bill `reference` sells; what to post with the sale.

    Dr stock, Cr owed to the owner: the agreed price, or the agreed percent of what the piece is
    sold for without tax (`prices`, by piece). Fine grams come from outside, as with any purchase.
    From now on each piece is ours at that cost, so that the bill takes it out of the stock. No
    query where every piece is ours.
    """
    theirs = [whole for whole in pieces if whole.piece.ownership == Ownership.MEMO_IN]
    if not theirs:
        return []
    lines = lines_to_change([whole.piece for whole in theirs], at=at)
    amounts: list[Amount] = []
    for whole in theirs:
        piece, line = whole.piece, lines[whole.piece.pk]
        owed = _owed(line, prices[piece.pk], by=by)
        amounts += bought_amounts(whole, line, owed, currency_code=by.shop.currency)
        end(line, LineState.SOLD, at=at, reference=reference, owed=owed)
    make_ours(theirs, lines, by=by, at=at, reference=reference)
    return amounts


def make_ours(
    wholes: Sequence[WholePiece],
    lines: Mapping[int, MemoLine],
    *,
    by: Member,
    at: datetime,
    reference: str,
) -> None:
    """Let locked pieces be ours at what their ended lines say is owed for them."""
    for whole in wholes:
        owed = lines[whole.piece.pk].owed
        assert owed is not None
        if whole.piece.cost != owed:
            whole.piece.cost = owed
            whole.piece.save(update_fields=["cost"])
    bought(pieces=[whole.piece for whole in wholes], by=by, at=at, reference=reference)


def _owed(line: MemoLine, price: Decimal, *, by: Member) -> Decimal:
    assert line.value is not None
    if line.terms == Terms.FIXED:
        return line.value
    return owners_part(percent=line.value, price=price, step=currency(by.shop.currency).step)


def bought_amounts(
    whole: WholePiece,
    line: MemoLine,
    owed: Decimal,
    *,
    currency_code: str,
    into: str = chart.STOCK,
) -> list[Amount]:
    """Dr `into`, Cr owed to the owner in money, and the fine grams from outside."""
    owner = party_of(line.memo).pk
    amounts = [
        Amount(account=into, commodity=currency_code, amount=owed),
        Amount(account=chart.PAYABLE, commodity=currency_code, amount=-owed, party=owner),
    ]
    for metal in whole.metals:
        fine = metal.fine_weight_g
        amounts.append(Amount(account=into, commodity=metal.metal, amount=fine))
        amounts.append(Amount(account=chart.OPENING, commodity=metal.metal, amount=-fine))
    return amounts


def undo(*, reference: str, by: Member, at: datetime) -> None:
    """Let memos be as they were before a bill that is voided; its entry is reversed elsewhere.

    An owner's piece is theirs again, in our care, and nobody is owed for it. A lent piece came
    back with the void. The pieces are locked, and in the stock again. One query where the bill
    sold nothing of a memo.
    """
    lines = list(
        MemoLine.objects.filter(reference=reference, state=LineState.SOLD).select_related(
            "memo__party__merged_into", "piece"
        )
    )
    for line in lines:
        if line.memo.direction == Direction.OUT:
            line.state, line.ended_at = LineState.BACK, at
            line.save(update_fields=["state", "ended_at"])
            continue
        line.state, line.ended_at, line.owed, line.reference = LineState.OPEN, None, None, ""
        line.save(update_fields=["state", "ended_at", "owed", "reference"])
        piece = line.piece
        piece.ownership, piece.owner = Ownership.MEMO_IN, party_of(line.memo)
        piece.cost = line.value if line.terms == Terms.FIXED and line.value else _ZERO
        piece.save(update_fields=["ownership", "owner", "cost"])
        step([piece], MovementKind.TAKEN_IN, by=by, at=at, reference=line.memo.code)
