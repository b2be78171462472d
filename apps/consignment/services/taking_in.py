"""Pieces of an owner come into our care: in our count, out of our books."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from apps.consignment.models import TERMS_IN, Direction, Memo, MemoLine, Terms
from apps.consignment.refusals import (
    KeyOfAnother,
    MarginNeedsPrice,
    NotOfOwner,
    OtherDirection,
)
from apps.consignment.selectors.memos import memo_by_code, party_of
from apps.consignment.services.agreeing import (
    LONGEST_NOTE,
    Agreed,
    demand_day,
    demand_terms,
    known_tags,
)
from apps.consignment.services.lending import memo_of_key
from apps.consignment.services.lines import open_line
from apps.core.constraints import refuse_on
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import customer_by_id, same_person
from apps.inventory.models import MovementKind, Ownership, Piece, PieceState, Place
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.moving import demand_open
from apps.inventory.services.new_pieces import NewPiece
from apps.inventory.services.numbers import next_code
from apps.inventory.services.steps import demand_state, step_to
from apps.inventory.services.take_in import take_in_all
from apps.pricing.rules import version_for
from apps.shops.approvals import Approver, NotAllowed, may, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member, Register

IN = "MI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A piece as it is taken in, and what its owner gets for it. Units: money, or percent."""

    piece: NewPiece
    terms: Terms
    value: Decimal


@transaction.atomic
def begin(
    *,
    owner: int,
    due: date,
    goods: Sequence[Goods],
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    note: str = "",
    register: Register | None = None,
    approver: Approver | None = None,
) -> Memo:
    """Write a memo of pieces that are in our care until a day. All or none.

    Nothing is posted: they become ours when they are sold or bought. The permission counts what
    their owner would get for them. The form sent twice begins one; more pieces come on its page.

    Raises DayImpossible, TermsImpossible, MarginNeedsPrice, PieceImpossible, TagTaken,
    CustomerNotFound, RegisterNotFound, KeyOfAnother, and what `permit` raises.
    """
    first = memo_of_key(key, Direction.IN)
    if first is not None:
        return first
    demand_day(due, by=by, at=at)
    who = customer_by_id(owner)
    code = next_code(IN, register=register)
    # Under the lock of the series: the same form may have come first.
    first = memo_of_key(key, Direction.IN)
    if first is not None:
        return first
    approval = permit(
        Action.MEMO,
        by=by,
        reason=reason,
        reference=code,
        at=at,
        amount=sum((each.value for each in goods if each.terms == Terms.FIXED), Decimal(0)),
        approver=approver,
    )
    with refuse_on({"consignment_memo_key": KeyOfAnother()}):
        memo = Memo.objects.create(
            direction=Direction.IN,
            code=code,
            party=who,
            due=due,
            note=" ".join(note.split())[:LONGEST_NOTE],
            at=at,
            by=by,
            approved_by=approval.approved_by,
            key=key,
        )
    if goods:
        _take(memo, who, goods, by=by, at=at)
    return memo


@transaction.atomic
def add(*, code: str, goods: Sequence[Goods], by: Member, at: datetime) -> list[Piece]:
    """Take more pieces of the same owner in. Raises NotAllowed, MemoNotFound, and as `begin`."""
    memo = _memo_in(code, by=by, at=at)
    return _take(memo, party_of(memo), goods, by=by, at=at)


@transaction.atomic
def take_again(
    *,
    code: str,
    agreed: Sequence[Agreed],
    place: Place | None,
    by: Member,
    at: datetime,
) -> list[Piece]:
    """Take pieces in once more that were given back to this owner: under the tags they had.

    Raises NotAllowed, MemoNotFound, OtherDirection, NothingOnMemo, TagTwice, PieceNotFound,
    PieceElsewhere, NotOfOwner, TermsImpossible, MarginNeedsPrice, PlaceClosed.
    """
    pieces = [whole.piece for whole in whole_pieces(tags=known_tags(agreed), to_change=True)]
    memo = _memo_in(code, by=by, at=at)
    owner = party_of(memo)
    people = same_person(owner)
    if place is not None:
        demand_open(place)
    demand_state(pieces, PieceState.SENT_BACK)
    for piece, each in zip(pieces, agreed, strict=True):
        if piece.owner_id not in people or piece.ownership != Ownership.MEMO_IN:
            raise NotOfOwner(tag=piece.tag, owner=owner.name)
        _demand(each, owner, by=by, at=at)
        piece.cost = _cost(each.terms, each.value)
        piece.margin_purchase_price = _margin(each.terms, each.value, owner, by=by, at=at)
        piece.save(update_fields=["cost", "margin_purchase_price"])
    step_to(
        pieces,
        MovementKind.TAKEN_IN,
        place=place,
        by=by,
        at=at,
        reference=memo.code,
        state=PieceState.IN_STOCK,
    )
    MemoLine.objects.bulk_create(
        open_line(memo, piece, each.terms, each.value)
        for piece, each in zip(pieces, agreed, strict=True)
    )
    return pieces


def _memo_in(code: str, *, by: Member, at: datetime) -> Memo:
    if not may(Action.MEMO, by=by, at=at):
        raise NotAllowed(action=Action.MEMO.value)
    memo = memo_by_code(code, to_change=True)
    if memo.direction != Direction.IN:
        raise OtherDirection(memo=memo.code)
    return memo


def _take(
    memo: Memo, owner: Customer, goods: Sequence[Goods], *, by: Member, at: datetime
) -> list[Piece]:
    for each in goods:
        agreed = Agreed(tag=each.piece.tag, terms=each.terms, value=each.value)
        _demand(agreed, owner, by=by, at=at)
    pieces = take_in_all(
        pieces=[
            replace(
                each.piece,
                cost=_cost(each.terms, each.value),
                margin_purchase_price=_margin(each.terms, each.value, owner, by=by, at=at),
            )
            for each in goods
        ],
        by=by,
        at=at,
        reference=memo.code,
        owner=owner,
        ownership=Ownership.MEMO_IN,
    )
    MemoLine.objects.bulk_create(
        open_line(memo, piece, each.terms, each.value)
        for piece, each in zip(pieces, goods, strict=True)
    )
    return pieces


def _demand(agreed: Agreed, owner: Customer, *, by: Member, at: datetime) -> None:
    demand_terms(agreed, among=TERMS_IN, code=by.shop.currency)
    if agreed.terms == Terms.PERCENT and _has_margin(owner, by=by, at=at):
        raise MarginNeedsPrice


def _cost(terms: Terms | str, value: Decimal | None) -> Decimal:
    """What the piece would cost us; of a percent that is known when it is sold."""
    return value if terms == Terms.FIXED and value is not None else Decimal(0)


def _margin(
    terms: Terms | str, value: Decimal | None, owner: Customer, *, by: Member, at: datetime
) -> Decimal | None:
    """What a private person's piece is bought for, where the law taxes the margin alone."""
    return _cost(terms, value) if _has_margin(owner, by=by, at=at) else None


def _has_margin(owner: Customer, *, by: Member, at: datetime) -> bool:
    if owner.kind != CustomerKind.CUSTOMER:
        return False
    return version_for(by.shop.tax_pack, day_of(by.shop, at)).margin is not None
