"""Pieces come back from who had them, or go back to their owner: by their tags, all or a part."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.consignment.models import Direction, LineState, Memo, MemoLine, MemoReturn
from apps.consignment.refusals import (
    BackAlready,
    EndedOtherwise,
    KeyOfAnother,
    NothingOnMemo,
    NotOnMemo,
    OtherDirection,
)
from apps.consignment.selectors.memos import memo_by_code
from apps.consignment.services.lines import end, lines_to_change
from apps.core.constraints import refuse_on
from apps.inventory.models import Piece, Place
from apps.inventory.selectors import IN_THE_SHOP, tags_of, whole_pieces
from apps.inventory.services import ways
from apps.inventory.services.moving import demand_open
from apps.inventory.services.numbers import next_code
from apps.shops.models import Member, Register

RETURN = "MR"


@transaction.atomic
def come_back(
    *,
    code: str,
    tags: Sequence[str],
    place: Place | None,
    key: str,
    by: Member,
    at: datetime,
    register: Register | None = None,
) -> MemoReturn:
    """Take pieces of a memo back into the stock, into `place`. All or none; no permission asked.

    The scan sent twice takes back once. Raises MemoNotFound, OtherDirection, NothingOnMemo,
    PieceNotFound, NotOnMemo, BackAlready, EndedOtherwise, PieceElsewhere, PlaceClosed,
    RegisterNotFound, KeyOfAnother.
    """
    pieces = _locked(tags)
    memo = _memo(code, Direction.OUT)
    first = _return_of_key(key, memo)
    if first is not None:
        return first
    if place is not None:
        demand_open(place)
    lines = _lines(memo, pieces, at=at)
    returned = _written(memo, key=key, by=by, at=at, register=register)
    # One that was written off and found again lies in the stock already: its line alone ends.
    out = [piece for piece in pieces if piece.state not in IN_THE_SHOP]
    ways.came_back(pieces=out, by=by, at=at, reference=memo.code, place=place)
    for line in lines:
        end(line, LineState.BACK, at=at, returned=returned)
    return returned


@transaction.atomic
def give_back(
    *,
    code: str,
    tags: Sequence[str],
    key: str,
    by: Member,
    at: datetime,
    register: Register | None = None,
) -> MemoReturn:
    """Give pieces in our care back to their owner. As `come_back`; nothing is posted."""
    pieces = _locked(tags)
    memo = _memo(code, Direction.IN)
    first = _return_of_key(key, memo)
    if first is not None:
        return first
    lines = _lines(memo, pieces, at=at)
    returned = _written(memo, key=key, by=by, at=at, register=register)
    ways.give_back(pieces=pieces, by=by, at=at, reference=memo.code)
    for line in lines:
        end(line, LineState.BACK, at=at, returned=returned)
    return returned


def _locked(tags: Sequence[str]) -> list[Piece]:
    if not tags:
        raise NothingOnMemo
    return [whole.piece for whole in whole_pieces(tags=tags_of(tags), to_change=True)]


def _memo(code: str, direction: Direction) -> Memo:
    memo = memo_by_code(code, to_change=True)
    if memo.direction != direction:
        raise OtherDirection(memo=memo.code)
    return memo


def _return_of_key(key: str, memo: Memo) -> MemoReturn | None:
    found = MemoReturn.objects.filter(key=key).first()
    if found is not None and found.memo_id != memo.pk:
        raise KeyOfAnother
    return found


def _lines(memo: Memo, pieces: Sequence[Piece], *, at: datetime) -> list[MemoLine]:
    """The open line of each piece on this memo, or what became of it."""
    open_now = lines_to_change(pieces, at=at)
    found = []
    for piece in pieces:
        line = open_now.get(piece.pk)
        if line is None or line.memo_id != memo.pk:
            raise _ended(memo, piece, now=at)
        found.append(line)
    return found


def _ended(memo: Memo, piece: Piece, *, now: datetime) -> BackAlready | EndedOtherwise | NotOnMemo:
    line = (
        MemoLine.objects.filter(memo=memo, piece=piece)
        .select_related("returned__by__user")
        .order_by("-pk")
        .first()
    )
    if line is None:
        return NotOnMemo(tag=piece.tag, memo=memo.code)
    if line.returned is not None:
        return BackAlready(
            tag=piece.tag,
            memo=memo.code,
            member=str(line.returned.by.user),
            at=line.returned.at,
            now=now,
        )
    return EndedOtherwise(
        tag=piece.tag, memo=memo.code, state=str(LineState(line.state).label).lower()
    )


def _written(
    memo: Memo, *, key: str, by: Member, at: datetime, register: Register | None
) -> MemoReturn:
    code = next_code(RETURN, register=register)
    with refuse_on({"consignment_memoreturn_key": KeyOfAnother()}):
        return MemoReturn.objects.create(memo=memo, code=code, at=at, by=by, key=key)
