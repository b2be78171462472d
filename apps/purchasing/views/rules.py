"""The shop's own rules of old gold."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.purchasing.forms.rules import PolicyForm
from apps.purchasing.policy import SECTION, old_gold_policy
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import Role
from apps.shops.policies import set_policy


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def policy(request: MemberRequest) -> HttpResponse:
    """What holds now, and what shall hold from now on."""
    now = timezone.now()
    shop = request.member.shop
    rules = old_gold_policy(shop=shop, at=now)
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        rules=rules,
        currency=shop.currency,
    )
    if form.is_valid():
        set_policy(SECTION, form.values, by=request.member, at=now)
        messages.success(request, _("These rules hold from now on."))
        return redirect("purchasing:policy")
    return render(
        request,
        "purchasing/policy.html",
        {"form": form, "rules": rules, "currency": shop.currency},
        status=422 if form.is_bound else 200,
    )
