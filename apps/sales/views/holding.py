"""Doors: holding the sale of this till, the list of held sales, resuming and discarding one."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.sales.held_list import held_list
from apps.sales.refusals import SaleNotOpen
from apps.sales.services.hold import discard, hold, resume
from apps.sales.views.parts import changed, refuse, till
from apps.shops.access import MemberRequest, members_only


@require_POST
@members_only()
def hold_sale(request: MemberRequest) -> HttpResponse:
    """Put the sale of this till aside, and clear the counter for the next customer."""
    try:
        key = UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        return refuse(request, SaleNotOpen())
    return changed(
        request,
        lambda: hold(key=key, register=till(request), by=request.member, at=timezone.now()),
    )


@require_safe
@members_only()
@never_cache
def held(request: MemberRequest) -> HttpResponse:
    """The held sales of this branch, oldest first."""
    return _list(request)


def _list(request: MemberRequest, refusal: Refusal | None = None) -> HttpResponse:
    register = till(request)
    context = {
        "held": held_list(shop=request.member.shop, branch=register.branch, at=timezone.now()),
        "currency": request.member.shop.currency,
        "trouble": str(refusal) if refusal else "",
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "sales/held.html", context, status=status)


@require_POST
@members_only()
def held_resume(request: MemberRequest, sale: int) -> HttpResponse:
    """Bring a held sale to this till; what lies on its counter is held instead."""
    try:
        resume(pk=sale, register=till(request), by=request.member, at=timezone.now())
    except Refusal as refusal:
        return _list(request, refusal)
    return redirect("sales:counter")


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def held_discard(request: MemberRequest, sale: int) -> HttpResponse:
    """Give up a held sale: asks first, then frees its pieces."""
    register = till(request)
    if request.method != "POST":
        rows = held_list(shop=request.member.shop, branch=register.branch, at=timezone.now())
        one = next((row for row in rows if row.pk == sale), None)
        if one is None:
            raise Http404(_("This sale is no longer held."))
        context = {"row": one, "currency": request.member.shop.currency}
        return render(request, "sales/held_discard.html", context)
    try:
        discard(pk=sale, register=register)
    except Refusal as refusal:
        return _list(request, refusal)
    return redirect("sales:held")
