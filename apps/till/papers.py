"""The drawer's papers: a Z report on A4 or on the 80 mm roll, an X and a cash slip on the roll."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.shops.models import Register, Shift, Shop
from apps.till.models import CashMove, ZReport
from apps.till.report import report_of
from apps.till.selectors import corrections_of
from apps.till.snapshot import close_of

A4: Final = "till/paper/z_a4.html"
ROLL: Final = "till/paper/z_roll.html"
PAPERS: Final = {"a4": A4, "80": ROLL}
ROLL_AND_A4: Final = (("80", gettext_lazy("80 mm")), ("a4", gettext_lazy("A4")))
_X: Final = "till/paper/x_roll.html"
_SLIP: Final = "till/paper/slip_roll.html"


def z_paper(z: ZReport, template: str) -> bytes:
    """Draw the Z in the active language, at the hours of the shop.

    Raises PdfLibrariesMissing, PrinterBusy.
    """
    close = close_of(z)
    context = {
        "close": close,
        "report": close.report,
        "currency": close.currency,
        "corrections": list(corrections_of(z)),
        "qr": qr_svg(close.code),
    }
    return _drawn(template, context, time_zone=close.head["time_zone"])


def x_paper(till: Register, shift: Shift, *, shop: Shop, at: datetime) -> bytes:
    """Draw the open shift as it stands at `at`. Raises PdfLibrariesMissing, PrinterBusy."""
    context = {
        "till": till,
        "shift": shift,
        "shop": shop,
        "at": at,
        "report": report_of(shift, currency=shop.currency),
        "currency": shop.currency,
    }
    return _drawn(_X, context, time_zone=shop.time_zone)


def slip_paper(move: CashMove, *, shop: Shop) -> bytes:
    """Draw a cash slip. Raises PdfLibrariesMissing, PrinterBusy."""
    context = {"move": move, "shop": shop, "qr": qr_svg(move.code)}
    return _drawn(_SLIP, context, time_zone=shop.time_zone)


def _drawn(template: str, context: Mapping[str, Any], *, time_zone: str) -> bytes:
    spoken = {
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(time_zone):
        html = render_to_string(template, {**context, **spoken})
    return pdf.draw(html, cut=template != A4)
