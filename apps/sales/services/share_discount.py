"""One discount for all pieces on the counter, shared out over them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.core.units import currency
from apps.inventory.selectors import whole_pieces
from apps.pricing import rules
from apps.pricing.rules.spread import spread
from apps.sales.counter import lines_of
from apps.sales.models import OpenSale, OpenSaleLine
from apps.sales.pricing import Wanted, price
from apps.sales.quoted import quoted_for
from apps.sales.refusals import DiscountTooLarge, NothingToDiscount
from apps.sales.services.counter import open_sale_to_change
from apps.sales.services.giving import demand_may_give
from apps.sales.services.line_price import write_discount
from apps.shops.approvals import Approver
from apps.shops.models import Member, Register

_KINDS = {
    rules.DiscountOn.METAL: {rules.Kind.METAL},
    rules.DiscountOn.WASTAGE: {rules.Kind.WASTAGE},
    rules.DiscountOn.MAKING: {rules.Kind.MAKING},
    rules.DiscountOn.STONES: {rules.Kind.STONE},
}


@transaction.atomic
def discount_bill(
    *,
    terms: rules.DiscountTerms,
    register: Register,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> OpenSale:
    """Reduce every piece that is on the bill now, in place of the discounts they had.

    A percent goes to each line; an amount is shared out by largest remainder
    over what the lines have to reduce, so that the shares are the amount. A
    line with nothing to reduce keeps its price.

    Raises NothingToDiscount, DiscountTooLarge, and what `demand_may_give` says no with.
    """
    assert terms.reason, "a discount says why"
    sale = open_sale_to_change(register=register, by=by, at=at)
    lines = [line for line in lines_of(sale) if not line.removed]
    if not lines:
        raise NothingToDiscount
    pieces = whole_pieces(tags=[line.piece.tag for line in lines])
    board = quoted_for(sale, shop=by.shop, pieces=pieces, at=at).board
    full = price(
        shop=by.shop,
        pieces=pieces,
        wanted=[Wanted(line.piece.tag) for line in lines],
        board=board,
        at=at,
    )
    bases = [_reducible(line, terms.on) for line in full.lines]
    reduced: list[OpenSaleLine] = []
    for line, share in zip(lines, _shares(terms, bases, by.shop.currency), strict=True):
        if share is not None:
            write_discount(line, share)
            line.raised_amount = None
            reduced.append(line)
    if not reduced:
        raise NothingToDiscount
    OpenSaleLine.objects.bulk_update(
        reduced,
        [
            "discount_on",
            "discount_percent",
            "discount_amount",
            "discount_reason",
            "raised_amount",
        ],
    )
    demand_may_give(
        sale=sale,
        changed={line.pk for line in reduced},
        reason=terms.reason,
        by=by,
        at=at,
        approver=approver,
    )
    return sale


def _reducible(line: rules.QuoteLine, on: rules.DiscountOn) -> Decimal:
    """What a discount on this part of the line could take off, before tax on top."""
    kinds = _KINDS.get(on)
    return sum(
        (
            part.amount
            for part in line.components
            if (part.kind in kinds if kinds else part.kind != rules.Kind.TAX)
        ),
        Decimal(0),
    )


def _shares(
    terms: rules.DiscountTerms, bases: list[Decimal], code: str
) -> list[rules.DiscountTerms | None]:
    if terms.amount is None:
        return [terms if base > 0 else None for base in bases]
    whole = sum(bases, Decimal(0))
    if not whole:
        raise NothingToDiscount
    if terms.amount > whole:
        raise DiscountTooLarge(amount=terms.amount, whole=whole, currency=code)
    amounts = spread(terms.amount, bases, currency(code).step)
    return [replace(terms, amount=amount) if amount > 0 else None for amount in amounts]
