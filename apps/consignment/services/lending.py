"""Pieces go out on approval and come back: a numbered paper, and one for each coming back."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from apps.consignment.models import TERMS_OUT, Direction, Memo, MemoDay, MemoLine
from apps.consignment.refusals import KeyOfAnother, NotOurs
from apps.consignment.selectors.memos import memo_by_code
from apps.consignment.services.agreeing import (
    LONGEST_NOTE,
    Agreed,
    demand_day,
    demand_terms,
    known_tags,
)
from apps.consignment.services.lines import end_stale, open_line
from apps.core.constraints import refuse_on
from apps.customers.selectors import customer_by_id
from apps.inventory.models import Ownership
from apps.inventory.prices import prices_today
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.numbers import next_code
from apps.inventory.services.sell import demand_for_sale
from apps.inventory.services.ways import lend as go_out
from apps.shops.approvals import Approver, NotAllowed, may, permit
from apps.shops.models import Action, Member, Register

OUT = "MO"


@transaction.atomic
def lend(
    *,
    party: int,
    due: date,
    agreed: Sequence[Agreed],
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    note: str = "",
    register: Register | None = None,
    approver: Approver | None = None,
) -> Memo:
    """Let pieces go to somebody who looks at them until a day. All or none.

    They stay ours, in the books, and are counted as out. The memo keeps what each cost on that
    day. The permission counts what they cost us together. The form sent twice lends once.
    `apps.sales.services.approval.lend` looks first whether a sale keeps one of them.

    Raises DayImpossible, NothingOnMemo, TagTwice, TermsImpossible, PieceNotFound, NotOurs,
    PieceNotForSale, PieceReserved, CustomerNotFound, RegisterNotFound, KeyOfAnother, and what
    `permit` raises.
    """
    tags = known_tags(agreed)
    wholes = whole_pieces(tags=tags, to_change=True)
    first = memo_of_key(key, Direction.OUT)
    if first is not None:
        return first
    demand_day(due, by=by, at=at)
    for each in agreed:
        demand_terms(each, among=TERMS_OUT, code=by.shop.currency)
    who = customer_by_id(party)
    pieces = [whole.piece for whole in wholes]
    for piece in pieces:
        if piece.ownership != Ownership.OWNED:
            raise NotOurs(tag=piece.tag, owner=str(piece.owner))
    demand_for_sale(pieces)
    end_stale(pieces, at=at)
    prices = prices_today(wholes, shop=by.shop, at=at)
    code = next_code(OUT, register=register)
    approval = permit(
        Action.MEMO,
        by=by,
        reason=reason,
        reference=code,
        at=at,
        amount=sum((piece.cost for piece in pieces), Decimal(0)),
        approver=approver,
    )
    with refuse_on({"consignment_memo_key": KeyOfAnother()}):
        memo = Memo.objects.create(
            direction=Direction.OUT,
            code=code,
            party=who,
            due=due,
            note=" ".join(note.split())[:LONGEST_NOTE],
            at=at,
            by=by,
            approved_by=approval.approved_by,
            key=key,
        )
    MemoLine.objects.bulk_create(
        open_line(memo, piece, each.terms, each.value, price.total)
        for piece, each, price in zip(pieces, agreed, prices, strict=True)
    )
    go_out(pieces=pieces, by=by, at=at, reference=code)
    return memo


@transaction.atomic
def agree_on_day(*, code: str, due: date, by: Member, at: datetime) -> Memo:
    """Let a memo end on another day; the old one stays written. The same day changes nothing.

    Raises NotAllowed, MemoNotFound, DayImpossible.
    """
    if not may(Action.MEMO, by=by, at=at):
        raise NotAllowed(action=Action.MEMO.value)
    memo = memo_by_code(code, to_change=True)
    if memo.due == due:
        return memo
    demand_day(due, by=by, at=at)
    MemoDay.objects.create(memo=memo, before=memo.due, due=due, at=at, by=by)
    memo.due = due
    memo.save(update_fields=["due"])
    return memo


def memo_of_key(key: str, direction: Direction) -> Memo | None:
    """The memo that this form wrote already. Raises KeyOfAnother."""
    found = Memo.objects.filter(key=key).first()
    if found is not None and found.direction != direction:
        raise KeyOfAnother
    return found
