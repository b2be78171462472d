"""The lines of memos under their locks: opened, ended, found for pieces under new tags."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from apps.consignment.models import LineState, Memo, MemoLine, Terms
from apps.consignment.selectors.memos import open_lines
from apps.inventory.models import Piece, PieceOrigin, PieceState

_ENDS = {PieceState.LOST: LineState.LOST, PieceState.RETAGGED: LineState.RETAGGED}


def end(line: MemoLine, state: LineState, *, at: datetime, **also: object) -> None:
    """Let an open line end."""
    line.state, line.ended_at = state, at
    for name, value in also.items():
        setattr(line, name, value)
    line.save(update_fields=["state", "ended_at", *also])


def end_stale(pieces: Sequence[Piece], *, at: datetime) -> None:
    """End what an older memo still says of pieces that were written off and found since."""
    for line in open_lines([piece.pk for piece in pieces]).values():
        end(line, LineState.LOST, at=at)


def lines_to_change(pieces: Sequence[Piece], *, at: datetime) -> dict[int, MemoLine]:
    """The open line of each of these locked pieces, by piece.

    A piece that came of splitting or joining others takes the line of one of them over: the same
    memo, its own share of an agreed price, the same percent.
    """
    found = open_lines([piece.pk for piece in pieces])
    for piece in pieces:
        if piece.pk not in found:
            before = _line_before(piece)
            if before is not None:
                found[piece.pk] = _taken_over(before, piece, at=at)
    return found


def _line_before(piece: Piece) -> MemoLine | None:
    """The line of a piece that this one was made of, however many tags ago."""
    parents, seen = {piece.pk}, {piece.pk}
    while parents:
        parents = set(
            PieceOrigin.objects.filter(child__in=parents).values_list("parent", flat=True)
        )
        parents -= seen
        seen |= parents
        lines = (
            MemoLine.objects.filter(
                piece__in=parents, state__in=[LineState.OPEN, LineState.RETAGGED]
            )
            .select_related("memo__party__merged_into", "memo__by__user", "piece")
            .order_by("pk")
        )
        if line := lines.first():
            return line
    return None


def _taken_over(before: MemoLine, piece: Piece, *, at: datetime) -> MemoLine:
    ended = _ENDS.get(PieceState(before.piece.state))
    if before.state == LineState.OPEN and ended is not None:
        end(before, ended, at=at)
    value = before.value
    if before.terms == Terms.FIXED and piece.cost > 0:
        value = piece.cost
    return MemoLine.objects.create(memo=before.memo, piece=piece, terms=before.terms, value=value)


def open_line(
    memo: Memo,
    piece: Piece,
    terms: Terms,
    value: Decimal | None,
    price_then: Decimal | None = None,
) -> MemoLine:
    """A line to be written with others."""
    return MemoLine(
        shop_id=memo.shop_id,
        memo=memo,
        piece=piece,
        terms=terms,
        value=value,
        price_then=price_then,
    )
