"""Doors: a press of a favourite, and the page where the shop arranges them."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from apps.core.errors import Refusal, status_of
from apps.sales.favourite_form import FavouriteForm, HoldTimeForm
from apps.sales.favourites import favourites
from apps.sales.quoted import hold_time
from apps.sales.services.counter import press_favourite
from apps.sales.services.favourites import add_favourite, move_favourite, remove_favourite
from apps.sales.services.rates import set_hold_minutes
from apps.sales.views.changes import UNPROCESSABLE
from apps.sales.views.parts import Shown, done, refuse_tag, till
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE


@require_POST
@members_only()
def favourite_press(request: MemberRequest, favourite: int) -> HttpResponse:
    """Put the oldest piece of this kind on the sale."""
    known = request.POST.get("idempotency_key", "")
    try:
        line = press_favourite(
            pk=favourite,
            register=till(request),
            by=request.member,
            at=timezone.now(),
            after=int(known) if known.isascii() and known.isdigit() and len(known) < 19 else None,
        )
    except Refusal as refusal:
        return refuse_tag(request, refusal, tag=getattr(refusal, "tag", ""))
    response = done(request, Shown(fresh=line.pk))
    return trigger_client_event(response, "piece-added", {}) if request.htmx else response


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(*IN_CHARGE)
def favourite_list(request: MemberRequest) -> HttpResponse:
    """The favourites in their order, and the form of a new one."""
    if request.method != "POST":
        return _page(request, FavouriteForm())
    form = FavouriteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        add_favourite(**form.cleaned_data)
    except Refusal as refusal:
        form.add_error("label", str(refusal))
        return _page(request, form, status=status_of(refusal))
    return redirect("sales:favourites")


def _page(
    request: MemberRequest,
    form: FavouriteForm,
    *,
    time: HoldTimeForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    minutes = int(hold_time(timezone.now()).total_seconds() // 60)
    context = {
        "favourites": favourites(),
        "form": form,
        "time": time or HoldTimeForm(initial={"minutes": minutes}),
        "trouble": trouble,
    }
    return render(request, "sales/favourites.html", context, status=status)


@require_POST
@members_only(*IN_CHARGE)
def hold_minutes(request: MemberRequest) -> HttpResponse:
    """Set how long quoted rates are kept."""
    form = HoldTimeForm(request.POST)
    if not form.is_valid():
        return _page(request, FavouriteForm(), time=form, status=UNPROCESSABLE)
    set_hold_minutes(minutes=form.cleaned_data["minutes"], by=request.member, at=timezone.now())
    return redirect("sales:favourites")


@require_POST
@members_only(*IN_CHARGE)
def favourite_remove(request: MemberRequest, favourite: int) -> HttpResponse:
    """Take a favourite away."""
    return _changed(request, lambda: remove_favourite(pk=favourite))


@require_POST
@members_only(*IN_CHARGE)
def favourite_move(request: MemberRequest, favourite: int) -> HttpResponse:
    """Move a favourite up, or down."""
    up = request.POST.get("to") == "up"
    return _changed(request, lambda: move_favourite(pk=favourite, up=up))


def _changed(request: MemberRequest, change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except Refusal as refusal:
        return _page(request, FavouriteForm(), trouble=str(refusal), status=status_of(refusal))
    return redirect("sales:favourites")
