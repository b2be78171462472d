"""A bill as PDF: on A4, or on the 80 mm roll cut below its last ink.

WeasyPrint needs libraries of the operating system. Whether they are there is found out here and
nowhere else; without them the page of the receipt still works, and the PDF is refused in one
sentence that names the command which installs them.
"""

from importlib import import_module
from threading import Lock
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.core.errors import Unavailable
from apps.sales.models import Paper
from apps.sales.receipts.bill import Bill
from apps.sales.receipts.prints import Printing
from apps.sales.receipts.qr import qr_svg

PACKAGES: Final = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fontconfig",
)
COMMAND: Final = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
_TEMPLATES: Final = {
    Paper.A4: "sales/receipt/a4.html",
    Paper.ROLL: "sales/receipt/roll.html",
}
# Pango's fonts are one set per process: papers are drawn one after another.
_LONGEST_WAIT_SECONDS: Final = 20.0
_drawing: Final = Lock()


class PdfLibrariesMissing(Unavailable):
    """The operating system lacks what WeasyPrint draws with."""

    def __str__(self) -> str:
        return _(
            "This machine has no libraries to draw PDFs with, and root installs them with"
            " “%(command)s”."
        ) % {"command": COMMAND}


class PrinterBusy(Unavailable):
    """Too many papers at once."""

    def __str__(self) -> str:
        return _("Other receipts are being drawn. Print this one again in a moment.")


def demand_libraries() -> None:
    """Raises PdfLibrariesMissing."""
    _drawer()


def can_draw() -> bool:
    """Whether this machine can make PDFs."""
    try:
        demand_libraries()
    except PdfLibrariesMissing:
        return False
    return True


def pdf_of(bill: Bill, *, paper: Paper, printing: Printing | None = None) -> bytes:
    """Draw the bill in the active language, at the hours of the shop it was sold in.

    `printing` says whether it is a duplicate; without one, it is nobody's paper (a mail).
    Raises PdfLibrariesMissing, PrinterBusy.
    """
    drawer = _drawer()
    html = _html(bill, paper, printing)
    if not _drawing.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise PrinterBusy
    try:
        drawn: bytes = drawer.draw(html, cut=paper == Paper.ROLL)
    finally:
        _drawing.release()
    return drawn


def _html(bill: Bill, paper: Paper, printing: Printing | None) -> str:
    context = {
        "bill": bill,
        "qr": qr_svg(bill.code),
        "printing": printing,
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(bill.head.time_zone):
        return render_to_string(_TEMPLATES[paper], context)


def _drawer() -> Any:
    # Importing asks the dynamic linker for the libraries; nothing else does so reliably.
    try:
        return import_module("apps.sales.receipts.drawing")
    except OSError as missing:
        raise PdfLibrariesMissing from missing
