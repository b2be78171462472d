"""From an entry of the books to the page of its document, and what such a document is called.

Pages are named, not imported: the apps that have them lie above the ledger.
"""

import re
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# What the ledger calls it → its name, and the page that takes its number: one for all, or one for
# the letters of each series.
DOCUMENTS: Final[dict[str, tuple[str | Promise, str | dict[str, str]]]] = {
    "sale": (_("Sale"), "sales:receipt"),
    "intake": (_("Pieces taken in"), "inventory:piece"),
    "write-off": (_("Written off"), "inventory:document"),
    "found": (_("Found again"), "inventory:document"),
    "retag": (_("Split or joined tags"), "inventory:document"),
    "piece-changed": (_("Piece weighed anew"), "inventory:piece"),
    "lot": (_("Lot"), "lots:lot"),
    "count": (_("Stock count"), "counts:count"),
    "void": (pgettext_lazy("document", "Void"), "returns:document"),
    "return": (_("Return"), "returns:document"),
    "exchange": (_("Exchange"), "returns:document"),
    "buy_back": (_("Buy-back"), "returns:document"),
    "float": (_("Float of a drawer"), "till:slip"),
    "cash-in": (_("Cash in"), "till:slip"),
    "cash-out": (_("Cash out"), "till:slip"),
    "close": (_("Close of a drawer"), "till:z"),
    "close-correction": (_("Correction of a close"), "till:z"),
    "payment": (_("Payment on account"), "credit:payment"),
    "merge": (_("Two customers made one"), "dossiers:merge-document"),
    "gift-card": (_("Gift card sold"), "credit:gift-card"),
    "gift-card-expiry": (_("Gift card run out"), "credit:gift-card"),
    "deposit": (
        _("Deposit"),
        {"D": "deposits:show", "P": "deposits:receipt", "O": "deposits:document"},
    ),
    "scheme": (
        _("Savings scheme"),
        {"S": "deposits:passbook", "P": "deposits:receipt", "O": "deposits:document"},
    ),
    "old-gold": (_("Old gold bought"), "purchasing:slip"),
    "old-gold-void": (_("Old gold given back"), "purchasing:document"),
    "old-gold-payout": (_("Old gold paid out"), "purchasing:document"),
    "assay": (_("Melt and assay"), "purchasing:bar"),
    "refiner": (_("Settled by the refiner"), "purchasing:document"),
    "memo": (_("Bought of its owner"), "consignment:memo"),
    "owner-payment": (_("Paid to an owner"), "consignment:payment"),
    "metal-receipt": (_("Metal received"), "purchasing:bar"),
    "fixing": (_("Metal fixed"), "purchasing:document"),
}
_SERIES: Final = re.compile(r"-([A-Z]+)[0-9]+$")  # the letters in 1-D000042
# One piece by its tag. Many pieces at once name a file or the opening, which have no page.
_TAG: Final = re.compile(r"[A-Z0-9][A-Z0-9/-]*")


def document_name(what: str) -> str:
    """What a reader calls such a document."""
    return str(DOCUMENTS[what][0]) if what in DOCUMENTS else what


def document_url(what: str, reference: str) -> str:
    """The page of a document; empty where it has none."""
    page = DOCUMENTS.get(what, ("", ""))[1]
    if isinstance(page, dict):
        series = _SERIES.search(reference)
        page = page.get(series[1], "") if series else ""
    if what == "intake" and not _TAG.fullmatch(reference):
        page = ""
    try:
        return reverse(page, args=[reference]) if page else ""
    except NoReverseMatch:
        return ""  # a reference that no page of this kind can have: text of another program
