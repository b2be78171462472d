"""What the discounts of an open sale give away, and what goes below its metal. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from apps.inventory.selectors import WholePiece, whole_pieces
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.bills import billing_of
from apps.pricing.making import PriceMissing
from apps.pricing.selectors import Board
from apps.sales.counter import wanted
from apps.sales.models import OpenSale, OpenSaleLine
from apps.sales.pricing import price
from apps.sales.quoted import quoted_for
from apps.shops.models import Shop

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Given:
    """What one line gives away, in money before tax; `below_metal`: what is left is less than
    its metal alone is worth at the quoted rate."""

    amount: Decimal
    below_metal: bool


def given_by_line(
    sale: OpenSale, lines: Sequence[OpenSaleLine], *, shop: Shop, at: datetime
) -> dict[int, Given]:
    """Of each line with a discount: what it gives away. The same queries for one and for many.

    Raises RateMissing, PriceImpossible.
    """
    reduced = [line for line in lines if line.discount_on and not line.removed]
    if not reduced:
        return {}
    pieces = whole_pieces(tags=[line.piece.tag for line in reduced])
    board = quoted_for(sale, shop=shop, pieces=pieces, at=at).board
    quote = price(
        shop=shop,
        pieces=pieces,
        wanted=[wanted(line) for line in reduced],
        board=board,
        at=at,
    )
    return {
        line.pk: Given(
            amount=abs(sum_of(priced, rules.Kind.DISCOUNT)),
            below_metal=_before_tax(priced) < _metal_value(priced, whole, board, shop, at),
        )
        for line, whole, priced in zip(reduced, pieces, quote.lines, strict=True)
    }


def sum_of(line: rules.QuoteLine, kind: rules.Kind) -> Decimal:
    """What the components of a kind come to."""
    return sum((part.amount for part in line.components if part.kind == kind), _ZERO)


def _before_tax(line: rules.QuoteLine) -> Decimal:
    """What is asked without tax on top, as printed."""
    return sum((part.amount for part in line.components if part.kind != rules.Kind.TAX), _ZERO)


def _metal_value(
    line: rules.QuoteLine, whole: WholePiece, board: Board, shop: Shop, at: datetime
) -> Decimal:
    """What the metal alone is worth; of a tag price, at the board."""
    if whole.piece.fixed_price is None:
        return sum_of(line, rules.Kind.METAL)
    return metal_at_board(whole, board, shop, at)


def metal_at_board(whole: WholePiece, board: Board, shop: Shop, at: datetime) -> Decimal:
    """What the metal of a piece with a tag price is worth. Zero where it has no rate."""
    try:
        by_weight = replace(
            line_terms(whole, replace(board, values_all_metal=True)),
            fixed_price=None,
            making=None,
            wastage=None,
            profit_percent=None,
            stones=(),
            extras=(),
            discounts=(),
        )
        priced = rules.price_document(billing_of(shop, at, board=board).terms((by_weight,)))
    except (PriceMissing, rules.RuleBroken):
        return _ZERO
    return sum_of(priced.lines[0], rules.Kind.METAL)
