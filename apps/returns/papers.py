"""A document as it is read and printed: its head, its lines in words, what was paid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.credit.refunds import Paid
from apps.returns.models import Document, DocumentKind, Paper
from apps.returns.selectors.documents import told
from apps.returns.words import LineShown, line_shown
from apps.sales.receipts.bill import Head
from apps.sales.receipts.prints import Printing
from apps.till.kinds import TenderKind

_TEMPLATES: Final = {Paper.A4: "returns/paper_a4.html", Paper.ROLL: "returns/paper_roll.html"}


@dataclass(frozen=True, slots=True)
class PaidOut:
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the page and both papers show of a document."""

    document: Document
    title: str
    head: Head
    lines: tuple[LineShown, ...]
    paid: tuple[PaidOut, ...]

    @property
    def is_purchase(self) -> bool:
        return self.document.kind == DocumentKind.BUY_BACK

    @property
    def has_kept(self) -> bool:
        return bool(self.document.kept)


def sheet_of(document: Document) -> Sheet:
    """The document of `document_by_code` in the active language; two statements, a void three."""
    read = told(document)
    return Sheet(
        document=document,
        title=title_of(document.kind),
        head=Head(register=document.register.name, **document.terms["head"]),
        lines=tuple(line_shown(line) for line in read.lines),
        paid=tuple(_paid(document, read.payments)),
    )


def title_of(kind: str) -> str:
    """What the paper is called: a credit note, where tax is given back."""
    titles = {
        DocumentKind.VOID: pgettext("document", "Void"),
        DocumentKind.RETURN: _("Credit note"),
        DocumentKind.EXCHANGE: _("Exchange"),
        DocumentKind.BUY_BACK: _("Purchase of own goods"),
    }
    return titles[DocumentKind(kind)]


def pdf_of(document: Document, *, paper: Paper, printing: Printing) -> bytes:
    """Draw the document in the active language, at the hours of its shop.

    Raises PdfLibrariesMissing, PrinterBusy.
    """
    sheet = sheet_of(document)
    context = {
        "sheet": sheet,
        "document": document,
        "qr": qr_svg(document.code),
        "printing": printing,
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(sheet.head.time_zone):
        html = render_to_string(_TEMPLATES[paper], context)
    return pdf.draw(html, cut=paper == Paper.ROLL)


def _paid(document: Document, payments: Sequence[Paid]) -> list[PaidOut]:
    """What went back: a void gives each payment of the bill back as it came."""
    if document.kind == DocumentKind.VOID:
        payments = list(document.sale.tenders.filter(amount__gt=0).order_by("position"))
    return [PaidOut(str(TenderKind(row.kind).label), row.amount) for row in payments]
