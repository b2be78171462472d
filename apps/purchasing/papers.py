"""Papers of the old gold and of suppliers' metal.

A slip has what the seller declares and the lines for two signatures, on A4 or on the roll; a
receipt of metal and a fixing are on the roll.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.purchasing.models import Fixing, MetalReceipt, OldGoldSlip
from apps.purchasing.selectors.slips import items_of, payments_of, voids_of
from apps.shops.models import Shop

A4: Final = "purchasing/paper/slip_a4.html"
ROLL: Final = "purchasing/paper/slip_roll.html"
PAPERS: Final = {"a4": A4, "80": ROLL}
_METAL: Final = "purchasing/paper/metal_roll.html"


def slip_paper(slip: OldGoldSlip, template: str = A4) -> bytes:
    """Draw the slip in the active language, at the hours of the shop.

    Raises PdfLibrariesMissing, PrinterBusy.
    """
    items = items_of(slip)
    context = {
        "slip": slip,
        "items": items,
        "gross_g": sum(item.gross_weight_g for item in items),
        "fine_g": sum(item.fine_weight_g for item in items),
        "payments": payments_of(slip),
        "voids": voids_of(slip),
    }
    return _drawn(template, slip.code, context, shop=slip.by.shop)


def metal_paper(paper: MetalReceipt | Fixing, *, shop: Shop) -> bytes:
    """Draw a receipt of metal or a fixing. Raises PdfLibrariesMissing, PrinterBusy."""
    context = {
        "paper": paper,
        "is_fixing": isinstance(paper, Fixing),
        "currency": shop.currency,
    }
    return _drawn(_METAL, paper.code, context, shop=shop)


def _drawn(template: str, code: str, context: Mapping[str, Any], *, shop: Shop) -> bytes:
    common = {
        "shop": shop,
        "qr": qr_svg(code),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(shop.zone):
        html = render_to_string(template, {**context, **common})
    return pdf.draw(html, cut=template != A4)
