"""Who may buy pieces on approval: whoever has them; an owner's piece, until its day is past."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from apps.consignment.models import MemoLine
from apps.consignment.refusals import MemoRanOut, NotOurs, PieceLent
from apps.consignment.selectors.memos import open_lines, party_of
from apps.core.errors import Refusal
from apps.inventory.models import Ownership, Piece, PieceState


@dataclass(frozen=True, slots=True)
class OnApproval:
    """The ids of pieces that the buyer has and may keep; and why others are not sold to them."""

    kept: frozenset[int] = frozenset()
    refused: Mapping[int, Refusal] = field(default_factory=dict)


def is_on_approval(piece: Piece) -> bool:
    """Whether the piece is lent out, or is not ours."""
    return piece.state == PieceState.ON_MEMO or piece.ownership != Ownership.OWNED


def on_approval(pieces: Collection[Piece], *, buyer: int | None, today: date) -> OnApproval:
    """How pieces stand towards a buyer. One query; none where no piece is on approval."""
    asked = [piece for piece in pieces if is_on_approval(piece)]
    if not asked:
        return OnApproval()
    lines = open_lines([piece.pk for piece in asked])
    return judged(asked, lines, buyer=buyer, today=today)


def judged(
    pieces: Sequence[Piece],
    lines: Mapping[int, MemoLine],
    *,
    buyer: int | None,
    today: date,
) -> OnApproval:
    """As `on_approval`, of pieces whose open lines are known."""
    kept: set[int] = set()
    refused: dict[int, Refusal] = {}
    for piece in pieces:
        line = lines.get(piece.pk)
        if piece.ownership == Ownership.CUSTOMER:
            refused[piece.pk] = NotOurs(tag=piece.tag, owner=str(piece.owner))
        elif line is None:
            continue
        elif piece.state == PieceState.ON_MEMO:
            who = party_of(line.memo)
            if buyer is not None and buyer in (who.pk, line.memo.party_id):
                kept.add(piece.pk)
            else:
                refused[piece.pk] = PieceLent(
                    tag=piece.tag, name=who.name, memo=line.memo.code, due=line.memo.due
                )
        elif line.memo.due < today:
            refused[piece.pk] = MemoRanOut(
                tag=piece.tag,
                name=party_of(line.memo).name,
                memo=line.memo.code,
                due=line.memo.due,
            )
    return OnApproval(frozenset(kept), refused)
