"""Paying and being paid, by every tender that is not bound to a sale.

What deposits, refunds, old gold, dues and gift cards have in common: each
hands its tenders here, under the number it has taken, and posts the amounts
that come back together with its own. Before it takes the number it calls
`apps.credit.tenders.hold`, so that balances are locked before the till is.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from apps.credit.tendered import Tendered, TenderNotHere
from apps.credit.tenders import Counter, Taken, give_all, take_all
from apps.customers.cash import Cash, keep_cash, undo_cash
from apps.customers.models import Customer
from apps.customers.rules.places import Way
from apps.ledger.services import Amount
from apps.shops.approvals import Approver
from apps.shops.models import Member
from apps.shops.services import DocumentNumber
from apps.till.drawer import demand_cash_for
from apps.till.kinds import TenderKind
from apps.till.models import Direction, Payment

__all__ = ["TenderNotHere", "Tendered", "pay_out", "receive"]


def receive(
    tenders: Sequence[Tendered],
    *,
    what: str,
    number: DocumentNumber,
    by: Member,
    at: datetime,
    customer: Customer | None = None,
    reason: str = "",
    approver: Approver | None = None,
    undoes: str = "",
) -> list[Amount]:
    """Write down what a customer pays for a document; the debits to post with it.

    `reason` and `approver`: for more on account than the customer's limit, and for cash above a
    limit that warns. `undoes`: the document whose payment comes back by this.
    Raises NotInDrawer (change), and what `apps.credit.tenders.take_all` and
    `apps.customers.cash.keep_cash` raise.
    """
    counter = Counter(
        by=by, at=at, reference=str(number), customer=customer, reason=reason, approver=approver
    )
    taken = take_all(tenders, counter)
    if undoes:
        undo_cash(reference=undoes, what=what, by=by, at=at)
    else:
        _keep_cash(taken, Way.IN, what, counter)
    return _written(taken, Direction.IN, what, number, counter)


def pay_out(
    tenders: Sequence[Tendered],
    *,
    what: str,
    number: DocumentNumber,
    by: Member,
    at: datetime,
    customer: Customer | None = None,
    reason: str = "",
    approver: Approver | None = None,
) -> list[Amount]:
    """Write down what the shop pays for a document; the credits to post with it.

    Store credit goes to the customer's account, on account lowers what they
    owe, a gift card is named by its document's number. Cash is the shop's own
    currency where the tender names no other.
    `reason` and `approver`: for cash above a limit that warns.
    Raises NotInDrawer, and what `apps.credit.tenders.give_all` and
    `apps.customers.cash.keep_cash` raise.
    """
    counter = Counter(
        by=by, at=at, reference=str(number), customer=customer, reason=reason, approver=approver
    )
    given = give_all(tenders, counter)
    _keep_cash(given, Way.OUT, what, counter)
    return _written(given, Direction.OUT, what, number, counter)


def _keep_cash(taken: Sequence[Taken], way: Way, what: str, counter: Counter) -> None:
    """Hold the cash among the tenders against the limits of the place."""
    tenders = [one.tender for one in taken]
    cash = sum((tender.amount for tender in tenders if tender.kind == TenderKind.CASH), Decimal(0))
    keep_cash(
        Cash(amount=cash, way=way, what=what, reference=counter.reference),
        customer=counter.customer,
        by=counter.by,
        at=counter.at,
        reason=counter.reason,
        approver=counter.approver,
    )


def _written(
    taken: Sequence[Taken],
    direction: Direction,
    what: str,
    number: DocumentNumber,
    counter: Counter,
) -> list[Amount]:
    amounts = [amount for one in taken for amount in one.amounts]
    # Change of foreign cash leaves the drawer as a payment does.
    demand_cash_for(amounts, shift=number.shift_id)
    Payment.objects.bulk_create(
        Payment(
            shop_id=counter.by.shop_id,
            shift_id=number.shift_id,
            what=what,
            reference=str(number),
            position=position,
            direction=direction,
            kind=tender.kind,
            amount=tender.amount,
            given=tender.given if tender.given is not None else tender.amount,
            currency=tender.currency or counter.currency,
            foreign=tender.foreign,
            rate=tender.rate,
            instrument=tender.instrument,
            at=counter.at,
            by=counter.by,
        )
        for position, tender in enumerate(one.tender for one in taken)
    )
    return amounts
