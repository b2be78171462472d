"""The receipt of a finished sale: the page, and the paper."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.errors import NotFound
from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.sales.models import Paper
from apps.sales.receipts.pdf import pdf_of
from apps.sales.receipts.prints import papers_of, print_receipt
from apps.sales.receipts.read import bill_of, sale_by_code
from apps.shops.access import MemberRequest, members_only

_PAPERS = {"": Paper.A4, "a4": Paper.A4, "80": Paper.ROLL}


class PaperUnknown(NotFound):
    def __str__(self) -> str:
        return _("Receipts are printed on A4 or on the 80 mm roll. Choose one of the two.")


@require_safe
@members_only()
def receipt(request: MemberRequest, code: str) -> HttpResponse:
    """The bill on the screen; looking at it is no printing."""
    sale = sale_by_code(code)
    bill = bill_of(sale)
    context = {
        "bill": bill,
        "qr": qr_svg(bill.code),
        "papers": papers_of(sale),
        "why_no_pdf": None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
    }
    with timezone.override(bill.head.time_zone):
        response = render(request, "sales/receipt/receipt.html", context)
    patch_cache_control(response, private=True)
    return response


@require_safe
@members_only()
def receipt_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper. Each GET is a printing, the second a duplicate; a HEAD prints nothing."""
    paper = _PAPERS.get(request.GET.get("paper", ""))
    if paper is None:
        raise PaperUnknown
    sale = sale_by_code(code)
    pdf.demand_libraries()
    drawn = b""
    if request.method == "GET":
        printing = print_receipt(sale=sale, paper=paper, by=request.member, at=timezone.now())
        drawn = pdf_of(bill_of(sale), paper=paper, printing=printing)
    response = HttpResponse(drawn, content_type="application/pdf")
    name = content_disposition_header(False, f"{sale.code}.pdf")
    response.headers["Content-Disposition"] = name or "inline"
    # A browser that kept it would show the original again where a duplicate is due.
    patch_cache_control(response, private=True, no_store=True)
    return response
