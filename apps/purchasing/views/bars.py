"""Bars: the list, one of them, sent to a refiner and settled."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import find
from apps.purchasing.forms.melting import SendForm, SettleForm
from apps.purchasing.models import Bar
from apps.purchasing.selectors.bags import bar_by_code, bars
from apps.purchasing.services.refining import send_bar, settle_bar
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE

NEWEST = 100
MOST_REFINERS = 100


@require_safe
@members_only(*IN_CHARGE)
def bar_list(request: MemberRequest) -> HttpResponse:
    """Bars that are ours, here or at a refiner; `?settled` those that were."""
    settled = "settled" in request.GET
    context = {
        "bars": bars(settled=settled)[:NEWEST],
        "choices": [("?", _("Ours"), not settled), ("?settled", _("Settled"), settled)],
        "currency": request.member.shop.currency,
    }
    return render(request, "purchasing/bars.html", context)


@require_safe
@members_only(*IN_CHARGE)
def bar(request: MemberRequest, code: str) -> HttpResponse:
    """One bar, and the next step with it."""
    return _page(request, bar_by_code(code))


@require_POST
@members_only(*IN_CHARGE)
def send(request: MemberRequest, code: str) -> HttpResponse:
    """Hand it to a refiner."""
    form = SendForm(request.POST, refiners=_refiners())
    status = 422
    if form.is_valid():
        try:
            send_bar(
                bar=code,
                refiner=int(form.cleaned_data["refiner"]),
                by=request.member,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return redirect("purchasing:bar", code)
    return _page(request, bar_by_code(code), send=form, status=status)


@require_POST
@members_only(*IN_CHARGE)
def settle(request: MemberRequest, code: str) -> HttpResponse:
    """What the refiner gave for it."""
    form = _settle_form(request)
    status = 422
    if form.is_valid():
        try:
            done = settle_bar(
                bar=code,
                given=form.given,
                reason=form.cleaned_data["reason"],
                key=form.given_key,
                by=request.member,
                at=timezone.now(),
                register=request.register.code if request.register else "",
                cash_reason=form.cash_reason,
            )
        except Refusal as refusal:
            form.ask(refusal, by=request.member, at=timezone.now())
            field = getattr(refusal, "field", None)
            form.add_error(field if field in form.fields else None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(number)s is settled.") % {"number": done.code})
            return redirect("purchasing:bar", code)
    return _page(request, bar_by_code(code), settle=form, status=status)


def _page(request: MemberRequest, shown: Bar, *, status: int = 200, **forms: Form) -> HttpResponse:
    context = {
        "bar": shown,
        "settled": shown.settlements.select_related("by__user").first(),
        "refiners": bool(_refiners()),
        "send_form": forms.get("send") or SendForm(refiners=_refiners()),
        "settle_form": forms.get("settle") or _settle_form(request, bound=False),
        "currency": request.member.shop.currency,
    }
    return render(request, "purchasing/bar.html", context, status=status)


def _settle_form(request: MemberRequest, *, bound: bool = True) -> SettleForm:
    return SettleForm(
        request.POST if bound else None,
        second=False,
        currency=request.member.shop.currency,
    )


def _refiners() -> list[Customer]:
    return find("", MOST_REFINERS, kind=CustomerKind.REFINER)
