"""Doors: the shop's own rules of pricing, for its owner."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.pricing import rules
from apps.pricing.direction import limit_now, set_limit
from apps.pricing.policy import own_pricing
from apps.pricing.policy_forms import ChargesForm, RateLimitForm, RoundingForm
from apps.pricing.set_policy import PolicyImpossible, set_charges, set_rounding
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import Role


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def charges(request: MemberRequest) -> HttpResponse:
    """Profit, fees, tax categories and rates."""
    now, shop = timezone.now(), request.member.shop
    form = ChargesForm(
        request.POST if request.method == "POST" else None,
        pack=_pack(request, now),
        code=shop.currency,
        charges=own_pricing(shop, now).charges,
    )
    if form.is_valid():
        try:
            set_charges(form.charges(), by=request.member, at=now)
        except PolicyImpossible as impossible:
            form.add_error(form.field_of(impossible.field), impossible.reason)
        else:
            messages.success(request, _("The charges count from now on."))
            return redirect("pricing:policy")
    return _charges(request, form, RateLimitForm(initial={"percent": limit_now(at=now)}), now)


@require_POST
@members_only(Role.OWNER)
def rate_limit(request: MemberRequest) -> HttpResponse:
    """How far staff move a rate alone."""
    now, shop = timezone.now(), request.member.shop
    limit = RateLimitForm(request.POST)
    if limit.is_valid():
        set_limit(limit.cleaned_data["percent"], by=request.member, at=now)
        messages.success(request, _("The limit was kept. It counts from now on."))
        return redirect("pricing:policy")
    pack, own = _pack(request, now), own_pricing(shop, now)
    form = ChargesForm(pack=pack, code=shop.currency, charges=own.charges)
    return _charges(request, form, limit, now)


def _charges(
    request: MemberRequest, form: ChargesForm, limit: RateLimitForm, now: datetime
) -> HttpResponse:
    return render(
        request,
        "pricing/policy.html",
        {
            "form": form,
            "limit_form": limit,
            "pack": _pack(request, now),
            "currency": request.member.shop.currency,
        },
        status=422 if form.is_bound or limit.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def rounding(request: MemberRequest) -> HttpResponse:
    """Step and mode for each kind of line, and for the bill."""
    now, shop = timezone.now(), request.member.shop
    form = RoundingForm(
        request.POST if request.method == "POST" else None,
        code=shop.currency,
        own=own_pricing(shop, now).rounding,
    )
    if form.is_valid():
        try:
            set_rounding(form.rounding(), by=request.member, at=now)
        except PolicyImpossible as impossible:
            form.add_error(form.field_of(impossible.field), impossible.reason)
        else:
            messages.success(request, _("Bills are rounded so from now on."))
            return redirect("pricing:rounding")
    by_pack = _pack(request, now).rounding(shop.currency)
    return render(
        request,
        "pricing/rounding.html",
        {
            "form": form,
            "rows": form.rows(),
            "step": by_pack.document.step,
            "bound": by_pack.bound,
            "currency": shop.currency,
        },
        status=422 if form.is_bound else 200,
    )


def _pack(request: MemberRequest, now: datetime) -> rules.PackVersion:
    shop = request.member.shop
    return rules.version_for(shop.tax_pack, day_of(shop, now))
