"""The receipt of a finished sale: the page, and the paper."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import NotFound
from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.sales.models import Paper
from apps.sales.receipts.pdf import pdf_of
from apps.sales.receipts.prints import is_printed, papers_of, print_receipt, took_cash
from apps.sales.receipts.read import bill_of, sale_by_code
from apps.shops.access import MemberRequest, members_only
from apps.till.paper_doors import METHODS, answer_paper, paper_bar, prints

_PAPERS = {"": Paper.A4, "a4": Paper.A4, "a5": Paper.A5, "80": Paper.ROLL}
_OFFERED = ((Paper.ROLL, Paper.ROLL.label), (Paper.A4, Paper.A4.label), (Paper.A5, Paper.A5.label))


class PaperUnknown(NotFound):
    def __str__(self) -> str:
        return _("Receipts are printed on A4, on A5 or on the 80 mm roll. Choose one of them.")


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
        "bar": paper_bar(request, reverse("sales:receipt-pdf", args=[sale.code]), _OFFERED),
    }
    with timezone.override(bill.head.time_zone):
        response = render(request, "sales/receipt/receipt.html", context)
    patch_cache_control(response, private=True)
    return response


@require_http_methods(METHODS)
@members_only()
def receipt_pdf(request: MemberRequest, code: str) -> HttpResponse:
    """The paper. Each GET is a printing, the second a duplicate; a HEAD prints nothing.

    A POST prints on the till's printer, and opens the drawer with the first paper of a sale
    that took cash.
    """
    paper = Paper.ROLL if prints(request) else _PAPERS.get(request.GET.get("paper", ""))
    if paper is None:
        raise PaperUnknown
    sale = sale_by_code(code)

    def draw() -> bytes:
        printing = print_receipt(sale=sale, paper=paper, by=request.member, at=timezone.now())
        return pdf_of(bill_of(sale), paper=paper, printing=printing)

    kick = request.method == "POST" and took_cash(sale) and not is_printed(sale)
    return answer_paper(request, sale.code, draw, kick=kick)
