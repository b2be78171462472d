"""What may still happen to a slip: its void, and paying what is left of its claim."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import Refusal, status_of
from apps.purchasing.forms.melting import PayClaimForm, VoidForm
from apps.purchasing.policy import old_gold_policy
from apps.purchasing.selectors.slips import slip_by_code
from apps.purchasing.services.claims import pay_claim
from apps.purchasing.services.void import void_slip
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import IN_CHARGE, Action


@require_http_methods(["GET", "POST"])
@members_only()
def void(request: MemberRequest, code: str) -> HttpResponse:
    """Give the gold back and take the money back, with a reason."""
    now = timezone.now()
    slip = slip_by_code(code)
    second = needs_second(Action.VOID, by=request.member, amount=slip.total, at=now)
    form = VoidForm(request.POST if request.method == "POST" else None, second=second)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            done = void_slip(
                slip=slip.code,
                reason=form.cleaned_data["reason"],
                key=form.given_key,
                by=request.member,
                at=now,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(
                request, _("%(slip)s is void: %(void)s.") % {"slip": slip.code, "void": done.code}
            )
            return redirect("purchasing:slip", slip.code)
    return render(request, "purchasing/void.html", {"form": form, "slip": slip}, status=status)


@require_http_methods(["GET", "POST"])
@members_only()
def pay(request: MemberRequest, code: str) -> HttpResponse:
    """Pay the seller what no sale used."""
    now = timezone.now()
    slip = slip_by_code(code)
    raised = slip.items.filter(premium_percent__gt=0).exists()
    second = needs_second(Action.OLD_GOLD, by=request.member, amount=slip.claim_left, at=now) or (
        raised and request.member.role not in IN_CHARGE
    )
    form = PayClaimForm(
        request.POST if request.method == "POST" else None,
        second=second,
        tenders=old_gold_policy(shop=request.member.shop, at=now).place.tenders,
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            payout = pay_claim(
                slip=slip.code,
                payments=form.payments,
                reason=form.cleaned_data["reason"],
                key=form.given_key,
                by=request.member,
                at=now,
                register=request.register.code if request.register else "",
                approver=form.approved,
                cash_reason=form.cash_reason,
            )
        except Refusal as refusal:
            form.refuse(refusal, by=request.member, at=now)
            status = status_of(refusal)
        else:
            messages.success(request, _("%(number)s is paid out.") % {"number": payout.code})
            return redirect("purchasing:slip", slip.code)
    return render(request, "purchasing/pay.html", {"form": form, "slip": slip}, status=status)
