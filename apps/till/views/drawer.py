"""Opening a drawer, and cash that goes into it or out of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import Refusal, status_of
from apps.core.paper import pdf
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import Action
from apps.till.forms import CashForm, FloatForm
from apps.till.models import MoveKind
from apps.till.paper_doors import METHODS, answer_paper, paper_bar
from apps.till.papers import slip_paper
from apps.till.policy import till_rules
from apps.till.selectors import open_shift, slip_by_code, the_till
from apps.till.services.moves import move_cash
from apps.till.services.opening import open_till


@require_http_methods(["GET", "POST"])
@members_only()
def open_drawer(request: MemberRequest) -> HttpResponse:
    """Count the float and open the till with it."""
    now = timezone.now()
    till = the_till(request.register)
    currencies = till_rules(request.member.shop, at=now).currencies
    form = FloatForm(request.POST or None, currencies=currencies)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            open_till(
                register=till.pk,
                counted=form.counted,
                by=request.member,
                at=now,
                key=form.given_key,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(till)s is open.") % {"till": till.name})
            return redirect("till:state")
    context = {"form": form, "till": till, "shift": open_shift(till)}
    return render(request, "till/open.html", context, status=status)


@require_http_methods(["GET", "POST"])
@members_only()
def cash(request: MemberRequest) -> HttpResponse:
    """Put cash into the drawer, or take it out; `?out` chooses the second."""
    now = timezone.now()
    till = the_till(request.register)
    chosen = MoveKind.OUT if "out" in request.GET else MoveKind.IN
    form = CashForm(
        request.POST or None,
        currencies=till_rules(request.member.shop, at=now).currencies,
        second=any(
            needs_second(action, by=request.member, amount=None, at=now)
            for action in (Action.CASH_IN, Action.CASH_OUT)
        ),
        initial={"kind": chosen},
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            move = move_cash(
                register=till.pk,
                wanted=form.wanted,
                by=request.member,
                at=now,
                key=form.given_key,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            return redirect("till:slip", code=move.code)
    return render(request, "till/cash.html", {"form": form, "till": till}, status=status)


@require_safe
@members_only()
def slip(request: MemberRequest, code: str) -> HttpResponse:
    """A cash slip, as it is printed: to who made it, and to who runs the shop."""
    context = {
        "move": slip_by_code(code, by=request.member),
        "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
        "bar": paper_bar(request, reverse("till:slip-pdf", args=[code])),
    }
    return render(request, "till/slip.html", context)


@require_http_methods(METHODS)
@members_only()
def slip_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The slip on the 80 mm roll."""
    move = slip_by_code(code, by=request.member)
    return answer_paper(request, move.code, lambda: slip_paper(move, shop=request.member.shop))
