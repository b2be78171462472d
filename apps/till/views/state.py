"""The till one stands at, and the shop's rules of its drawers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import Refusal, status_of
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE, Role
from apps.till.forms import PolicyForm
from apps.till.policy import set_till_rules, till_rules
from apps.till.selectors import last_close, latest_count, open_shift, own_slips, the_till


@require_safe
@members_only()
def state(request: MemberRequest) -> HttpResponse:
    """Whether this till is open, since when, by whom; what can be done with it.

    What the drawer should hold is not on this page, for nobody: it stands on a counter.
    """
    till = the_till(request.register)
    shift = open_shift(till)
    context = {
        "till": till,
        "shift": shift,
        "latest": latest_count(shift) if shift else None,
        "slips": own_slips(shift, by=request.member) if shift else [],
        "closed": last_close(till),
        "in_charge": request.member.role in IN_CHARGE,
        "sets_rules": request.member.role == Role.OWNER,
    }
    return render(request, "till/state.html", context)


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER)
def rules(request: MemberRequest) -> HttpResponse:
    """Which cash is taken, and whether a drawer is opened first."""
    now = timezone.now()
    shop = request.member.shop
    held = till_rules(shop, at=now)
    status = 200
    if request.method == "POST":
        form, status = PolicyForm(request.POST), 422
        if form.is_valid():
            try:
                set_till_rules(**form.cleaned_data, by=request.member, at=now)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
            else:
                messages.success(request, _("The rules of the drawers hold from now on."))
                return redirect("till:state")
    else:
        form = PolicyForm(
            initial={
                "open_first": held.open_first,
                "currencies": " ".join(held.currencies[1:]),
            }
        )
    return render(request, "till/policy.html", {"form": form, "own": shop.currency}, status=status)
