"""Memos in tests, every default in sight; they go through our services."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from apps.consignment.models import Terms
from apps.consignment.services.agreeing import Agreed
from apps.consignment.services.taking_in import Goods, begin
from apps.customers.models import CustomerKind
from apps.customers.services import add_customer
from apps.ledger.models import Posting
from apps.sales.services.approval import lend
from tests import make

DUE = date(2026, 1, 29)
LATE = make.NOON + timedelta(days=30)


def party(name="Nadia Rahman", *, by, kind=CustomerKind.CUSTOMER):
    return add_customer(name=name, kind=kind, by=by, at=make.NOON)


def dealer(name="Khalid Gems", *, by):
    return party(name, by=by, kind=CustomerKind.SUPPLIER)


def agreed(tag, terms="day", value=None):
    return Agreed(tag=tag, terms=Terms(terms), value=None if value is None else Decimal(value))


def lent(*tags, to, by, key="lend-1", at=make.NOON, due=DUE, **more):
    """Pieces lent out; a tag, or what was agreed about it."""
    return lend(
        party=to.pk,
        due=due,
        agreed=[agreed(each) if isinstance(each, str) else each for each in tags],
        **{"reason": "to look at", "key": key, "by": by, "at": at, **more},
    )


def goods(tag="M-1", terms="fixed", value="700", **more):
    return Goods(piece=make.new_piece(tag=tag, **more), terms=Terms(terms), value=Decimal(value))


def taken(*pieces, of, by, key="in-1", at=make.NOON, due=DUE, **more):
    """An owner's pieces in our care."""
    return begin(
        owner=of.pk,
        due=due,
        goods=pieces,
        **{"reason": "on approval", "key": key, "by": by, "at": at, **more},
    )


def books(account, commodity="AED", *, party=None):
    """The sum of an account."""
    found = Posting.objects.filter(account=account, commodity=commodity)
    if party is not None:
        found = found.filter(party=party.pk)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
