"""Papers of the stock: the slip that goes with a parcel."""

from collections.abc import Sequence
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.inventory.models import Transfer, TransferLine
from apps.inventory.selectors.transfers import sums_of
from apps.shops.models import Shop

_SLIP: Final = "inventory/paper/transfer_a4.html"


def transfer_paper(transfer: Transfer, lines: Sequence[TransferLine], *, shop: Shop) -> bytes:
    """Draw the slip in the active language, at the hours of the shop.

    Raises PdfLibrariesMissing, PrinterBusy.
    """
    context = {
        "transfer": transfer,
        "lines": lines,
        "sums": sums_of(list(lines)),
        "shop": shop,
        "qr": qr_svg(transfer.code or shop.name),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(shop.time_zone):
        html = render_to_string(_SLIP, context)
    return pdf.draw(html, cut=False)
