"""The close: Count, Compare, Sign. Resumed from any browser, by anybody of the shop."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core import formatting
from apps.core.errors import Refusal, status_of
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import Action, Register
from apps.till import asks
from apps.till.forms import CountForm, SignForm
from apps.till.models import TillCount
from apps.till.policy import till_rules
from apps.till.report import currencies_moved
from apps.till.selectors import latest_count, open_shift, the_open_shift, the_till, z_by_key
from apps.till.services.closing import closed_already, sign
from apps.till.services.counting import send_count
from apps.till.standing import standing_of


@require_http_methods(["GET", "POST"])
@members_only()
def count(request: MemberRequest) -> HttpResponse:
    """Step 1. The page knows nothing of what the drawer should hold; each sending is a count."""
    now = timezone.now()
    till = the_till(request.register)
    shift = the_open_shift(till)
    shop = request.member.shop
    taken = till_rules(shop, at=now).currencies
    form = CountForm(
        request.POST or None,
        currencies=tuple(dict.fromkeys((*taken, *currencies_moved(shift)))),
        shop_currency=shop.currency,
        trays=asks.trays(branch=till.branch_id),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            sent = send_count(
                register=till.pk,
                counted=form.counted,
                trays=form.seen,
                by=request.member,
                at=now,
                key=form.given_key,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _said(sent))
            return redirect("till:compare")
    context = {"form": form, "till": till, "shift": shift, "latest": latest_count(shift)}
    return render(request, "till/count.html", context, status=status)


@require_http_methods(["GET", "POST"])
@members_only()
def compare(request: MemberRequest) -> HttpResponse:
    """Steps 2 and 3: the newest count against the books, and the signature under it."""
    now = timezone.now()
    till = the_till(request.register)
    shift = open_shift(till)
    if shift is None:
        return _closed_meanwhile(request, till)
    latest = latest_count(shift)
    if latest is None:
        return redirect("till:count")
    standing = standing_of(latest, shift=shift, currency=request.member.shop.currency)
    form = SignForm(
        request.POST or None,
        differs=bool(standing.differing),
        second=needs_second(Action.CLOSE, by=request.member, amount=standing.worth, at=now),
        initial={"count": latest.pk},
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            z = sign(
                register=till.pk,
                count=form.cleaned_data["count"],
                reason=form.cleaned_data.get("reason", ""),
                by=request.member,
                at=now,
                key=form.given_key,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return redirect("till:z", code=z.code)
    context = {"form": form, "till": till, "shift": shift, "standing": standing}
    return render(request, "till/compare.html", context, status=status)


def _closed_meanwhile(request: MemberRequest, till: Register) -> HttpResponse:
    """Somebody signed while this page was open: the same form sent twice, or somebody else."""
    mine = z_by_key(request.POST.get("key", ""))
    if mine is not None:
        return redirect("till:z", code=mine.code)
    raise closed_already(till)


def _said(sent: TillCount) -> str:
    if sent.number == 1:
        return _("The count was sent.")
    return _("Count %(number)s was sent.") % {"number": formatting.digits(sent.number)}
