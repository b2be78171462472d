"""Doors: a customer's account, its statement on the screen, on paper and as a file; who owes."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.core.paper import pdf
from apps.credit.accounts import Statement, account_page, statement
from apps.credit.ageing import Ageing, who_owes
from apps.credit.files import dues_csv, statement_csv
from apps.credit.forms import PeriodForm
from apps.credit.papers import statement_paper
from apps.customers.selectors import customer_by_id
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.till.paper_doors import answer_paper

_DAYS = 90
_LONGEST_ID = 18


@require_GET
@members_only()
@vary_on_headers("HX-Request")
def account(request: MemberRequest, pk: int) -> HttpResponse:
    """What lies in a customer's account, newest first; to htmx, that alone."""
    customer = customer_by_id(pk)
    context = {
        "customer": customer,
        "page": account_page(customer, before=_mark(request)),
        "currency": request.member.shop.currency,
        "first": "before" not in request.GET,
    }
    template = "credit/_account.html" if request.htmx else "credit/account.html"
    return render(request, template, context)


@require_GET
@members_only()
def show_statement(request: MemberRequest, pk: int) -> HttpResponse:
    """The account of a period, as it is printed; the last 90 days where none is named."""
    form, found = _statement(request, pk)
    context = {
        "form": form,
        "found": found,
        "shop": request.member.shop,
        "query": f"?since={found.since.isoformat()}&until={found.until.isoformat()}",
        "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
    }
    status = 422 if form.errors else 200
    return render(request, "credit/statement.html", context, status=status)


@require_safe
@members_only()
def statement_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """The statement on A4."""
    _form, found = _statement(request, pk)
    return answer_paper(
        request, f"statement-{pk}", lambda: statement_paper(found, shop=request.member.shop)
    )


@require_GET
@members_only()
def statement_file(request: MemberRequest, pk: int) -> HttpResponse:
    """The statement for a spreadsheet."""
    _form, found = _statement(request, pk)
    return _file(statement_csv(found), "text/csv; charset=utf-8", f"statement-{pk}.csv")


@require_GET
@members_only()
def dues(request: MemberRequest) -> HttpResponse:
    """Who owes, the largest first, and for how long."""
    return render(request, "credit/dues.html", {"ageing": _ageing(request), **_currency(request)})


@require_GET
@members_only()
def dues_file(request: MemberRequest) -> HttpResponse:
    """The same for a spreadsheet."""
    code = request.member.shop.currency
    return _file(dues_csv(_ageing(request), code), "text/csv; charset=utf-8", "dues.csv")


def _ageing(request: MemberRequest) -> Ageing:
    shop = request.member.shop
    return who_owes(currency=shop.currency, today=day_of(shop, timezone.now()))


def _currency(request: MemberRequest) -> dict[str, str]:
    return {"currency": request.member.shop.currency}


def _statement(request: MemberRequest, pk: int) -> tuple[PeriodForm, Statement]:
    """The period of the address; one that is none is answered with the last 90 days."""
    customer = customer_by_id(pk)
    today = day_of(request.member.shop, timezone.now())
    usual: dict[str, date] = {"since": today - timedelta(days=_DAYS), "until": today}
    asked = "since" in request.GET or "until" in request.GET
    form = PeriodForm(request.GET if asked else None, initial=usual)
    period = form.cleaned_data if form.is_bound and form.is_valid() else usual
    return form, statement(customer, since=period["since"], until=period["until"])


def _file(content: bytes, kind: str, name: str, *, as_file: bool = True) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_file, name) or "inline"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _mark(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _LONGEST_ID else None
