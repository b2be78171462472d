"""Sales that are paid out of somebody's account."""

from decimal import Decimal

from apps.credit.exchange import set_cash_rate
from apps.ledger.models import Posting
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from tests import make


def bought(*payments, by, tags=("R-1",), key="key-0001", at=make.NOON, **more):
    """A finished sale that is paid by these."""
    order = Order(
        lines=tuple(Wanted(tag) for tag in tags), payments=tuple(payments), key=key, **more
    )
    return sell(order=order, by=by, at=at)


def pay(kind, amount=0, instrument=""):
    """A payment; no amount is as much as the bill needs."""
    return Payment(kind, Decimal(amount), instrument=instrument)


def dollars(amount):
    return Payment("cash", Decimal(0), currency="USD", foreign=Decimal(amount))


def dollar_rate(rate="3.65", *, by, at=make.NOON):
    return set_cash_rate(code="USD", rate=Decimal(rate), by=by, at=at)


def posted(sale, commodity="AED"):
    """What a sale posted in one commodity, by account."""
    found = Posting.objects.filter(entry__reference=sale.code, commodity=commodity)
    return {posting.account: posting.amount for posting in found}


def paid_by(done):
    """Kind, amount and what it was paid by, of each tender."""
    return [(t.kind, str(t.amount.normalize()), t.instrument) for t in done.tenders]
