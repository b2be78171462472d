"""Paying and being paid, by every tender that is not bound to a sale.

What deposits, refunds, old gold, dues and gift cards have in common: each
hands its tenders here, under the number it has taken, and posts the amounts
that come back together with its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.customers.models import Customer
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.shops.models import Member
from apps.shops.services import DocumentNumber
from apps.till.kinds import TenderKind
from apps.till.models import Direction, Payment

_ACCOUNTS = {
    TenderKind.CASH: chart.CASH,
    TenderKind.CARD: chart.CARD,
    TenderKind.TRANSFER: chart.BANK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendered:
    """One payment to be. `amount` counts, in the shop's currency.

    `given` (cash): what was handed over, the amount where nothing is said.
    `currency`, `foreign`, `rate`: cash of another currency, and what one unit
    of it is worth. `instrument`: the card slip, the gift card's code.
    """

    kind: TenderKind
    amount: Decimal
    given: Decimal | None = None
    currency: str = ""
    foreign: Decimal | None = None
    rate: Decimal | None = None
    instrument: str = ""


@dataclass(eq=False)
class TenderNotHere(Invalid):
    """A kind of payment that this document cannot be paid by."""

    kind: str

    def __str__(self) -> str:
        return _("%(kind)s is not taken here. Choose another payment.") % {
            "kind": TenderKind(self.kind).label
        }


def receive(
    tenders: Sequence[Tendered],
    *,
    what: str,
    number: DocumentNumber,
    by: Member,
    at: datetime,
    customer: Customer | None = None,
) -> list[Amount]:
    """Write down what a customer pays for a document; the debits to post with it.

    Raises TenderNotHere.
    """
    return list(
        _moved(tenders, Direction.IN, what=what, number=number, by=by, at=at, customer=customer)
    )


def pay_out(
    tenders: Sequence[Tendered],
    *,
    what: str,
    number: DocumentNumber,
    by: Member,
    at: datetime,
    customer: Customer | None = None,
) -> list[Amount]:
    """Write down what the shop pays for a document; the credits to post with it.

    Raises TenderNotHere.
    """
    return list(
        _moved(tenders, Direction.OUT, what=what, number=number, by=by, at=at, customer=customer)
    )


def _moved(
    tenders: Sequence[Tendered],
    direction: Direction,
    *,
    what: str,
    number: DocumentNumber,
    by: Member,
    at: datetime,
    customer: Customer | None,
) -> Iterator[Amount]:
    sign = 1 if direction == Direction.IN else -1
    currency = by.shop.currency
    rows = []
    for position, tender in enumerate(tenders):
        account = _ACCOUNTS.get(tender.kind)
        if account is None:
            raise TenderNotHere(kind=tender.kind.value)
        rows.append(
            Payment(
                shop_id=by.shop_id,
                shift_id=number.shift_id,
                what=what,
                reference=str(number),
                position=position,
                direction=direction,
                kind=tender.kind,
                amount=tender.amount,
                given=tender.given if tender.given is not None else tender.amount,
                currency=tender.currency or currency,
                foreign=tender.foreign,
                rate=tender.rate,
                instrument=tender.instrument,
                at=at,
                by=by,
            )
        )
        yield Amount(account=account, commodity=currency, amount=sign * tender.amount)
    Payment.objects.bulk_create(rows)
