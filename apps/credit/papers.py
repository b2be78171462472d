"""A statement on paper."""

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.paper import pdf
from apps.credit.accounts import Statement
from apps.shops.models import Shop


def statement_paper(found: Statement, *, shop: Shop) -> bytes:
    """Draw the statement on A4 in the active language.

    Raises PdfLibrariesMissing, PrinterBusy.
    """
    context = {
        "found": found,
        "shop": shop,
        "printed_at": timezone.now(),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    return pdf.draw(render_to_string("credit/paper/statement.html", context), cut=False)
