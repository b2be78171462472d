"""Customers, contracts and passbooks of the tests, and their sums in the books."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.db.models import Sum

from apps.credit.payments import Tendered
from apps.customers.services import add_customer
from apps.deposits.models import DepositKind, DepositMove, SchemeKind, SchemeMove
from apps.deposits.services.opening import NewDeposit, open_deposit
from apps.deposits.services.paying import pay_in
from apps.deposits.services.plans import NewPlan, offer
from apps.deposits.services.saving import join
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.till.kinds import TenderKind
from tests import make

D = Decimal
_number = count(1)


def later(**step):
    return make.NOON + timedelta(**step)


def customer(*, by, name="Asha"):
    return add_customer(name=name, by=by, at=make.NOON)


def cash(amount):
    return (Tendered(kind=TenderKind.CASH, amount=D(amount)),)


def card(amount, slip="4711"):
    return (Tendered(kind=TenderKind.CARD, amount=D(amount), instrument=slip),)


def key():
    return f"key-{next(_number)}"


def deposit(
    *, by, of=None, kind=DepositKind.VALUE, tags=("R-1",), paid="200", at=make.NOON, **more
):
    """A contract over a ring with 200 paid in cash."""
    new = NewDeposit(
        customer=(of or customer(by=by)).pk,
        kind=DepositKind(kind),
        key=more.pop("key", None) or key(),
        tags=tuple(tags),
        tenders=cash(paid) if isinstance(paid, str) else paid,
        **more,
    )
    return open_deposit(new=new, by=by, at=at).deposit


def pay(number, amount, *, by, at=make.NOON, **more):
    tenders = cash(amount) if isinstance(amount, str) else amount
    return pay_in(number=number, tenders=tenders, key=more.pop("key", None) or key(), by=by, at=at)


def bill(amounts, total, *, by, reference="1-000001", at=make.NOON):
    """An entry as a sale writes it, of what a contract paid for it."""
    income = Amount(account=chart.SALES_METAL, commodity=by.shop.currency, amount=-D(total))
    return post(
        what="sale",
        reference=reference,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=[*amounts, income],
    )


def plan(*, by, at=make.NOON, **terms):
    """Eleven instalments of 5,000 with three quarters of one as the bonus."""
    given = {
        "code": "GOLD11",
        "name": "Golden eleven",
        "kind": SchemeKind.VALUE,
        "amount": D(5000),
        "instalments": 11,
        "bonus_percent": D(75),
        **terms,
    }
    return offer(plan=NewPlan(**given), by=by, at=at)


def passbook(*, by, of=None, plan="GOLD11", paid="5000", at=make.NOON, **more):
    return join(
        plan=plan,
        customer=(of or customer(by=by)).pk,
        tenders=cash(paid),
        key=more.pop("key", None) or key(),
        by=by,
        at=at,
    ).membership


def balance(account, commodity="AED", *, party=None):
    """What lies in an account; of one party where it is named. + is debit."""
    postings = Posting.objects.filter(account=account, commodity=commodity)
    if party is not None:
        postings = postings.filter(party=party.pk)
    return postings.aggregate(sum=Sum("amount"))["sum"] or D(0)


def books_agree(who, *, currency="AED", metal="gold"):
    """Whether the customer's account is what their passbooks say, and the books balance."""
    for lines, account, owner in (
        (DepositMove, chart.ADVANCES, "deposit__customer"),
        (SchemeMove, chart.SCHEMES, "membership__customer"),
    ):
        sums = lines.objects.filter(**{owner: who}).aggregate(
            money=Sum("amount"), fine=Sum("fine_g")
        )
        assert balance(account, currency, party=who) == -(sums["money"] or 0)
        assert balance(account, metal, party=who) == -(sums["fine"] or 0)
    by_commodity = Posting.objects.values("commodity").annotate(sum=Sum("amount"))
    assert all(row["sum"] == 0 for row in by_commodity)
    return True
