"""Doors: what the shop knows of a customer beside name and number, and the days that come back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.customers.coming import coming_days
from apps.customers.forms import DayForm, LookForm, ProfileForm
from apps.customers.models import Customer
from apps.customers.profiles import add_day, look_at_number, remove_day, write_profile
from apps.customers.selectors import (
    customer_by_id,
    looks_at,
    occasions_of,
    paper_of,
    profile_of,
)
from apps.customers.services import CustomerImpossible
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import Role


@require_http_methods(["GET", "POST"])
@members_only()
def profile(request: MemberRequest, pk: int) -> HttpResponse:
    """Sizes, tastes, other phones, consent."""
    customer = customer_by_id(pk)
    form = ProfileForm(
        request.POST if request.method == "POST" else None, profile=profile_of(customer)
    )
    if form.is_valid():
        try:
            write_profile(pk=pk, wishes=form.wishes, by=request.member, at=timezone.now())
        except CustomerImpossible as impossible:
            form.add_error(
                {"ring_mm": "ring"}.get(impossible.field, impossible.field), str(impossible)
            )
        else:
            messages.success(request, _("The profile was saved."))
            return redirect("customers:show", customer.pk)
    return _profile_page(request, customer, form, DayForm(), 422 if form.is_bound else 200)


@require_POST
@members_only()
def day(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a day that comes back every year."""
    customer = customer_by_id(pk)
    form = DayForm(request.POST)
    if form.is_valid():
        try:
            add_day(pk=pk, **form.cleaned_data, by=request.member, at=timezone.now())
        except CustomerImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("The day was written down."))
            return redirect("customers:profile", customer.pk)
    return _profile_page(request, customer, ProfileForm(profile=profile_of(customer)), form, 422)


@require_POST
@members_only()
def forget_day(request: MemberRequest, pk: int, occasion: int) -> HttpResponse:
    """Take a day away."""
    remove_day(pk=pk, occasion=occasion)
    messages.success(request, _("The day was taken away."))
    return redirect("customers:profile", pk)


@require_GET
@members_only()
def days(request: MemberRequest) -> HttpResponse:
    """Whose birthday, wedding day or other day comes this month, in the reader's calendar."""
    coming = coming_days(today=day_of(request.member.shop, timezone.now()))
    return render(request, "customers/days.html", {"coming": coming})


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER, Role.MANAGER)
@never_cache
def look(request: MemberRequest, pk: int, paper: int) -> HttpResponse:
    """The whole number of a paper, after a reason; who looked is listed under it."""
    customer = customer_by_id(pk)
    found = paper_of(customer, paper)
    form = LookForm(request.POST if request.method == "POST" else None)
    number = ""
    if form.is_valid():
        number = look_at_number(
            customer=customer,
            paper=paper,
            reason=form.cleaned_data["reason"],
            by=request.member,
            at=timezone.now(),
        )
    context = {
        "customer": customer,
        "paper": found,
        "form": form,
        "number": number,
        "looks": looks_at(customer),
    }
    return render(
        request,
        "customers/look.html",
        context,
        status=422 if form.is_bound and not number else 200,
    )


def _profile_page(
    request: MemberRequest, customer: Customer, form: ProfileForm, day_form: DayForm, status: int
) -> HttpResponse:
    context: dict[str, Any] = {
        "customer": customer,
        "form": form,
        "day_form": day_form,
        "occasions": occasions_of(customer),
    }
    return render(request, "customers/profile.html", context, status=status)
