"""Doors: the limits of cash, the law's and the shop's own."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.customers.cash import OWN, SECTION, rules_in_force
from apps.customers.cash_limits import CashLimitImpossible, set_own_limit
from apps.customers.forms import CashLimitForm
from apps.customers.rules.places import Way
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import Role
from apps.shops.policies import policy


@require_GET
@members_only(Role.OWNER, Role.MANAGER)
def limits(request: MemberRequest) -> HttpResponse:
    """Which limits of cash count here, where they come from, and the shop's own."""
    return _page(request)


@require_POST
@members_only(Role.OWNER, Role.MANAGER)
def limit(request: MemberRequest, way: str) -> HttpResponse:
    """Set the shop's own limit of cash taken (in) or paid out (out)."""
    if way not in (Way.IN, Way.OUT):
        raise Http404
    form = CashLimitForm(request.POST, currency=request.member.shop.currency, prefix=way)
    if form.is_valid():
        try:
            set_own_limit(way=Way(way), limit=form.limit, by=request.member, at=timezone.now())
        except CashLimitImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("The limit counts from now on."))
            return redirect("customers:cash-limits")
    return _page(request, form, way)


def _page(request: MemberRequest, sent: CashLimitForm | None = None, way: str = "") -> HttpResponse:
    shop, now = request.member.shop, timezone.now()
    values = policy(SECTION, at=now)
    forms = {
        each: CashLimitForm(currency=shop.currency, prefix=each, initial=_initial(values, each))
        for each in (Way.IN.value, Way.OUT.value)
    }
    if sent is not None:
        forms[way] = sent
    context = {
        "rules": [rule for rule in rules_in_force(shop, at=now) if rule.code != OWN],
        "taking": forms[Way.IN.value],
        "paying": forms[Way.OUT.value],
        "currency": shop.currency,
    }
    return render(
        request, "customers/cash_limits.html", context, status=422 if sent is not None else 200
    )


def _initial(values: Mapping[str, Any], way: str) -> dict[str, Any]:
    """The limit as its form begins with it; nothing where there is none."""
    found = values.get(way)
    return {**found, "threshold": Decimal(found["threshold"])} if found else {}
