"""The price of one line: a discount, or another price that was agreed."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.inventory.selectors import piece_by_tag
from apps.pricing import rules
from apps.sales.agreed import Agreeing
from apps.sales.counter import wanted
from apps.sales.models import OpenSaleLine
from apps.sales.pricing import price
from apps.sales.quoted import quoted_for
from apps.sales.services.counter import forget_discount, line_to_change
from apps.sales.services.giving import demand_may_give
from apps.shops.approvals import Approver, ReasonMissing
from apps.shops.models import Action, Member, Register


@transaction.atomic
def discount_line(
    *,
    line: int,
    terms: rules.DiscountTerms,
    register: Register,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> OpenSaleLine:
    """Reduce one line, in place of the discount or the price it had.

    Raises LineGone, PriceImpossible (more off than there is, nothing there to reduce), and what
    `demand_may_give` says no with.
    """
    assert terms.reason, "a discount says why"
    found = line_to_change(line=line, register=register)
    forget_discount(found)
    write_discount(found, terms)
    return _kept(found, by=by, at=at, approver=approver)


@transaction.atomic
def price_line(
    *,
    line: int,
    total: Decimal | None,
    making: Decimal | None,
    reason: str,
    register: Register,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> OpenSaleLine:
    """Let a line cost `total`, tax included, or let its making be `making` before tax.

    More than the price of the tag is added under its own name, and asks nobody. Less is a
    discount with its reason, and asks what every discount asks.

    Raises LineGone, PriceUnreachable, PriceImpossible, and what `demand_may_give` says no with.
    """
    assert (total is None) != (making is None), "a total or a making"
    found = line_to_change(line=line, register=register)
    whole = piece_by_tag(tag=found.piece.tag)
    board = quoted_for(found.open_sale, shop=by.shop, pieces=[whole], at=at).board
    agreeing = Agreeing(whole, board=board, shop=by.shop, at=at)
    agreed = (
        agreeing.for_making(making, reason)
        if making is not None
        else agreeing.for_total(total or Decimal(0), reason)
    )
    forget_discount(found)
    found.raised_amount = agreed.raised
    if agreed.discounts:
        if not reason.strip():
            raise ReasonMissing(action=Action.PRICE)
        write_discount(found, agreed.discounts[0])
    return _kept(found, by=by, at=at, approver=approver)


def _kept(
    line: OpenSaleLine, *, by: Member, at: datetime, approver: Approver | None
) -> OpenSaleLine:
    """The line as it is now, if that makes a price and `by` may give it."""
    whole = piece_by_tag(tag=line.piece.tag)
    board = quoted_for(line.open_sale, shop=by.shop, pieces=[whole], at=at).board
    price(shop=by.shop, pieces=[whole], wanted=[wanted(line)], board=board, at=at)
    line.save()
    if line.discount_on:
        demand_may_give(
            sale=line.open_sale,
            changed={line.pk},
            reason=line.discount_reason,
            by=by,
            at=at,
            approver=approver,
        )
    return line


@transaction.atomic
def drop_discount(*, line: int, register: Register) -> OpenSaleLine:
    """Ask the full price for a line again. Raises LineGone."""
    found = line_to_change(line=line, register=register)
    forget_discount(found)
    found.save()
    return found


def write_discount(line: OpenSaleLine, terms: rules.DiscountTerms) -> None:
    """Write a discount into a line, without saving it."""
    line.discount_on = terms.on.value
    line.discount_percent, line.discount_amount = terms.percent, terms.amount
    line.discount_reason = terms.reason
