"""The pieces behind a number of the sales report: each with its bill, and with its own page."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.reports.ask import Ask
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row
from apps.sales.models import SaleLine

PIECES_PER_PAGE = 100


def sold_pieces(ask: Ask, *, whole: bool = False) -> Report:
    """The lines of the bills of a period, the newest first. Two queries."""
    lines = lines_of(ask).defer("snapshot", "sale__terms")
    pages = Paginator(lines, max(lines.count(), 1) if whole else PIECES_PER_PAGE)
    page = pages.get_page(ask.page)
    code = ask.shop.currency
    columns = [
        Column(_("Tag"), Kind.CODE),
        Column(_("Piece"), wide=True),
        Column(_("Bill"), Kind.CODE),
        Column(_("Day"), Kind.DAY, wide=True),
        Column(_("Tax"), Kind.MONEY, code, wide=True),
        Column(_("Total"), Kind.MONEY, code),
        Column(_("Cost"), Kind.MONEY, code, wide=True, cost=True),
    ]
    return Report(
        tables=[Table(caption=_("Pieces sold"), columns=columns, rows=list(_rows(page)))]
        if page.object_list
        else [],
        headline=_("%(count)s pieces on bills of this period.")
        % {"count": formatting.number(pages.count)},
        notes=[_("Bills as they were written: what came back later is listed here too.")],
        previous_url=_page(ask, page.previous_page_number()) if page.has_previous() else "",
        next_url=_page(ask, page.next_page_number()) if page.has_next() else "",
    )


def lines_of(ask: Ask) -> QuerySet[SaleLine]:
    """The lines that the address asks for."""
    asked = Q(sale__day__range=(ask.period.since, ask.period.until))
    if ask.register:
        asked &= Q(sale__register=ask.register)
    if ask.seller:
        asked &= Q(sale__sold_by=ask.seller)
    if ask.category is not None:
        asked &= Q(snapshot__category=ask.category)
    if ask.metal:
        asked &= Q(snapshot__metals__contains=[{"metal": ask.metal}])
    elif ask.metal == "":
        asked &= Q(snapshot__metals=[])
    return (
        SaleLine.objects.filter(asked)
        .select_related("sale")
        .order_by("-sale__day", "-sale_id", "position")
    )


def _rows(lines: Iterable[SaleLine]) -> Iterable[Row]:
    for line in lines:
        yield row(
            Cell(line.tag, reverse("inventory:piece", args=[line.tag])),
            line.name,
            Cell(line.sale.code, reverse("sales:receipt", args=[line.sale.code])),
            line.sale.day,
            line.tax,
            line.total,
            line.cost,
        )


def _page(ask: Ask, number: int) -> str:
    return ask.address(
        "sold-pieces", seller=ask.seller, category=ask.category, metal=ask.metal, page=number
    )
