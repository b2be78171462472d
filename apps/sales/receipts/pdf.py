"""A bill as PDF: on A4 or A5, or on the 80 mm roll cut below its last ink."""

from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.sales.models import Paper
from apps.sales.receipts.bill import Bill
from apps.sales.receipts.prints import Printing

_TEMPLATES: Final = {
    Paper.A4: "sales/receipt/a4.html",
    Paper.A5: "sales/receipt/a4.html",
    Paper.ROLL: "sales/receipt/roll.html",
}


def pdf_of(bill: Bill, *, paper: Paper, printing: Printing | None = None) -> bytes:
    """Draw the bill in the active language, at the hours of the shop it was sold in.

    `printing` says whether it is a duplicate; without one, it is nobody's paper (a mail).
    Raises PdfLibrariesMissing, PrinterBusy.
    """
    pdf.demand_libraries()
    return pdf.draw(_html(bill, paper, printing), cut=paper == Paper.ROLL)


def _html(bill: Bill, paper: Paper, printing: Printing | None) -> str:
    context = {
        "bill": bill,
        "qr": qr_svg(bill.code),
        "printing": printing,
        "paper": paper,
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(bill.head.time_zone):
        return render_to_string(_TEMPLATES[paper], context)
