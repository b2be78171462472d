"""Door: the shop's rules of deposits."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.deposits.forms.contracts import PolicyForm
from apps.deposits.policy import SECTION, deposit_policy
from apps.deposits.views.parts import money_of, tried
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE
from apps.shops.policies import set_policy


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def policy(request: MemberRequest) -> HttpResponse:
    """What holds for contracts from now on; those that are made keep their own."""
    now = timezone.now()
    today = asdict(deposit_policy(at=now))
    form = PolicyForm(request.POST or None, currency=request.member.shop.currency, initial=today)
    made, status = tried(
        form,
        lambda: set_policy(SECTION, form.policy.as_json(), by=request.member, at=now),
    )
    if made is not None:
        messages.success(request, _("These rules hold from now on."))
        return redirect("deposits:policy")
    return render(
        request, "deposits/policy.html", {"form": form, **money_of(request)}, status=status
    )
