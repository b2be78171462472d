"""Ready-made old gold. A plain bangle: 10 g of 916, nothing deducted, worth 916.00 at 100."""

import io
from decimal import Decimal
from itertools import count

from django.db.models import Sum
from PIL import Image

from apps.core.units import permille
from apps.customers.services import add_customer, add_paper
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.purchasing.services.buy import buy
from apps.purchasing.services.offers import NewItem, Offer, PaidBy
from apps.shops.days import day_of
from apps.shops.services import next_number
from tests import make

_number = count(1)


def seller(*, by, name="Nadia Rahman", paper="784-1990-1234567-1", **details):
    customer = add_customer(
        name=name,
        **{"phone": "050 123", "address": "Deira 4", **details},
        by=by,
        at=make.NOON,
    )
    if paper:
        add_paper(customer=customer, kind="national_id", number=paper, by=by, at=make.NOON)
    return customer


def item(*, gross="10", fineness="916", **terms):
    numbers = {
        name: Decimal(terms.pop(name))
        for name in ("stones_g", "dirt_g", "other_g", "cut_percent", "rate_per_g")
        if name in terms
    }
    for name in ("stated_fineness", "offered_fineness"):
        if name in terms:
            numbers[name] = permille(terms.pop(name))
    return NewItem(
        **{
            "description": "Bangle",
            "metal": "gold",
            "gross_weight_g": Decimal(gross),
            "tested_fineness": permille(fineness) if fineness else None,
            "method": "xrf",
            **numbers,
            **terms,
        }
    )


def offer(*items, of, purpose="cash", key="", **terms):
    if purpose == "cash":
        terms.setdefault("payments", (PaidBy(kind="cash"),))
    return Offer(
        customer=of.pk,
        purpose=purpose,
        items=items or (item(),),
        key=key or f"slip-{next(_number)}",
        **terms,
    )


def slip(*items, of, by, at=make.NOON, **terms):
    """Bought: such a slip."""
    return buy(offer=offer(*items, of=of, **terms), by=by, at=at)


def float_of(*, by, amount="1000000", at=make.NOON):
    """Cash in the drawer: what old gold is paid from."""
    number = next_number(by=by, at=at, kind="M")
    amounts = [
        Amount(account=chart.CASH, commodity=by.shop.currency, amount=Decimal(amount)),
        Amount(account=chart.SAFE, commodity=by.shop.currency, amount=-Decimal(amount)),
    ]
    post(
        what="float",
        reference=str(number),
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=amounts,
        shift=number.shift_id,
    )


def balance(account, commodity="AED", **which):
    """What lies in an account, but for the float: + is debit."""
    found = Posting.objects.filter(account=account, commodity=commodity, **which)
    found = found.exclude(entry__what="float")
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def picture(kind="JPEG", size=(640, 480), **options):
    drawn = io.BytesIO()
    Image.new("RGB", size, (200, 170, 60)).save(drawn, kind, **options)
    return drawn.getvalue()
