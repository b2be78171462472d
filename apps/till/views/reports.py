"""What a drawer should hold now, and what was closed: X, Z, their papers, their corrections."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import NotFound, Refusal, status_of
from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import needs_second
from apps.shops.models import IN_CHARGE, Action
from apps.till.forms import CorrectForm
from apps.till.models import ZReport
from apps.till.paper_doors import METHODS, answer_paper, paper_bar, prints
from apps.till.papers import PAPERS, ROLL_AND_A4, x_paper, z_paper
from apps.till.report import report_of
from apps.till.selectors import (
    closes_listed,
    corrected_by,
    corrections_of,
    the_open_shift,
    the_till,
    z_by_code,
)
from apps.till.services.correcting import correct
from apps.till.snapshot import close_of

CLOSES_PER_PAGE = 50


class PaperUnknown(NotFound):
    def __str__(self) -> str:
        return _("Z reports are printed on A4 or on the 80 mm roll. Choose one of the two.")


@require_safe
@members_only(*IN_CHARGE)
def x_report(request: MemberRequest) -> HttpResponse:
    """The shift as it stands: nothing is closed by looking."""
    till = the_till(request.register)
    shift = the_open_shift(till)
    currency = request.member.shop.currency
    context = {
        "till": till,
        "shift": shift,
        "report": report_of(shift, currency=currency),
        "currency": currency,
        "now": timezone.now(),
        "bar": paper_bar(request, reverse("till:x-pdf")),
    }
    return render(request, "till/x.html", context)


@require_safe
@members_only()
def z_list(request: MemberRequest) -> HttpResponse:
    """Closes, newest first; `?search=` a part of a number."""
    search = request.GET.get("search", "")[:40]
    pages = Paginator(closes_listed(search=search), CLOSES_PER_PAGE)
    context = {"page": pages.get_page(request.GET.get("page")), "search": search}
    return render(request, "till/z_list.html", context)


@require_safe
@members_only()
def z_page(request: MemberRequest, code: str) -> HttpResponse:
    """One close, as it was signed, with what was corrected after it.

    The number of a correction leads to the close that it corrects.
    """
    corrected = corrected_by(code)
    if corrected is not None:
        return redirect("till:z", code=corrected.code)
    z = z_by_code(code)
    return _shown(request, z, _correcting(request, z))


@require_POST
@members_only(*IN_CHARGE)
def z_correct(request: MemberRequest, code: str) -> HttpResponse:
    """Write a correction of a finished close."""
    now = timezone.now()
    z = z_by_code(code)
    form = _correcting(request, z)
    status = 422
    if form.is_valid():
        try:
            correction = correct(
                z=z,
                currency=form.cleaned_data["currency"],
                amount=form.difference,
                reason=form.cleaned_data["reason"],
                by=request.member,
                at=now,
                key=form.given_key,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            said = _("Correction %(number)s was written.") % {"number": correction.code}
            messages.success(request, said)
            return redirect("till:z", code=z.code)
    return _shown(request, z, form, status=status)


@require_http_methods(METHODS)
@members_only()
def z_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper, on A4 or on the roll; the same every time."""
    paper = PAPERS.get("80" if prints(request) else request.GET.get("paper", "a4"))
    if paper is None:
        raise PaperUnknown
    z = z_by_code(code)
    return answer_paper(request, z.code, lambda: z_paper(z, paper))


@require_http_methods(METHODS)
@members_only(*IN_CHARGE)
def x_pdf(request: MemberRequest) -> HttpResponse:
    """The open shift on the 80 mm roll, as it stands now."""
    till = the_till(request.register)
    shift = the_open_shift(till)
    name = f"X-{till.code}-{shift.number}"
    return answer_paper(
        request, name, lambda: x_paper(till, shift, shop=request.member.shop, at=timezone.now())
    )


def _correcting(request: MemberRequest, z: ZReport) -> CorrectForm:
    return CorrectForm(
        request.POST or None,
        currencies=list(z.snapshot["counted"]["cash"]),
        second=needs_second(Action.CORRECT, by=request.member, amount=None, at=timezone.now()),
    )


def _shown(
    request: MemberRequest, z: ZReport, form: CorrectForm, *, status: int = 200
) -> HttpResponse:
    close = close_of(z)
    context = {
        "z": z,
        "close": close,
        "report": close.report,
        "currency": close.currency,
        "corrections": list(corrections_of(z)),
        "form": form,
        "may_correct": request.member.role in IN_CHARGE,
        "qr": qr_svg(z.code),
        "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
        "bar": paper_bar(request, reverse("till:z-pdf", args=[z.code]), ROLL_AND_A4),
    }
    with timezone.override(close.head["time_zone"]):
        response = render(request, "till/z.html", context, status=status)
    patch_cache_control(response, private=True)
    return response
