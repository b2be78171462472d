"""What the stock holds more or less than the books said, without anybody buying or selling."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.shops.models import Member


def post_difference(
    more: Iterable[tuple[str, Decimal]], *, what: str, reference: str, by: Member, at: datetime
) -> None:
    """Dr stock, Cr "stock lost and found" with what is more; the other way with what is less.

    `more`: (commodity, amount) of cost and of fine grams, below zero where it is less. Nothing is
    posted where nothing differs. Raises DayClosed.
    """
    amounts = [
        half
        for commodity, amount in more
        for half in (
            Amount(account=chart.STOCK, commodity=commodity, amount=amount),
            Amount(account=chart.SHRINKAGE, commodity=commodity, amount=-amount),
        )
    ]
    if any(half.amount for half in amounts):
        post(
            what=what,
            reference=reference,
            at=at,
            day=day_of(by.shop, at),
            by=by,
            amounts=amounts,
        )
