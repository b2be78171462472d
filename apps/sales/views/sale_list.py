"""Door: the list of finished sales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.typed import Unreadable, parse_day
from apps.sales.models import Sale
from apps.sales.selectors import sales_listed, sums_of_days
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE

SALES_PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShown:
    """The sales of one day on this page; `total` of the whole day, for those in charge."""

    day: date
    total: Decimal | None
    sales: Sequence[Sale]


@require_safe
@members_only()
def sale_list(request: MemberRequest) -> HttpResponse:
    """Finished sales, newest day first.

    `?search=` a number, a tag or a name, `?day=2026-07-14`, `?customer=` of the list. What a day
    comes to is for those in charge: the others count their drawers blind.
    """
    search = request.GET.get("search", "")
    day = _day(request.GET.get("day", ""))
    customer = request.GET.get("customer", "")
    known = customer.isascii() and customer.isdigit() and len(customer) < 19
    whose = int(customer) if known else None
    pages = Paginator(sales_listed(search=search, day=day, customer=whose), SALES_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    in_charge = request.member.role in IN_CHARGE
    sums = sums_of_days({sale.day for sale in page}) if in_charge else {}
    context = {
        "page": page,
        "days": [
            DayShown(day=one, total=sums.get(one), sales=list(sales))
            for one, sales in groupby(page, key=lambda sale: sale.day)
        ],
        "customer": whose,
        "search": search,
        "day": day,
        "today": day_of(request.member.shop, timezone.now()),
        "currency": request.member.shop.currency,
    }
    template = "sales/_sale_rows.html" if request.htmx else "sales/sale_list.html"
    return render(request, template, context)


def _day(text: str) -> date | None:
    """A day of the address; what is none is no filter."""
    try:
        return parse_day(text)
    except Unreadable:
        return None
