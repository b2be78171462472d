"""Doors of the counter: discounts."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import Invalid, Refusal, status_of
from apps.core.units import plain
from apps.sales.forms import AMOUNT, PERCENT, DiscountForm
from apps.sales.models import OpenSaleLine
from apps.sales.services.counter import discount_line, drop_discount, line_to_change
from apps.sales.services.share_discount import discount_bill
from apps.sales.views.parts import Shown, changed, refuse, show, till
from apps.shops.access import MemberRequest, members_only

UNPROCESSABLE = status_of(Invalid())


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def line_discount(request: MemberRequest, line: int) -> HttpResponse:
    """Reduce one line: the form inside the line, and what it says."""
    code = request.member.shop.currency
    if request.method != "POST":
        try:
            found = line_to_change(line=line, register=till(request))
        except Refusal as refusal:
            return refuse(request, refusal)
        return show(
            request,
            Shown(editing=str(line), form=DiscountForm(initial=_as_typed(found), code=code)),
        )
    form = DiscountForm(request.POST, code=code)
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
        ),
        editing=str(line),
        form=form,
    )


def _as_typed(line: OpenSaleLine) -> dict[str, str]:
    if not line.discount_on:
        return {"unit": PERCENT}
    by_percent = line.discount_percent is not None
    number = line.discount_percent if by_percent else line.discount_amount
    return {
        "value": "" if number is None else plain(number),
        "unit": PERCENT if by_percent else AMOUNT,
        "on": line.discount_on,
        "reason": line.discount_reason,
    }


@require_POST
@members_only()
def line_discount_drop(request: MemberRequest, line: int) -> HttpResponse:
    """Ask the full price again."""
    return changed(request, lambda: drop_discount(line=line, register=till(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def bill_discount(request: MemberRequest) -> HttpResponse:
    """Reduce all pieces of the sale at once."""
    code = request.member.shop.currency
    if request.method != "POST":
        form = DiscountForm(initial={"unit": PERCENT}, code=code)
        return show(request, Shown(editing="bill", form=form))
    form = DiscountForm(request.POST, code=code)
    if not form.is_valid():
        return show(request, Shown(editing="bill", form=form), status=UNPROCESSABLE)
    return changed(
        request,
        lambda: discount_bill(
            terms=form.terms(), register=till(request), by=request.member, at=timezone.now()
        ),
        editing="bill",
        form=form,
    )
