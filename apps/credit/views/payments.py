"""Doors: taking a payment of dues, and its receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.core.errors import Refusal, status_of
from apps.core.units import currency
from apps.credit.balances import dues_of, store_credit_of
from apps.credit.dues import TAKEN, payment_by_number, receive_payment
from apps.credit.exchange import rates_in_force
from apps.credit.forms import PaymentForm
from apps.credit.views.given import payments_of
from apps.customers.selectors import customer_by_id
from apps.shops.access import MemberRequest, members_only
from apps.till.kinds import TenderKind


@require_http_methods(["GET", "POST"])
@members_only()
def pay(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a payment of what a customer owes. Sent twice, the form takes one."""
    now, shop = timezone.now(), request.member.shop
    customer = customer_by_id(pk)
    owed = dues_of(customer, currency=shop.currency)
    credit = store_credit_of(customer, currency=shop.currency)
    form = PaymentForm(
        request.POST if request.method == "POST" else None,
        shop=shop,
        kinds=[kind for kind in TAKEN if credit > 0 or kind != TenderKind.STORE_CREDIT],
        rates=rates_in_force(shop=shop, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            payment = receive_payment(
                customer=customer,
                tenders=form.tenders(),
                key=form.given_key,
                by=request.member,
                at=now,
                rest_to_credit=form.cleaned_data["rest_to_credit"],
                note=form.cleaned_data["note"],
                register=request.register.code if request.register else "",
                cash_reason=form.cash_reason,
            )
        except Refusal as refusal:
            form.refuse(refusal, by=request.member, at=now)
            status = status_of(refusal)
        else:
            messages.success(request, _("The payment was taken."))
            return redirect("credit:payment", payment.number)
    context = {
        "form": form,
        "customer": customer,
        "owed": owed,
        "credit": credit,
        "currency": shop.currency,
        "exponent": currency(shop.currency).exponent,
    }
    return render(request, "credit/pay.html", context, status=status)


@require_GET
@members_only()
def receipt(request: MemberRequest, number: str) -> HttpResponse:
    """The receipt of a payment, as it is printed."""
    payment = payment_by_number(number)
    context = {
        "payment": payment,
        "tenders": payments_of(payment.number),
        "shop": request.member.shop,
        "currency": request.member.shop.currency,
    }
    return render(request, "credit/payment.html", context)
