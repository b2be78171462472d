"""The list of lots, and a new one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.inventory.permissions import KEEPERS, keeps_stock
from apps.inventory.selectors.listing import places
from apps.inventory.services.moving import PlaceClosed
from apps.lots.forms import LotForm, TermsForm
from apps.lots.selectors import lot_by_code, lots_listed
from apps.lots.services import change_terms, open_lot
from apps.lots.services.opening import CodeTaken, LotImpossible
from apps.shops.access import MemberRequest, members_only

LOTS_PER_PAGE = 50


@require_safe
@members_only()
def lot_list(request: MemberRequest) -> HttpResponse:
    """Lots by code; `?search=` words, `?empty=1` those that hold nothing too."""
    search, empty = request.GET.get("search", "").strip()[:100], bool(request.GET.get("empty"))
    pages = Paginator(lots_listed(search=search, empty=empty), LOTS_PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "search": search,
        "empty": empty,
        "keeps_stock": keeps_stock(request.member),
        "sees_cost": request.sees_cost,
        "currency": request.member.shop.currency,
    }
    return render(request, "lots/list.html", context)


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def new(request: MemberRequest) -> HttpResponse:
    """Begin a lot. What is in it comes in on its page."""
    form = LotForm(
        request.POST if request.method == "POST" else None,
        places=places(),
    )
    if form.is_valid() and form.lot is not None:
        try:
            lot = open_lot(lot=form.lot, by=request.member, at=timezone.now())
        except CodeTaken as taken:
            form.add_error("code", str(taken))
        except LotImpossible as impossible:
            known = impossible.field in form.fields
            form.add_error(impossible.field if known else None, str(impossible))
        else:
            messages.success(request, _("%(code)s was begun.") % {"code": lot.code})
            return redirect("lots:lot", lot.code)
    context = {"form": form, "currency": request.member.shop.currency}
    return render(request, "lots/new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@members_only(*KEEPERS)
def edit(request: MemberRequest, code: str) -> HttpResponse:
    """Another name, place or price."""
    lot = lot_by_code(code=code)
    form = TermsForm(request.POST if request.method == "POST" else None, lot=lot, places=places())
    if form.is_valid() and form.lot is not None:
        try:
            change_terms(lot=lot, terms=form.lot, by=request.member)
        except PlaceClosed as closed:
            form.add_error("place", str(closed))
        except LotImpossible as impossible:
            known = impossible.field in form.fields
            form.add_error(impossible.field if known else None, str(impossible))
        else:
            messages.success(request, _("%(code)s was changed.") % {"code": lot.code})
            return redirect("lots:lot", lot.code)
    context = {"form": form, "lot": lot, "currency": request.member.shop.currency}
    return render(request, "lots/new.html", context, status=422 if form.is_bound else 200)
