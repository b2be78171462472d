"""Doors of the counter: finishing the sale, and finding out what became of it."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import Refusal
from apps.credit.tendered import CreditLimitReached
from apps.customers.cash_refusals import CashLimitWarning
from apps.sales.claim_reads import left_of_claims
from apps.sales.forms import CreditForm, FinishForm
from apps.sales.models import Sale
from apps.sales.news import news_of
from apps.sales.orders import NothingToSell
from apps.sales.receipts.read import sale_by_code
from apps.sales.refusals import SaleNotOpen
from apps.sales.selectors import outcome_of
from apps.sales.services.finish import Seen
from apps.sales.services.finish import finish as finish_sale
from apps.sales.views.parts import refuse, till
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import ApprovalNeeded, PinLocked, PinRefused, needs_second
from apps.shops.models import Action
from apps.till.paper_doors import paper_bar


@require_POST
@members_only()
def finish(request: MemberRequest) -> HttpResponse:
    """Sell what lies on the counter, at the total that the page showed."""
    form = FinishForm(request.POST)
    if not form.is_valid():
        nothing = not request.POST.get("pieces_seen")
        return refuse(request, NothingToSell() if nothing else SaleNotOpen())
    # Asked for only where it is needed, and so never without fault of its own.
    credit = CreditForm(request.POST, second=True)
    try:
        done = finish_sale(
            key=form.key,
            shown=Seen(
                pieces=form.cleaned_data["pieces_seen"], total=form.cleaned_data["total_seen"]
            ),
            register=till(request),
            by=request.member,
            at=timezone.now(),
            credit=credit.credit() if credit.is_valid() else None,
        )
    except Refusal as refusal:
        return refuse(request, refusal, credit=_asked(request, refusal, credit))
    if not request.htmx:
        return redirect("sales:finished", code=done.sale.code)
    return _finished(request, done.sale)


@require_safe
@members_only()
@never_cache
def finished(request: MemberRequest, code: str) -> HttpResponse:
    """The change, the receipt, and the tag box for the next sale."""
    sale = sale_by_code(code)
    if sale.register_id != till(request).pk:
        raise Http404
    return _finished(request, sale)


@require_safe
@members_only()
@never_cache
def outcome(request: MemberRequest) -> HttpResponse:
    """What became of `?key=`: 200 with the finished page, 204 still running, 404 not recorded."""
    try:
        key = UUID(request.GET.get("key", ""))
    except ValueError:
        raise Http404 from None
    found = outcome_of(key=key, register=till(request))
    if found.running:
        return HttpResponse(status=204)
    if found.sale is None:
        raise Http404
    return _finished(request, found.sale)


def _asked(request: MemberRequest, refusal: Refusal, sent: CreditForm) -> CreditForm | None:
    """The fields of the reason, where one is asked for: what was sent, to be mended."""
    if isinstance(refusal, CashLimitWarning):
        # Nothing was wrong with what was sent: the warning is the first that anybody hears of it.
        amount, by = refusal.total, request.member
        second = needs_second(Action.CASH_LIMIT, by=by, amount=amount, at=timezone.now())
        return CreditForm(second=second)
    if isinstance(refusal, CreditLimitReached | ApprovalNeeded | PinRefused | PinLocked):
        return sent
    return None


def _finished(request: MemberRequest, sale: Sale) -> HttpResponse:
    template = "sales/_counter_finished.html" if request.htmx else "sales/counter_finished.html"
    news = news_of(register=till(request), at=timezone.now())
    context = {
        "sale": sale,
        "left": left_of_claims(sale),
        "news": news,
        "bar": paper_bar(request, reverse("sales:receipt-pdf", args=[sale.code])),
    }
    response = render(request, template, context)
    if request.htmx:
        response["HX-Replace-Url"] = reverse("sales:finished", args=[sale.code])
    return response
