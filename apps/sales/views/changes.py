"""Doors of the counter: discounts, other prices, and the rates that were quoted."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import Invalid, Refusal, status_of
from apps.core.fields import as_typed
from apps.core.formatting import in_shown_unit
from apps.sales.models import OpenSaleLine
from apps.sales.price_forms import AMOUNT, PERCENT, DiscountForm, PriceForm
from apps.sales.services.counter import line_to_change
from apps.sales.services.line_price import discount_line, drop_discount, price_line
from apps.sales.services.rates import keep_rates, take_rates
from apps.sales.services.share_discount import discount_bill
from apps.sales.views.parts import Shown, changed, refuse, show, till
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import IN_CHARGE

UNPROCESSABLE = status_of(Invalid())


def _second(request: MemberRequest) -> bool:
    """Whether the form has room for somebody who agrees."""
    return request.member.role not in IN_CHARGE


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def line_discount(request: MemberRequest, line: int) -> HttpResponse:
    """Reduce one line: the form inside the line, and what it says."""
    code, second = request.member.shop.currency, _second(request)
    if request.method != "POST":
        try:
            found = line_to_change(line=line, register=till(request))
        except Refusal as refusal:
            return refuse(request, refusal)
        form = DiscountForm(initial=_as_typed(found, code), code=code, second=second)
        return show(request, Shown(editing=str(line), form=form))
    form = DiscountForm(request.POST, code=code, second=second)
    if not form.is_valid():
        return show(request, Shown(editing=str(line), form=form), status=UNPROCESSABLE)
    return changed(
        request,
        lambda: discount_line(
            line=line,
            terms=form.terms(),
            register=till(request),
            by=request.member,
            at=timezone.now(),
            approver=form.approved,
        ),
        editing=str(line),
        form=form,
    )


def _as_typed(line: OpenSaleLine, code: str) -> dict[str, str]:
    if not line.discount_on:
        return {"unit": PERCENT}
    by_percent = line.discount_percent is not None
    number = line.discount_percent
    if line.discount_amount is not None:
        number = in_shown_unit(line.discount_amount, code)
    return {
        "value": "" if number is None else as_typed(number),
        "unit": PERCENT if by_percent else AMOUNT,
        "on": line.discount_on,
        "reason": line.discount_reason,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def line_price(request: MemberRequest, line: int) -> HttpResponse:
    """Let one line cost something else: the form inside the line, and what it says."""
    code, second = request.member.shop.currency, _second(request)
    if request.method != "POST":
        form = PriceForm(code=code, second=second)
        return show(request, Shown(editing=str(line), form=form, pricing=True))
    form = PriceForm(request.POST, code=code, second=second)
    if not form.is_valid():
        shown = Shown(editing=str(line), form=form, pricing=True)
        return show(request, shown, status=UNPROCESSABLE)
    return changed(
        request,
        lambda: price_line(
            line=line,
            total=form.total,
            making=form.making,
            reason=form.cleaned_data["reason"],
            register=till(request),
            by=request.member,
            at=timezone.now(),
            approver=form.approved,
        ),
        editing=str(line),
        form=form,
        pricing=True,
    )


@require_POST
@members_only()
def line_discount_drop(request: MemberRequest, line: int) -> HttpResponse:
    """Ask the full price again."""
    return changed(request, lambda: drop_discount(line=line, register=till(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def bill_discount(request: MemberRequest) -> HttpResponse:
    """Reduce all pieces of the sale at once."""
    code, second = request.member.shop.currency, _second(request)
    if request.method != "POST":
        form = DiscountForm(initial={"unit": PERCENT}, code=code, second=second)
        return show(request, Shown(editing="bill", form=form))
    form = DiscountForm(request.POST, code=code, second=second)
    if not form.is_valid():
        return show(request, Shown(editing="bill", form=form), status=UNPROCESSABLE)
    return changed(
        request,
        lambda: discount_bill(
            terms=form.terms(),
            register=till(request),
            by=request.member,
            at=timezone.now(),
            approver=form.approved,
        ),
        editing="bill",
        form=form,
    )


@require_POST
@members_only()
def rates_keep(request: MemberRequest) -> HttpResponse:
    """Stand by the quoted rates."""
    return changed(request, lambda: keep_rates(register=till(request), at=timezone.now()))


@require_POST
@members_only()
def rates_take(request: MemberRequest) -> HttpResponse:
    """Price the sale at the rates of now."""
    return changed(request, lambda: take_rates(register=till(request), at=timezone.now()))
