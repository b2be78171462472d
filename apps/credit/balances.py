"""What lies in a customer's account: sums of the ledger, and nothing kept beside it."""

from decimal import Decimal

from django.db.models import Sum

from apps.customers.models import Customer
from apps.ledger import chart
from apps.ledger.models import Posting

_ZERO = Decimal(0)


def dues_of(customer: Customer, *, currency: str) -> Decimal:
    """What the customer owes. Lock the customer first where it is to be lowered or limited."""
    return _sum(chart.DUES, customer, currency)


def store_credit_of(customer: Customer, *, currency: str) -> Decimal:
    """What the shop owes the customer as store credit. Lock the customer before spending it."""
    return -_sum(chart.STORE_CREDIT, customer, currency)


def _sum(account: str, customer: Customer, commodity: str) -> Decimal:
    found = Posting.objects.filter(party=customer.pk, account=account, commodity=commodity)
    total: Decimal | None = found.aggregate(total=Sum("amount"))["total"]
    return total if total is not None else _ZERO
