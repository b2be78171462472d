"""Metal of suppliers: what is owed in grams, received unfixed, fixed."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import Refusal, status_of
from apps.core.formatting import grams
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import find
from apps.pricing.models import Metal
from apps.purchasing.forms.melting import FixForm, ReceiveForm
from apps.purchasing.selectors.metal import newest_of_metal, owed_in_money, unfixed
from apps.purchasing.services.metal import fix, receive_metal
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE

MOST_SUPPLIERS = 200


@require_safe
@members_only(*IN_CHARGE)
def positions(request: MemberRequest) -> HttpResponse:
    """What suppliers are owed in grams and in money, and the two things one does about it."""
    return _page(request)


@require_POST
@members_only(*IN_CHARGE)
def receiving(request: MemberRequest) -> HttpResponse:
    """Metal came in, its price is not agreed."""
    form = ReceiveForm(request.POST, suppliers=_suppliers())
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            receipt = receive_metal(
                supplier=int(given["supplier"]),
                metal=given["metal"],
                gross_g=given["gross_g"],
                fineness=given["fineness"],
                rate_per_fine_g=given["rate_per_fine_g"],
                key=form.given_key,
                by=request.member,
                at=timezone.now(),
                register=request.register.code if request.register else "",
            )
        except Refusal as refusal:
            status = _show(form, refusal)
        else:
            messages.success(request, _("%(number)s is received.") % {"number": receipt.code})
            return redirect("purchasing:positions")
    return _page(request, receive=form, status=status)


@require_POST
@members_only(*IN_CHARGE)
def fixing(request: MemberRequest) -> HttpResponse:
    """Grams become money at an agreed rate."""
    form = FixForm(request.POST, accounts=_accounts())
    status = 422
    if form.is_valid():
        supplier, metal = form.supplier_and_metal
        try:
            done = fix(
                supplier=supplier,
                metal=metal,
                fine_g=form.cleaned_data["fine_g"],
                rate_per_fine_g=form.cleaned_data["rate_per_fine_g"],
                key=form.given_key,
                by=request.member,
                at=timezone.now(),
                register=request.register.code if request.register else "",
            )
        except Refusal as refusal:
            status = _show(form, refusal)
        else:
            messages.success(request, _("%(number)s is fixed.") % {"number": done.code})
            return redirect("purchasing:positions")
    return _page(request, fix=form, status=status)


def _page(request: MemberRequest, *, status: int = 200, **forms: Form) -> HttpResponse:
    open_ones = unfixed()
    owed = owed_in_money()
    people = Customer.objects.in_bulk(owed)
    context = {
        "unfixed": open_ones,
        "owed": sorted(
            ((people[pk], amount) for pk, amount in owed.items()), key=lambda one: one[0].name
        ),
        "newest": newest_of_metal(),
        "suppliers": bool(_suppliers()),
        "receive_form": forms.get("receive") or ReceiveForm(suppliers=_suppliers()),
        "fix_form": forms.get("fix") or FixForm(accounts=_accounts()),
        "currency": request.member.shop.currency,
    }
    return render(request, "purchasing/positions.html", context, status=status)


def _suppliers() -> list[Customer]:
    return find("", MOST_SUPPLIERS, kind=CustomerKind.SUPPLIER)


def _accounts() -> list[tuple[str, str]]:
    return [
        (
            f"{one.supplier.pk}-{one.metal}",
            f"{one.supplier.name}, {Metal(one.metal).label}: {grams(one.fine_g)}",
        )
        for one in unfixed()
    ]


def _show(form: Form, refusal: Refusal) -> int:
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, str(refusal))
    return status_of(refusal)
