"""Memos in their lists, one with its lines, and the open lines of pieces."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from apps.consignment.models import LineState, Memo, MemoLine
from apps.consignment.refusals import MemoNotFound
from apps.customers.models import Customer
from apps.inventory.models import PieceState

# An open line whose piece was written off, or goes on under other tags, is not out any more.
_GONE = (PieceState.LOST, PieceState.RETAGGED)
_STANDS = Q(state=LineState.OPEN) & ~Q(piece__state__in=_GONE)


@dataclass(frozen=True, slots=True)
class Sums:
    """What memos of one direction still hold. Pieces, and their fine grams by metal."""

    pieces: int
    fine_g: Sequence[tuple[str, Decimal]]


def memos(direction: str, *, ended: bool = False) -> QuerySet[Memo]:
    """Memos of one direction by day, what is overdue first; `ended`: the others, newest first.

    With `open_count`, the pieces that are still out or here, and `line_count`.
    """
    still = MemoLine.objects.filter(_STANDS, memo=OuterRef("pk"))
    found = (
        Memo.objects.filter(direction=direction)
        .select_related("party__merged_into", "by__user")
        .annotate(
            open_count=Count(
                "lines",
                filter=Q(lines__state=LineState.OPEN) & ~Q(lines__piece__state__in=_GONE),
            ),
            line_count=Count("lines"),
        )
    )
    if ended:
        return found.filter(~Exists(still)).order_by("-pk")
    return found.filter(Exists(still)).order_by("due", "pk")


def still_open(memos: Collection[Memo]) -> dict[int, int]:
    """How many pieces of each memo are still out, or here; of those that have any. One query."""
    still = MemoLine.objects.filter(_STANDS, memo__in=memos).order_by()
    return dict(still.values_list("memo").annotate(Count("pk")))


def overdue(*, day: date) -> dict[str, int]:
    """How many memos of each direction should have ended before `day`. One query."""
    still = MemoLine.objects.filter(_STANDS, memo=OuterRef("pk"))
    found = Memo.objects.filter(Exists(still), due__lt=day).order_by()
    return dict(found.values_list("direction").annotate(Count("pk")))


def sums_of(direction: str) -> Sums:
    """What is out, or in our care. Two queries."""
    still = MemoLine.objects.filter(_STANDS, memo__direction=direction)
    fine = still.values_list("piece__metals__metal").annotate(Sum("piece__metals__fine_weight_g"))
    return Sums(
        pieces=still.count(),
        fine_g=[(metal, grams) for metal, grams in fine.order_by() if metal is not None],
    )


def memo_by_code(code: str, *, to_change: bool = False) -> Memo:
    """The memo with this number; `to_change` locks it until the transaction ends.

    Pieces are locked before it. Raises MemoNotFound.
    """
    found = Memo.objects.select_related("party__merged_into", "by__user")
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        found = found.select_for_update(of=("self",), no_key=True)
    memo = found.filter(code=code).first() if code.isprintable() else None
    if memo is None:
        raise MemoNotFound(code=code if code.isprintable() else "")
    return memo


def lines_of(memo: Memo) -> list[MemoLine]:
    """The lines of a memo in the order they were scanned, with their pieces. One query."""
    return list(
        MemoLine.objects.filter(memo=memo)
        .select_related("piece__place", "returned__by__user")
        .order_by("pk")
    )


def open_lines(pieces: Collection[int]) -> dict[int, MemoLine]:
    """The open line of each of these pieces that has one, by piece. One query."""
    found = MemoLine.objects.filter(piece__in=pieces, state=LineState.OPEN)
    return {
        line.piece_id: line
        for line in found.select_related("memo__party__merged_into", "memo__by__user", "piece")
    }


def party_of(memo: Memo) -> Customer:
    """Who it is by now: a customer who was merged is somebody else. No query."""
    return memo.party.merged_into or memo.party
