"""Doors: the list of deposits, a new one, its page, payments, papers."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core import formatting
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id, find
from apps.deposits.forms.contracts import DepositForm
from apps.deposits.forms.fields import PaymentForm
from apps.deposits.models import Deposit, DepositKind, DepositState
from apps.deposits.papers import contract_paper, paper_owner, receipt_of, receipt_paper
from apps.deposits.policy import DepositPolicy
from apps.deposits.selectors.contracts import (
    balance_of,
    deposit_by_number,
    dues_of,
    passbook_of,
    pieces_of,
)
from apps.deposits.selectors.listing import FILTERS, PAGE_SIZE, deposits_listed
from apps.deposits.selectors.terms import last_day_of_grace
from apps.deposits.services.opening import NewDeposit, open_deposit
from apps.deposits.services.paying import pay_in
from apps.deposits.views.parts import (
    mark_of,
    money_of,
    search_of,
    till_of,
    tried,
)
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE
from apps.till.paper_doors import METHODS, answer_paper


@require_safe
@members_only()
def deposit_list(request: MemberRequest) -> HttpResponse:
    """Contracts by what is to be done with them."""
    which = request.GET.get("show", "")
    which = which if which in FILTERS else FILTERS[0]
    search = search_of(request)
    day = day_of(request.member.shop, timezone.now())
    page = deposits_listed(which=which, day=day, search=search, after=mark_of(request, "after"))
    kept = {"search": search} if search else {}
    context = {
        "deposits": page.rows,
        "which": which,
        "search": search,
        "day": day,
        "size": PAGE_SIZE,
        "filters": [
            (f"?{urlencode({'show': name, **kept})}", _filter_word(name), name == which)
            for name in FILTERS
        ],
        "next_url": f"?{urlencode({'show': which, **kept, 'after': page.after})}"
        if page.after
        else "",
        "previous_url": "",
        "sets_rules": request.member.role in IN_CHARGE,
    }
    return render(request, "deposits/list.html", context)


def _filter_word(name: str) -> str:
    return {
        "open": _("Open"),
        "due": _("Payment due"),
        "expiring": _("Run out soon"),
        "expired": _("Ran out"),
        "rest": _("Money left"),
        "ended": _("Ended"),
    }[name]


@require_http_methods(["GET", "POST"])
@members_only()
def new(request: MemberRequest) -> HttpResponse:
    """A new contract: the customer first, then what is agreed. Sent twice, it is one."""
    customer = _customer(request)
    if customer is None:
        return choose_customer(request, reverse("deposits:new"), _("New deposit"))
    now = timezone.now()
    shop = request.member.shop
    form = DepositForm(request.POST or None, currency=shop.currency, day=day_of(shop, now))
    opened, status = tried(
        form,
        lambda: open_deposit(new=_wanted(form, customer, request), by=request.member, at=now),
        by=request.member,
    )
    if opened is not None:
        number = formatting.digits(opened.deposit.number)
        messages.success(request, _("Deposit %(number)s was made.") % {"number": number})
        return redirect("deposits:show", opened.deposit.number)
    context = {"form": form, "customer": customer, **money_of(request)}
    return render(request, "deposits/new.html", context, status=status)


def _wanted(form: DepositForm, customer: Customer, request: MemberRequest) -> NewDeposit:
    given = form.cleaned_data
    return NewDeposit(
        customer=customer.pk,
        kind=DepositKind(given["kind"]),
        key=form.given_key,
        tags=given["tags"],
        tenders=form.tenders,
        metal=given["metal"] if given["fineness"] else "",
        fineness=given["fineness"] if given["metal"] else None,
        expires_on=given["expires_on"],
        schedule=form.schedule,
        note=given["note"],
        register=till_of(request),
        cash_reason=form.cash_reason,
    )


def _customer(request: MemberRequest) -> Customer | None:
    """Whom the page is about: named in its address. Raises CustomerNotFound."""
    pk = mark_of(request, "customer")
    return customer_by_id(pk) if pk else None


def choose_customer(request: MemberRequest, back: str, heading: str) -> HttpResponse:
    """Look somebody up, and go on with them."""
    search = search_of(request)
    context = {
        "found": find(search) if search else [],
        "search": search,
        "back": back,
        "heading": heading,
    }
    return render(request, "deposits/choose.html", context)


@require_safe
@members_only()
def show(request: MemberRequest, number: str) -> HttpResponse:
    """One contract: its pieces, its payments, what is left, what can be done."""
    form = PaymentForm(None, currency=request.member.shop.currency)
    return _shown(request, deposit_by_number(number), form)


@require_POST
@members_only()
def pay(request: MemberRequest, number: str) -> HttpResponse:
    """Take a payment; sent twice, it is one."""
    form = PaymentForm(request.POST, currency=request.member.shop.currency)
    move, status = tried(
        form,
        lambda: pay_in(
            number=number,
            tenders=form.tenders,
            key=form.given_key,
            by=request.member,
            at=timezone.now(),
            register=till_of(request),
            cash_reason=form.cash_reason,
        ),
        by=request.member,
    )
    if move is None:
        return _shown(request, deposit_by_number(number), form, status=status)
    messages.success(
        request,
        _("Receipt %(number)s was written.") % {"number": formatting.digits(move.reference)},
    )
    return redirect("deposits:show", number)


def _shown(
    request: MemberRequest, deposit: Deposit, form: PaymentForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    day = day_of(request.member.shop, now)
    held = balance_of(deposit)
    is_live = deposit.state in (DepositState.OPEN, DepositState.EXPIRED)
    has_run_out = day > deposit.expires_on
    context: dict[str, Any] = {
        "deposit": deposit,
        "form": form,
        "pieces": pieces_of(deposit),
        "moves": passbook_of(deposit),
        "dues": dues_of(deposit, day=day),
        "held": held,
        "left": max(deposit.agreed_total - held.amount, 0) if deposit.agreed_total else None,
        "rules": DepositPolicy.from_json(deposit.rules),
        "day": day,
        "grace": last_day_of_grace(deposit),
        "is_live": is_live,
        "has_run_out": has_run_out,
        "takes_money": deposit.state == DepositState.OPEN and not has_run_out,
        "can_deliver": is_live and day <= last_day_of_grace(deposit),
        "can_keep": is_live
        and day > last_day_of_grace(deposit)
        and request.member.role in IN_CHARGE,
        "has_rest": deposit.state == DepositState.DELIVERED and held.amount > 0,
        "replaced_by": deposit.replaced_by.first(),
        **money_of(request),
    }
    return render(request, "deposits/show.html", context, status=status)


@require_safe
@members_only()
def paper(request: MemberRequest, number: str) -> HttpResponse:
    """The contract for the customer, as it stands now."""
    deposit = deposit_by_number(number)
    return answer_paper(
        request,
        deposit.number,
        lambda: contract_paper(deposit, shop=request.member.shop, at=timezone.now()),
    )


@require_http_methods(METHODS)
@members_only()
def receipt(request: MemberRequest, number: str) -> HttpResponse:
    """The receipt of a payment, in or out, on the roll."""
    receipt_of(number)  # a number that is none is said before anything is drawn
    return answer_paper(
        request,
        number,
        lambda: receipt_paper(number, shop=request.member.shop, at=timezone.now()),
    )


@require_safe
@members_only()
def document(_request: MemberRequest, number: str) -> HttpResponse:
    """From the number of a payment, in or out, to the contract or the passbook it stands in."""
    of = paper_owner(number)
    page = "deposits:show" if isinstance(of, Deposit) else "deposits:passbook"
    return redirect(page, of.number)
