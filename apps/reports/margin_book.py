"""The stock book of a margin scheme: each second-hand piece that was sold, and its margin."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.reports.ask import Ask
from apps.reports.sold_pieces import lines_of
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row
from apps.sales.models import SaleLine
from apps.shops.days import day_of


def margin_book(ask: Ask) -> Report:
    """Pieces of the scheme on the bills of a period. One query.

    margin = selling price − purchase price; the tax is inside a positive margin, and a loss helps
    no other piece.
    Source: VAT Notice 718, section 5 (GB); rule 32(5) of the CGST Rules (IN).
    """
    lines = lines_of(ask).filter(snapshot__has_key="purchase_price").select_related("sale", "piece")
    rows = [_row(ask, line) for line in lines.defer("sale__terms")]
    code = ask.shop.currency
    if rows:
        rows.append(_sum(rows))
    columns = [
        Column(_("Tag"), Kind.CODE),
        Column(_("Piece"), wide=True),
        Column(_("Bought"), Kind.DAY, wide=True),
        Column(_("Purchase price"), Kind.MONEY, code, cost=True),
        Column(_("Sold"), Kind.DAY, wide=True),
        Column(_("Bill"), Kind.CODE),
        Column(_("Selling price"), Kind.MONEY, code),
        Column(_("Margin"), Kind.MONEY, code, cost=True),
        Column(_("Tax"), Kind.MONEY, code, cost=True),
    ]
    return Report(
        tables=[Table(caption=_("Margin scheme"), columns=columns, rows=rows)] if rows else [],
        notes=[
            _("The seller's name and the purchase's number stand on the slip of the old gold."),
        ],
    )


def _row(ask: Ask, line: SaleLine) -> Row:
    bought = Decimal(line.snapshot["purchase_price"])
    # Where the tax is on top of the price, the price without it is what the margin counts.
    sold = line.total - line.tax_on_top
    return row(
        Cell(line.tag, reverse("inventory:piece", args=[line.tag])),
        line.name,
        day_of(ask.shop, line.piece.arrived_at),
        bought,
        line.sale.day,
        Cell(line.sale.code, reverse("sales:receipt", args=[line.sale.code])),
        sold,
        sold - bought,
        line.tax,
    )


def _sum(rows: list[Row]) -> Row:
    def total(column: int) -> Decimal:
        return sum((each.cells[column].value for each in rows), Decimal(0))

    return row(
        _("Sum"), None, None, total(3), None, None, total(6), total(7), total(8), style="total"
    )
