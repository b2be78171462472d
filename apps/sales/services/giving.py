"""Who may lower a price: asked when it is lowered, and once more when the sale is finished."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.inventory.selectors import whole_pieces
from apps.sales.counter import lines_of
from apps.sales.given import Given, given_by_line, metal_at_board
from apps.sales.models import OpenSale, OpenSaleLine, SaleLine
from apps.sales.orders import Order
from apps.sales.price_refusals import BelowMetalValue, GivenTooMuch
from apps.sales.pricing import board_for
from apps.sales.services.sell import Finished
from apps.shops.approvals import Approver, needs_second, permit
from apps.shops.models import IN_CHARGE, Action, Approval, Member

_ZERO = Decimal(0)
_LONGEST_REASON = 200


def demand_may_give(
    *,
    sale: OpenSale,
    changed: Collection[int],
    reason: str,
    by: Member,
    at: datetime,
    approver: Approver | None,
) -> None:
    """Refuse discounts that `by` may not give; write into the changed lines who gave and agreed.

    What counts is all that this sale gives away without anybody's approval, so that a large
    discount is not given as many small ones. Below the value of the metal, somebody in charge
    must agree whatever the limit is.

    Raises NotAllowed, ReasonMissing, ApprovalNeeded, PinRefused, PinLocked, BelowMetalValue.
    """
    lines = [line for line in lines_of(sale) if line.discount_on and not line.removed]
    given = given_by_line(sale, lines, shop=by.shop, at=at)
    mine = [line for line in lines if line.pk in changed]
    if not mine:
        return
    alone = [line for line in lines if line.pk not in changed and _alone(line)]
    amount = sum((given[line.pk].amount for line in [*mine, *alone]), _ZERO)
    below = next((line for line in mine if given[line.pk].below_metal), None)
    if below is not None and approver is None and by.role not in IN_CHARGE:
        raise BelowMetalValue(tag=below.piece.tag)
    approved = _agreed(reason=reason, amount=amount, by=by, at=at, approver=approver)
    for line in mine:
        line.discount_by, line.discount_approved_by, line.discount_at = by, approved, at
    OpenSaleLine.objects.bulk_update(mine, ["discount_by", "discount_approved_by", "discount_at"])


def _alone(line: OpenSaleLine) -> bool:
    """Whether nobody who is in charge stands behind the line's discount."""
    giver = line.discount_by
    return line.discount_approved_by_id is None and (giver is None or giver.role not in IN_CHARGE)


def _agreed(
    *, reason: str, amount: Decimal, by: Member, at: datetime, approver: Approver | None
) -> Member | None:
    """Who agreed. The approval itself is written with the bill's number, when there is one."""
    asked = transaction.savepoint()
    try:
        approval = permit(
            Action.PRICE,
            by=by,
            reason=reason,
            reference="-",
            at=at,
            amount=amount,
            approver=approver,
        )
    finally:
        transaction.savepoint_rollback(asked)
    return approval.approved_by


def demand_given(
    sale: OpenSale, lines: Sequence[OpenSaleLine], *, by: Member, at: datetime
) -> dict[int, Given]:
    """What each line gives away, once more before it is sold: lines come and go in between.

    Raises GivenTooMuch, BelowMetalValue.
    """
    given = given_by_line(sale, lines, shop=by.shop, at=at)
    alone: dict[Member, Decimal] = {}
    for line in lines:
        if line.pk not in given or not _alone(line):
            continue
        if given[line.pk].below_metal:
            raise BelowMetalValue(tag=line.piece.tag)
        giver = line.discount_by or by
        alone[giver] = alone.get(giver, _ZERO) + given[line.pk].amount
    for giver, amount in alone.items():
        if needs_second(Action.PRICE, by=giver, amount=amount, at=at):
            raise GivenTooMuch(amount=amount, currency=by.shop.currency)
    return given


def write_approvals(
    lines: Sequence[OpenSaleLine],
    given: dict[int, Given],
    *,
    reference: str,
    by: Member,
    at: datetime,
) -> None:
    """One approval a reduced line, under the number of its bill. One statement."""
    Approval.objects.bulk_create(
        Approval(
            shop_id=by.shop_id,
            action=Action.PRICE,
            reference=reference,
            amount=given[line.pk].amount,
            reason=line.discount_reason,
            asked_by=line.discount_by or by,
            approved_by=line.discount_approved_by,
            at=line.discount_at or at,
        )
        for line in lines
        if line.pk in given
    )


def permit_order(order: Order, done: Finished, *, by: Member, at: datetime) -> None:
    """The same question of a bill that no counter made: refused, the bill is given up with it.

    One approval for the whole bill. Raises NotAllowed, ReasonMissing, ApprovalNeeded, PinRefused,
    PinLocked, BelowMetalValue.
    """
    reasons = [terms.reason for line in order.lines for terms in line.discounts]
    reduced = {line.tag for line in order.lines if line.discounts}
    if order.discount is not None:
        reasons.append(order.discount.reason)
        reduced = {line.tag for line in order.lines}
    if not reasons:
        return
    lines = [line for line in done.lines if line.tag in reduced]
    tagged = _metal_of_tag_prices(lines, by=by, at=at)
    below = next(
        (line for line in lines if line.total - line.tax_on_top < tagged.get(line.tag, line.metal)),
        None,
    )
    if below is not None and order.discount_approver is None and by.role not in IN_CHARGE:
        raise BelowMetalValue(tag=below.tag)
    permit(
        Action.PRICE,
        by=by,
        reason="; ".join(dict.fromkeys(reasons))[:_LONGEST_REASON],
        reference=done.sale.code,
        at=at,
        amount=abs(sum((line.discount for line in lines), _ZERO)),
        approver=order.discount_approver,
    )


def _metal_of_tag_prices(
    lines: Sequence[SaleLine], *, by: Member, at: datetime
) -> dict[str, Decimal]:
    """What the metal of pieces with a tag price is worth at the board; their lines have none."""
    tags = [line.tag for line in lines if not line.metal]
    pieces = whole_pieces(tags=tags) if tags else []
    board = board_for(by.shop, pieces, at) if pieces else None
    return {
        whole.piece.tag: metal_at_board(whole, board, by.shop, at)
        for whole in pieces
        if board is not None and whole.piece.fixed_price is not None
    }
