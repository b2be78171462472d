"""Door: the list of finished sales."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.sales.selectors import sales_listed
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of

SALES_PER_PAGE = 50


@require_safe
@members_only()
def sale_list(request: MemberRequest) -> HttpResponse:
    """Finished sales, newest day first; `?search=` a number or a name, `?day=2026-07-14`."""
    search = request.GET.get("search", "")
    day = _day(request.GET.get("day", ""))
    pages = Paginator(sales_listed(search=search, day=day), SALES_PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
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
        return date.fromisoformat(text)
    except ValueError:
        return None
