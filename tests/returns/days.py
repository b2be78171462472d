"""A bill to bring back, and what the books say before and after."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from apps.ledger.models import Posting
from apps.returns.orders import Asked, Back
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from tests import make

LATER = make.NOON + timedelta(hours=1)
TOTAL = make.RING_TOTAL


def sold(*tags, by, at=make.NOON, key="sale-1", given=None, payments=None, **more):
    """A sale of these pieces, paid in cash to the last coin unless something is said."""
    paid = payments or (Payment("cash", given or TOTAL * len(tags)),)
    return sell(
        order=Order(lines=tuple(map(Wanted, tags)), payments=tuple(paid), key=key, **more),
        by=by,
        at=at,
    ).sale


def asked(bill, *, key="key-1", reason="wrong size", **more):
    return Asked(bill=getattr(bill, "code", bill), reason=reason, key=key, **more)


def back(tag="R-1", *, weighed="10.000", **more):
    """The ring of make.piece(), as heavy as it was sold."""
    return Back(tag=tag, weighed_g=None if weighed is None else Decimal(weighed), **more)


def books():
    """What every account holds, by account and commodity; without what is zero."""
    sums = defaultdict(Decimal)
    for posting in Posting.objects.all():
        sums[posting.account, posting.commodity] += posting.amount
    return {key: amount for key, amount in sums.items() if amount}


def demand_balance():
    """Money and grams of all entries come to nothing."""
    sums = defaultdict(Decimal)
    for posting in Posting.objects.all():
        sums[posting.commodity] += posting.amount
    assert not any(sums.values()), dict(sums)
