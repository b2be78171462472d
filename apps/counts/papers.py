"""The count on A4: expected and seen, tray by tray, and every line that differs."""

from decimal import Decimal

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.paper import pdf
from apps.counts.models import StockCount
from apps.counts.results import CountResult
from apps.shops.models import Shop


def count_paper(count: StockCount, result: CountResult, *, shop: Shop, blind: bool) -> bytes:
    """Draw the count in the active language, at the hours of the shop.

    `blind`: without what is expected, for who counts. Raises PdfLibrariesMissing, PrinterBusy.
    """
    context = {
        "count": count,
        "result": result,
        "shop": shop,
        "blind": blind,
        "none": Decimal(0),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(shop.time_zone):
        html = render_to_string("counts/paper/count_a4.html", context)
    return pdf.draw(html, cut=False)
