"""Bags: opened, filled, sealed, melted, assayed."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.purchasing.forms.melting import AssayForm, MeltForm, OpenBagForm, SealForm
from apps.purchasing.models import Bag, BagState
from apps.purchasing.selectors.bags import (
    bag_by_number,
    bags,
    items_in,
    scraps_in,
    scraps_to_bag,
    sums_of,
    to_bag,
)
from apps.purchasing.services.bags import open_bag, put_in, seal_bag, take_out
from apps.purchasing.services.melt import assay_bag, melt_bag
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE

NEWEST = 60


@require_http_methods(["GET", "POST"])
@members_only()
def bag_list(request: MemberRequest) -> HttpResponse:
    """The bags, the newest first, and a new one."""
    form = OpenBagForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        opened = open_bag(
            metal=form.cleaned_data["metal"],
            note=form.cleaned_data["note"],
            key=form.given_key,
            by=request.member,
            at=timezone.now(),
        )
        return redirect("purchasing:bag", opened.number)
    return render(
        request,
        "purchasing/bags.html",
        {"bags": bags()[:NEWEST], "form": form, "currency": request.member.shop.currency},
        status=422 if form.is_bound else 200,
    )


@require_safe
@members_only()
def bag(request: MemberRequest, number: int) -> HttpResponse:
    """What lies in a bag, and the next step with it."""
    return _page(request, bag_by_number(number))


@require_POST
@members_only()
def fill(request: MemberRequest, number: int) -> HttpResponse:
    """Put the ticked items in, or take them out."""
    chosen, scraps = (
        [int(pk) for pk in request.POST.getlist(name) if _is_id(pk)] for name in ("item", "scrap")
    )
    if request.POST.get("do") == "out":
        take_out(bag=number, items=chosen, scraps=scraps)
    else:
        put_in(bag=number, items=chosen, scraps=scraps, by=request.member, at=timezone.now())
    return redirect("purchasing:bag", number)


@require_POST
@members_only()
def seal(request: MemberRequest, number: int) -> HttpResponse:
    """Close the bag for good."""
    form = SealForm(request.POST)
    if form.is_valid():
        try:
            seal_bag(
                bag=number,
                seal=form.cleaned_data["seal"],
                by=request.member,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return _page(request, bag_by_number(number), seal=form, status=status_of(refusal))
        messages.success(request, _("Bag %(number)s is sealed.") % {"number": number})
        return redirect("purchasing:bag", number)
    return _page(request, bag_by_number(number), seal=form, status=422)


@require_POST
@members_only(*IN_CHARGE)
def melt(request: MemberRequest, number: int) -> HttpResponse:
    """What the bag weighed before and after the crucible."""
    form = MeltForm(request.POST, second=False)
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            melt_bag(
                bag=number,
                before_g=given["before_g"],
                after_g=given["after_g"],
                reason=given["reason"],
                key=form.given_key,
                by=request.member,
                at=timezone.now(),
                register=request.register.code if request.register else "",
            )
        except Refusal as refusal:
            _show(form, refusal)
            status = status_of(refusal)
        else:
            messages.success(request, _("Bag %(number)s is melted.") % {"number": number})
            return redirect("purchasing:bag", number)
    return _page(request, bag_by_number(number), melt=form, status=status)


@require_POST
@members_only(*IN_CHARGE)
def assay(request: MemberRequest, number: int) -> HttpResponse:
    """What the bar really is."""
    form = AssayForm(request.POST, second=False)
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            done = assay_bag(
                bag=number,
                fineness=given["fineness"],
                method=given["method"],
                laboratory=given["laboratory"],
                sample_g=given["sample_g"] or Decimal(0),
                reason=given["reason"],
                key=form.given_key,
                by=request.member,
                at=timezone.now(),
                register=request.register.code if request.register else "",
            )
        except Refusal as refusal:
            _show(form, refusal)
            status = status_of(refusal)
        else:
            messages.success(
                request, _("%(number)s is written down. The bar is ours.") % {"number": done.code}
            )
            return redirect("purchasing:bag", number)
    return _page(request, bag_by_number(number), assay=form, status=status)


def _page(request: MemberRequest, shown: Bag, *, status: int = 200, **forms: Form) -> HttpResponse:
    items = list(items_in(shown))
    scraps = list(scraps_in(shown))
    sums = sums_of([*items, *scraps])
    is_open = shown.state == BagState.OPEN
    in_charge = request.member.role in IN_CHARGE
    today = day_of(request.member.shop, timezone.now())
    context: dict[str, Any] = {
        "bag": shown,
        "items": items,
        "sums": sums,
        "scraps": scraps,
        "loose": to_bag(metal=shown.metal, today=today) if is_open else [],
        "loose_scraps": scraps_to_bag(metal=shown.metal) if is_open else [],
        "melted": shown.melts.select_related("by__user").first(),
        "assayed": shown.assays.select_related("by__user").first(),
        "currency": request.member.shop.currency,
        "in_charge": in_charge,
        "seal_form": forms.get("seal") or SealForm(),
        "melt_form": forms.get("melt")
        or MeltForm(second=False, initial={"before_g": sums.gross_g}),
        "assay_form": forms.get("assay") or AssayForm(second=False),
    }
    return render(request, "purchasing/bag.html", context, status=status)


def _show(form: Form, refusal: Refusal) -> None:
    """Beside the field that it is about, where it is about one."""
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, str(refusal))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
