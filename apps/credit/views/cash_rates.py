"""Doors: what foreign cash is worth at the counter."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core import formatting
from apps.credit.exchange import (
    CashRateImpossible,
    cash_rates,
    rates_in_force,
    set_cash_rate,
)
from apps.credit.forms import CashRateForm
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE


@require_http_methods(["GET", "POST"])
@members_only()
def board(request: MemberRequest) -> HttpResponse:
    """The rates in force and those of other days; who runs the shop sets a new one."""
    now, shop = timezone.now(), request.member.shop
    form = CashRateForm(request.POST if request.method == "POST" else None, home=shop.currency)
    if form.is_valid():
        try:
            rate = set_cash_rate(
                code=form.cleaned_data["currency"],
                rate=form.cleaned_data["rate"],
                by=request.member,
                at=now,
            )
        except CashRateImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(
                request,
                _("%(currency)s cash is taken at %(rate)s from now on.")
                % {
                    "currency": formatting.currency_name(rate.currency),
                    "rate": formatting.rate(rate.rate, shop.currency),
                },
            )
            return redirect("credit:cash-rates")
    in_force = {rate.pk for rate in rates_in_force(shop=shop, at=now)}
    context = {
        "rows": [(rate, rate.pk in in_force) for rate in cash_rates(at=now)],
        "form": form,
        "currency": shop.currency,
        "may_set": request.member.role in IN_CHARGE,
    }
    return render(request, "credit/cash_rates.html", context, status=422 if form.is_bound else 200)
