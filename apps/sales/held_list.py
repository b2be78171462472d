"""The held sales of a branch as a clerk reads them. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.core.errors import Refusal
from apps.inventory.selectors import whole_pieces
from apps.sales.counter import wanted
from apps.sales.models import OpenSale, OpenSaleLine
from apps.sales.open_sales import held_sales, name_of
from apps.sales.pricing import price
from apps.sales.quoted import quoted_for
from apps.shops.models import Branch, Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldShown:
    """One held sale. `total` is None where a piece of it has no price or is gone."""

    pk: int
    name: str
    till: str
    held_by: str
    held_at: datetime
    tags: tuple[str, ...]
    total: Decimal | None
    paid: Decimal


def held_list(*, shop: Shop, branch: Branch, at: datetime) -> list[HeldShown]:
    """Oldest first, each priced at the rates it was quoted. Two queries a sale."""
    return [_shown(sale, shop=shop, at=at) for sale in held_sales(branch=branch)]


def _shown(sale: OpenSale, *, shop: Shop, at: datetime) -> HeldShown:
    lines = list(sale.lines.all())
    tags = tuple(line.piece.tag for line in lines)
    assert sale.held_at is not None
    assert sale.held_by is not None
    return HeldShown(
        pk=sale.pk,
        name=name_of(sale, lines[0].piece.name if lines else ""),
        till=sale.register.name,
        held_by=str(sale.held_by.user),
        held_at=sale.held_at,
        tags=tags,
        total=_total(sale, lines, shop=shop, at=at),
        paid=sum((tender.amount for tender in sale.tenders.all()), Decimal(0)),
    )


def _total(
    sale: OpenSale, lines: list[OpenSaleLine], *, shop: Shop, at: datetime
) -> Decimal | None:
    if not lines:
        return None
    pieces = whole_pieces(tags=[line.piece.tag for line in lines])
    board = quoted_for(sale, shop=shop, pieces=pieces, at=at).board
    try:
        quote = price(
            shop=shop, pieces=pieces, wanted=[wanted(line) for line in lines], board=board, at=at
        )
    except Refusal:
        return None
    return quote.total
