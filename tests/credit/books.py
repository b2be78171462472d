"""What the tests of this folder stand on: people with balances, and looks into the ledger."""

from collections import Counter
from decimal import Decimal
from itertools import count

from django.db import connection
from django.db.models import Sum

from apps.credit.models import GiftCard, GiftCardMove
from apps.credit.selling import code_of, sell_gift_card
from apps.credit.tendered import Tendered
from apps.customers.services import add_customer
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.till.kinds import TenderKind
from tests.make import NOON

_key = count(1)


def customer(*, by, name="Zahra Karimi", limit=None):
    made = add_customer(name=name, by=by, at=NOON)
    if limit is not None:
        made.credit_limit = Decimal(limit)
        made.save()
    return made


def tender(kind, amount, **details):
    return Tendered(kind=TenderKind(kind), amount=Decimal(amount), **details)


def cash(amount):
    return tender("cash", amount)


def owes(customer, amount, *, by, at=NOON, reference="1-000001"):
    """Something was sold on account."""
    _moved(chart.DUES, customer, Decimal(amount), by=by, at=at, reference=reference)


def has_credit(customer, amount, *, by, at=NOON, reference="1-R000001"):
    """Something came back, and became store credit."""
    _moved(chart.STORE_CREDIT, customer, -Decimal(amount), by=by, at=at, reference=reference)


def _moved(account, customer, amount, *, by, at, reference):
    home = by.shop.currency
    post(
        what="sale",
        reference=reference,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=[
            Amount(account=account, commodity=home, amount=amount, party=customer.pk),
            Amount(account=chart.SALES_METAL, commodity=home, amount=-amount),
        ],
    )


def card(amount=100, *, by, at=NOON, key=None, **details):
    """A gift card that was paid in cash, and its code."""
    sold = sell_gift_card(
        amount=Decimal(amount),
        tenders=[cash(amount)],
        key=key or f"key-{next(_key)}",
        by=by,
        at=at,
        **details,
    )
    return sold, code_of(sold)


def balance(account, commodity="AED", party=None):
    found = Posting.objects.filter(account=account, commodity=commodity)
    if party is not None:
        found = found.filter(party=party.pk)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def moved(amounts):
    """Postings to be, as a dictionary."""
    sums = Counter()
    for one in amounts:
        sums[one.account, one.commodity] += one.amount
    return {key: amount for key, amount in sums.items() if amount}


def check_now():
    """Let the database ask at once what it asks when a transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def demand_agreement():
    """Every entry balances, and the cards say what the ledger and their moves say."""
    check_now()
    on_cards = GiftCard.objects.aggregate(sum=Sum("balance"))["sum"] or Decimal(0)
    assert on_cards == -balance(chart.GIFT_CARDS)
    for one in GiftCard.objects.all():
        moves = GiftCardMove.objects.filter(card=one).aggregate(sum=Sum("amount"))["sum"]
        assert moves == one.balance
