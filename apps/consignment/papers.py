"""A memo on A4: what was agreed, piece by piece, with lines for two signatures."""

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.consignment.models import Memo
from apps.consignment.selectors.memos import lines_of, party_of
from apps.consignment.selectors.owners import OwnerStatement
from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.inventory.selectors import whole_pieces
from apps.shops.models import Shop


def memo_paper(memo: Memo, *, shop: Shop) -> bytes:
    """Draw the memo in the active language. Raises PdfLibrariesMissing, PrinterBusy."""
    lines = lines_of(memo)
    wholes = {
        whole.piece.pk: whole for whole in whole_pieces(tags=[line.piece.tag for line in lines])
    }
    context = {
        "memo": memo,
        "party": party_of(memo),
        "lines": [(line, wholes[line.piece_id]) for line in lines],
        "net_g": sum(wholes[line.piece_id].net_weight_g for line in lines),
        "qr": qr_svg(memo.code),
    }
    return _drawn("consignment/paper/memo.html", context, shop=shop)


def statement_paper(found: OwnerStatement, *, shop: Shop) -> bytes:
    """Draw how it stands with an owner. Raises as `memo_paper`."""
    context = {"found": found, "printed_at": timezone.now()}
    return _drawn("consignment/paper/statement.html", context, shop=shop)


def _drawn(template: str, context: dict[str, object], *, shop: Shop) -> bytes:
    common = {
        "shop": shop,
        "currency": shop.currency,
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(shop.zone):
        html = render_to_string(template, {**context, **common})
    return pdf.draw(html, cut=False)
