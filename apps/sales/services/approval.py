"""Pieces on approval at the counter: lent only when no sale keeps them, kept by who has them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from apps.consignment.models import Direction, LineState, Memo, MemoLine, Terms
from apps.consignment.refusals import NotOnMemo, OtherDirection
from apps.consignment.selectors.memos import lines_of, memo_by_code, party_of
from apps.consignment.services import lending
from apps.consignment.services.agreeing import Agreed, known_tags
from apps.inventory.models import PieceState
from apps.inventory.selectors import piece_by_tag, tags_of, whole_pieces
from apps.sales.agreed import Agreeing
from apps.sales.models import OpenSale, OpenSaleLine
from apps.sales.open_sales import held_elsewhere
from apps.sales.quoted import quoted_for
from apps.sales.refusals import PieceOnCounter
from apps.sales.services.counter import forget_discount, open_sale_to_change, put_on
from apps.sales.services.customer import choose_customer
from apps.sales.services.line_price import write_discount
from apps.shops.approvals import Approver
from apps.shops.models import Member, Register


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
    """Lend pieces that no open or held sale keeps. The form sent twice lends once.

    Raises PieceOnCounter, PieceHeld, and what `lending.lend` says no with.
    """
    tags = known_tags(agreed)
    pieces = [whole.piece.pk for whole in whole_pieces(tags=tags, to_change=True)]
    held = held_elsewhere(pieces)
    if held:
        raise next(iter(held.values()))
    on_counter = (
        OpenSaleLine.objects.filter(piece__in=pieces, removed=False, open_sale__held_at=None)
        .select_related("piece", "open_sale__register")
        .order_by("pk")
        .first()
    )
    if on_counter is not None:
        raise PieceOnCounter(tag=on_counter.piece.tag, till=on_counter.open_sale.register.name)
    return lending.lend(
        party=party,
        due=due,
        agreed=agreed,
        reason=reason,
        key=key,
        by=by,
        at=at,
        note=note,
        register=register,
        approver=approver,
    )


@transaction.atomic
def bring_memo_to_counter(
    *, code: str, tags: Sequence[str], register: Register, by: Member, at: datetime
) -> OpenSale:
    """Put pieces of a memo on the till's sale, for who has them and at what was agreed.

    Without tags everything that is still out. Nothing is sold yet, and the pieces stay on the
    memo until the sale is finished. Done again it changes nothing.

    Raises MemoNotFound, OtherDirection, NotOnMemo, PieceNotFound, CustomerStillPays,
    PriceUnreachable, and what `put_on` says no with.
    """
    memo = memo_by_code(code)
    if memo.direction != Direction.OUT:
        raise OtherDirection(memo=memo.code)
    out = {line.piece.tag: line for line in lines_of(memo) if _is_out(line)}
    wanted = tags_of(tags) if tags else list(out)
    for tag in wanted:
        if tag not in out:
            raise NotOnMemo(tag=tag, memo=memo.code)
    sale = choose_customer(pk=party_of(memo).pk, register=register, by=by, at=at)
    there = set(
        OpenSaleLine.objects.filter(open_sale=sale, removed=False).values_list(
            "piece__tag", flat=True
        )
    )
    for tag in wanted:
        if tag not in there:
            line = put_on(tag=tag, register=register, by=by, at=at)
            line.open_sale = sale
            _as_agreed(line, out[tag], memo, by=by, at=at)
    return open_sale_to_change(register=register, by=by, at=at)


def _is_out(line: MemoLine) -> bool:
    return line.state == LineState.OPEN and line.piece.state == PieceState.ON_MEMO


def _as_agreed(
    line: OpenSaleLine, memo_line: MemoLine, memo: Memo, *, by: Member, at: datetime
) -> None:
    """The price that was agreed when the piece was lent, by who agreed to it then."""
    if memo_line.terms == Terms.DAY or memo_line.value is None:
        return
    sale = open_sale_to_change(register=line.open_sale.register, by=by, at=at)
    whole = piece_by_tag(tag=memo_line.piece.tag)
    board = quoted_for(sale, shop=by.shop, pieces=[whole], at=at).board
    agreeing = Agreeing(whole, board=board, shop=by.shop, at=at)
    agreed = (
        agreeing.for_making(memo_line.value, memo.code)
        if memo_line.terms == Terms.MAKING
        else agreeing.for_total(memo_line.value, memo.code)
    )
    forget_discount(line)
    line.raised_amount = agreed.raised
    if agreed.discounts:
        write_discount(line, agreed.discounts[0])
        line.discount_by, line.discount_approved_by = memo.by, memo.approved_by
        line.discount_at = at
    line.save()
