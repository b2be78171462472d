"""Doors: a bill that somebody brings back, and its void."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import Refusal, status_of
from apps.returns.forms import ReasonForm
from apps.returns.orders import Asked
from apps.returns.selectors.bills import bill_now, bills_named
from apps.returns.services.void import void, voidable
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import Action


@require_safe
@members_only()
def find(request: MemberRequest) -> HttpResponse:
    """From a bill's number or a tag to the bill; several bills of one tag are listed."""
    found = bills_named(request.GET.get("text", ""))
    if len(found) == 1:
        return redirect("returns:bill", code=found[0].code)
    context = {"sales": found, "text": request.GET.get("text", "")}
    return render(request, "returns/bills.html", context)


@require_safe
@members_only()
def bill(request: MemberRequest, code: str) -> HttpResponse:
    """A bill with what later documents did to it, and what can still be done."""
    found = bill_now(code)
    context = {
        "bill": found,
        "why_no_void": voidable(
            found, register_code=_till(request), by=request.member, at=timezone.now()
        ),
    }
    return render(request, "returns/bill.html", context)


@require_http_methods(["GET", "POST"])
@members_only()
def void_bill(request: MemberRequest, code: str) -> HttpResponse:
    """Say why, and void the whole bill."""
    found, now, by = bill_now(code), timezone.now(), request.member
    total = found.sale.total
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        second=needs_second(Action.VOID, by=by, amount=total, at=now),
    )
    status, refusal = 200, None
    if form.is_bound:
        status = 422
    if form.is_valid():
        said = form.cleaned_data
        asked = Asked(
            bill=found.sale.code,
            reason=said["reason"],
            key=f"page {said['key']}",
            till=_till(request),
            approver=form.approved,
            seen=said["seen"],
        )
        try:
            document = void(asked=asked, by=by, at=now)
        except Refusal as refused:
            refusal, status = refused, status_of(refused)
        else:
            messages.success(
                request,
                _("Bill %(bill)s was voided by %(document)s.")
                % {"bill": found.sale.code, "document": document.code},
            )
            return redirect("returns:document", code=document.code)
    context = {
        "bill": found,
        "form": form,
        "refusal": refusal,
        "why_not": voidable(found, register_code=_till(request), by=by, at=now),
        "request_key": request.POST.get("key") or uuid4(),
        "seen": format(total, "f"),
        "tenders": found.sale.tenders.order_by("position"),
    }
    return render(request, "returns/void.html", context, status=status)


def _till(request: MemberRequest) -> str:
    return request.register.code if request.register else ""
