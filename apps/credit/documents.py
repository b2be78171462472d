"""What stands in a customer's account: what such a document is called, and where its page is."""

from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.ledger import chart

# What the ledger calls it → its name, and the page that takes its number; empty: it has none.
_DOCUMENTS: Final[dict[str, tuple[str | Promise, str]]] = {
    "sale": (_("Sale"), "sales:receipt"),
    "payment": (_("Payment"), "credit:payment"),
    "gift-card": (_("Gift card"), "credit:gift-card"),
    "deposit": (_("Deposit"), ""),
    "scheme": (_("Savings scheme"), ""),
    "old-gold": (_("Old gold"), "purchasing:slip"),
    "old-gold-void": (_("Old gold, undone"), ""),
    "old-gold-payout": (_("Paid for old gold"), ""),
    "metal-receipt": (_("Metal received"), ""),
    "fixing": (_("Metal fixed"), ""),
    "refiner": (_("Settled by the refiner"), ""),
    "void": (_("Void"), "returns:document"),
    "return": (_("Return"), "returns:document"),
    "exchange": (_("Exchange"), "returns:document"),
    "buy_back": (_("Buy-back"), "returns:document"),
}
# The accounts that are many people's, as the customer would call them.
ACCOUNTS: Final[dict[str, str | Promise]] = {
    chart.DUES: _("Dues"),
    chart.STORE_CREDIT: _("Store credit"),
    chart.ADVANCES: _("Deposits"),
    chart.SCHEMES: _("Savings scheme"),
    chart.OLD_GOLD_DUE: _("Old gold, to be paid"),
    chart.PAYABLE: _("Owed to them"),
    chart.METAL_PAYABLE: _("Metal, not fixed yet"),
}


def document_name(what: str) -> str:
    """What a reader calls such a document."""
    return str(_DOCUMENTS[what][0]) if what in _DOCUMENTS else what


def document_url(what: str, reference: str) -> str:
    """The page of a document; empty where it has none."""
    page = _DOCUMENTS.get(what, ("", ""))[1]
    try:
        return reverse(page, args=[reference]) if page else ""
    except NoReverseMatch:
        return ""  # a reference that no page of this kind can have
