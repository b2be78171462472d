"""Doors for programs: memos to read."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from apps.consignment.models import Memo, MemoLine
from apps.consignment.selectors.memos import lines_of, memo_by_code, memos, party_of, still_open
from apps.core.api import PROBLEMS, ProblemOut, demand_known
from apps.core.units import currency
from apps.shops.access import MemberRequest

router = Router(tags=["memos"])
_MOST_LISTED = 500
Code = Annotated[str, Field(min_length=1, max_length=20)]


class MemoOut(Schema):
    """A paper of pieces on approval."""

    code: str
    direction: str = Field(description="out: ours, lent; in: an owner's, in our care.")
    party: int
    party_name: str
    due: date
    written_at: datetime
    pieces: int = Field(description="How many are still out, or still here.")

    @classmethod
    def of(cls, memo: Memo, *, pieces: int) -> "MemoOut":
        who = party_of(memo)
        return cls(
            code=memo.code,
            direction=memo.direction,
            party=who.pk,
            party_name=who.name,
            due=memo.due,
            written_at=memo.at,
            pieces=pieces,
        )


class MemosOut(Schema):
    items: list[MemoOut]


class MemoLineOut(Schema):
    """One piece of a memo. Money and percents are strings."""

    tag: str
    name: str
    terms: str
    value: str | None = Field(
        description="Money, or percent; null: the price of the day, or hidden with the costs."
    )
    state: str
    piece_state: str
    ended_at: datetime | None
    reference: str = Field(description="The bill that sold it; empty otherwise.")

    @classmethod
    def of(cls, line: MemoLine, *, code: str, with_value: bool) -> "MemoLineOut":
        places = 2 if line.terms == "percent" else currency(code).exponent
        shown = with_value and line.value is not None
        return cls(
            tag=line.piece.tag,
            name=line.piece.name,
            terms=line.terms,
            value=f"{line.value:.{places}f}" if shown else None,
            state=line.state,
            piece_state=line.piece.state,
            ended_at=line.ended_at,
            reference=line.reference,
        )


class WholeMemoOut(MemoOut):
    lines: list[MemoLineOut]


class MemoFilter(Schema):
    direction: Literal["out", "in"] = "out"
    ended: bool = False


@router.get("/memos", response={200: MemosOut, **PROBLEMS}, summary="Memos")
def list_memos(request: MemberRequest, wanted: Query[MemoFilter]) -> MemosOut:
    """Memos of one direction, what is overdue first; with `ended` those that are over."""
    demand_known(request, MemoFilter)
    found = list(memos(wanted.direction, ended=wanted.ended)[:_MOST_LISTED])
    pieces = still_open(found)
    return MemosOut(items=[MemoOut.of(memo, pieces=pieces.get(memo.pk, 0)) for memo in found])


@router.get(
    "/memos/{code}",
    response={200: WholeMemoOut, **PROBLEMS, 404: ProblemOut},
    summary="One memo",
)
def read_memo(request: MemberRequest, code: Code) -> WholeMemoOut:
    """A memo with its pieces. 404: there is none. What owners get is a cost, shown as costs are."""
    memo = memo_by_code(code)
    lines = lines_of(memo)
    shown = memo.direction == "out" or bool(request.sees_cost)
    head = MemoOut.of(memo, pieces=still_open([memo]).get(memo.pk, 0))
    return WholeMemoOut(
        **head.dict(),
        lines=[
            MemoLineOut.of(line, code=request.member.shop.currency, with_value=shown)
            for line in lines
        ],
    )
