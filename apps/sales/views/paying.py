"""Doors of the counter: whom the bill is for, payments, and a deposit that is delivered."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import Refusal, status_of
from apps.customers.selectors import find
from apps.sales.counter import at_the_counter
from apps.sales.forms import Chip, CustomerForm, NewcomerForm, TenderForm
from apps.sales.services.customer import (
    Customer,
    add_and_choose,
    choose_customer,
    name_customer,
)
from apps.sales.services.deliver import bring_to_counter
from apps.sales.services.tenders import give_back, take
from apps.sales.views.changes import UNPROCESSABLE
from apps.sales.views.parts import Shown, changed, done, refuse, show, till
from apps.shops.access import MemberRequest, members_only

_FOUND = 6  # customers that a search shows: more are told apart by writing more


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def customer(request: MemberRequest) -> HttpResponse:
    """Whom the bill is for: `?find=` looks in the shop's list; a POST writes a name down."""
    if request.method != "POST":
        counter = at_the_counter(
            shop=request.member.shop, register=till(request), at=timezone.now()
        )
        known = counter.open_sale
        initial = {"name": known.customer_name, "email": known.customer_email} if known else {}
        searched = request.GET.get("find", "").strip()[:60]
        shown = Shown(
            editing="customer",
            form=CustomerForm(initial=initial),
            searched=searched,
            customers=find(searched, _FOUND) if searched else [],
            newcomer=NewcomerForm.about(searched) if searched else None,
        )
        if request.htmx and request.htmx.target == "found":
            return render(request, "sales/_counter_found.html", {"shown": shown})
        return show(request, shown)
    form = CustomerForm(request.POST)
    if not form.is_valid():
        return show(request, Shown(editing="customer", form=form), status=UNPROCESSABLE)
    return changed(
        request,
        lambda: name_customer(
            customer=Customer(**form.cleaned_data),
            register=till(request),
            by=request.member,
            at=timezone.now(),
        ),
        editing="customer",
        form=form,
    )


@require_POST
@members_only()
def customer_new(request: MemberRequest) -> HttpResponse:
    """Add somebody to the list, and make the bill out to them."""
    form = NewcomerForm(request.POST)
    shown = Shown(editing="customer", form=CustomerForm(), newcomer=form)
    shown.searched = request.POST.get("new_name", "")[:60]
    if not form.is_valid():
        return show(request, shown, status=UNPROCESSABLE)
    try:
        add_and_choose(
            name=form.cleaned_data["new_name"],
            phone=form.cleaned_data["new_phone"],
            key=form.given_key,
            register=till(request),
            by=request.member,
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return show(request, shown, status=status_of(refusal))
    return done(request)


@require_POST
@members_only()
def customer_choose(request: MemberRequest, customer: int) -> HttpResponse:
    """Make the bill out to a customer of the list."""
    return changed(
        request,
        lambda: choose_customer(
            pk=customer, register=till(request), by=request.member, at=timezone.now()
        ),
    )


@require_POST
@members_only()
def tender_add(request: MemberRequest) -> HttpResponse:
    """Take a payment; what is refused is said under the amount, which keeps what was typed."""
    form = TenderForm(request.POST, code=request.member.shop.currency)
    asked = request.POST.get("kind", "")
    shown = Shown(
        pay=Chip(asked) if asked in Chip.values else Chip.CASH,
        typed=request.POST.get("amount", "")[:40],
        instrument=request.POST.get("instrument", "")[:60],
        currency=request.POST.get("currency", "")[:3],
    )
    if not form.is_valid():
        shown.amount_says = next((str(says[0]) for says in form.errors.values()), "")
        return show(request, shown, status=UNPROCESSABLE)
    try:
        take(
            kind=form.chip.kind,
            amount=form.amount,
            instrument=form.cleaned_data["instrument"],
            currency=form.cleaned_data["currency"] if form.chip == Chip.FOREIGN else "",
            register=till(request),
            by=request.member,
            at=timezone.now(),
            after=form.cleaned_data["idempotency_key"],
        )
    except Refusal as refusal:
        shown.amount_says = str(refusal)
        return show(request, shown, status=status_of(refusal))
    return done(request)


@require_POST
@members_only()
def tender_remove(request: MemberRequest, tender: int) -> HttpResponse:
    """Take a payment off again."""
    return changed(request, lambda: give_back(tender=tender, register=till(request)))


@require_POST
@members_only()
def deliver(request: MemberRequest, number: str) -> HttpResponse:
    """Put a deposit on the counter: its customer, its pieces, its money."""
    try:
        bring_to_counter(
            number=number, register=till(request), by=request.member, at=timezone.now()
        )
    except Refusal as refusal:
        return refuse(request, refusal)
    return redirect("sales:counter")
