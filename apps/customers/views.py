"""Doors: the list of customers, one of them, and the papers they show."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from apps.core.units import currency
from apps.customers.forms import CustomerForm, PaperForm
from apps.customers.models import Customer
from apps.customers.rules.sizes import ring_sizes
from apps.customers.selectors import (
    PAGE_SIZE,
    CustomerPage,
    customer_by_id,
    customers_page,
    occasions_of,
    papers_of,
    profile_of,
)
from apps.customers.services import CustomerImpossible, add_customer, add_paper, change_customer
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE

_LONGEST_ID = 18


@require_GET
@members_only()
@vary_on_headers("HX-Request")
def customer_list(request: MemberRequest) -> HttpResponse:
    """Everybody by name, or who is searched for; to htmx, the result alone."""
    search = request.GET.get("search", "").strip()[:100]
    page = customers_page(search, after=_mark(request, "after"), before=_mark(request, "before"))
    context = {
        "customers": page.customers,
        "search": search,
        "currency": request.member.shop.currency,
        "size": PAGE_SIZE,
        **_links(page, search),
    }
    template = "customers/_result.html" if request.htmx else "customers/list.html"
    response = render(request, template, context)
    if request.htmx:
        query = f"?{urlencode({'search': search})}" if search else ""
        response["HX-Push-Url"] = reverse("customers:list") + query
    return response


@require_http_methods(["GET", "POST"])
@members_only()
def new(request: MemberRequest) -> HttpResponse:
    """Somebody new. Sent twice, the form adds one."""
    form = _form(request, None)
    if form.is_valid():
        try:
            customer = add_customer(
                **form.details, key=form.given_key, by=request.member, at=timezone.now()
            )
        except CustomerImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("%(name)s was added.") % {"name": customer.name})
            return redirect("customers:show", customer.pk)
    return _edited(request, form, None)


@require_GET
@members_only()
def show(request: MemberRequest, pk: int) -> HttpResponse:
    """One customer: who they are, which papers were seen, what their account comes to."""
    customer = customer_by_id(pk)
    if customer.pk != pk:
        return redirect("customers:show", customer.pk)
    profile = profile_of(customer)
    context = {
        "customer": customer,
        "profile": profile,
        "ring": ring_sizes(profile.ring_mm) if profile and profile.ring_mm else None,
        "occasions": occasions_of(customer),
        "papers": papers_of(customer),
        "in_charge": request.member.role in IN_CHARGE,
        "currency": request.member.shop.currency,
        "today": day_of(request.member.shop, timezone.now()),
    }
    return render(request, "customers/show.html", context)


@require_http_methods(["GET", "POST"])
@members_only()
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Write a customer's details anew."""
    customer = customer_by_id(pk)
    form = _form(request, customer)
    if form.is_valid():
        try:
            change_customer(pk=pk, **form.details, by=request.member, at=timezone.now())
        except CustomerImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("The details were saved."))
            return redirect("customers:show", pk)
    return _edited(request, form, customer)


@require_http_methods(["GET", "POST"])
@members_only()
def paper(request: MemberRequest, pk: int) -> HttpResponse:
    """Write down a paper that the customer shows."""
    customer = customer_by_id(pk)
    form = PaperForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_paper(customer=customer, **form.cleaned_data, by=request.member, at=timezone.now())
        except CustomerImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("The paper was written down."))
            return redirect("customers:show", pk)
    context = {"form": form, "customer": customer}
    return render(request, "customers/paper.html", context, status=422 if form.is_bound else 200)


def _form(request: MemberRequest, customer: Customer | None) -> CustomerForm:
    return CustomerForm(
        request.POST if request.method == "POST" else None,
        currency=request.member.shop.currency,
        sets_limit=request.member.role in IN_CHARGE,
        customer=customer,
    )


def _edited(request: MemberRequest, form: CustomerForm, customer: Customer | None) -> HttpResponse:
    code = request.member.shop.currency
    context = {
        "form": form,
        "customer": customer,
        "currency": code,
        "exponent": currency(code).exponent,
    }
    return render(request, "customers/edit.html", context, status=422 if form.is_bound else 200)


def _links(page: CustomerPage, search: str) -> dict[str, Any]:
    kept = {"search": search} if search else {}
    return {
        f"{name}_url": f"?{urlencode({**kept, mark: at})}" if at is not None else ""
        for name, mark, at in (("previous", "before", page.before), ("next", "after", page.after))
    }


def _mark(request: HttpRequest, name: str) -> int | None:
    """What is no id marks no place: the list begins at its beginning."""
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _LONGEST_ID else None
