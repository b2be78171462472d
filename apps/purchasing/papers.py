"""A slip on A4, with what the seller declares and the lines for two signatures."""

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.purchasing.models import OldGoldSlip
from apps.purchasing.selectors.slips import items_of, payments_of, voids_of


def slip_paper(slip: OldGoldSlip) -> bytes:
    """Draw the slip in the active language, at the hours of the shop.

    Raises PdfLibrariesMissing, PrinterBusy.
    """
    items = items_of(slip)
    context = {
        "slip": slip,
        "shop": slip.by.shop,
        "items": items,
        "gross_g": sum(item.gross_weight_g for item in items),
        "fine_g": sum(item.fine_weight_g for item in items),
        "payments": payments_of(slip),
        "voids": voids_of(slip),
        "qr": qr_svg(slip.code),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(slip.by.shop.zone):
        html = render_to_string("purchasing/paper/slip_a4.html", context)
    return pdf.draw(html, cut=False)
