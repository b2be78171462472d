"""How it stands with an owner, and what they are paid."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.consignment.forms import PayForm
from apps.consignment.papers import statement_paper
from apps.consignment.selectors.owners import payment_by_code, statement_of
from apps.consignment.services.owners import pay_owner
from apps.core.errors import Refusal, status_of
from apps.core.formatting import digits
from apps.core.units import currency
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import NotAllowed, may, needs_second
from apps.shops.models import Action
from apps.till.models import Direction, Payment
from apps.till.paper_doors import METHODS, answer_paper, paper_bar


@require_safe
@members_only()
def statement(request: MemberRequest, pk: int) -> HttpResponse:
    """What was sold, given back, is still here, is owed and was paid."""
    _demand(request)
    code = request.member.shop.currency
    found = statement_of(pk, currency=code)
    if found.owner.pk != pk:
        return redirect("consignment:owner", found.owner.pk)
    context = {
        "found": found,
        "currency": code,
        "bar": paper_bar(request, reverse("consignment:owner-pdf", args=[pk]), roll=False),
    }
    return render(request, "consignment/owner.html", context)


@require_http_methods(METHODS)
@members_only()
def statement_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """The statement on paper."""
    _demand(request)
    shop = request.member.shop
    found = statement_of(pk, currency=shop.currency)
    return answer_paper(request, f"memo-{pk}", lambda: statement_paper(found, shop=shop))


@require_http_methods(["GET", "POST"])
@members_only()
def pay(request: MemberRequest, pk: int) -> HttpResponse:
    """Pay an owner of what they are owed. Sent twice, the form pays once."""
    _demand(request)
    now, shop = timezone.now(), request.member.shop
    found = statement_of(pk, currency=shop.currency)
    form = PayForm(
        request.POST if request.method == "POST" else None,
        code=shop.currency,
        second=needs_second(Action.MEMO, by=request.member, amount=None, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            paid = pay_owner(
                owner=found.owner.pk,
                tenders=form.tenders,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
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
            messages.success(request, _("%(code)s is paid.") % {"code": digits(paid.code)})
            return redirect("consignment:payment", paid.code)
    context = {
        "form": form,
        "found": found,
        "currency": shop.currency,
        "exponent": currency(shop.currency).exponent,
    }
    return render(request, "consignment/pay.html", context, status=status)


@require_safe
@members_only()
def payment(request: MemberRequest, code: str) -> HttpResponse:
    """The receipt of a payment to an owner."""
    _demand(request)
    paid = payment_by_code(code)
    tenders = Payment.objects.filter(reference=paid.code, direction=Direction.OUT)
    context = {
        "payment": paid,
        "party": paid.party.merged_into or paid.party,
        "tenders": tenders.order_by("position"),
        "shop": request.member.shop,
        "currency": request.member.shop.currency,
    }
    return render(request, "consignment/payment.html", context)


def _demand(request: MemberRequest) -> None:
    """What owners get is what pieces cost. Raises NotAllowed."""
    if not may(Action.MEMO, by=request.member, at=timezone.now()):
        raise NotAllowed(action=Action.MEMO.value)
