"""A customer's account, its statement, and who owes for how long."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.credit.accounts import PAGE_SIZE, Balance, account_page, statement
from apps.credit.ageing import who_owes
from apps.credit.dues import receive_payment
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.credit.books import cash
from tests.make import NOON

DAY = timedelta(days=1)
TODAY = NOON.date()


def aed(amount):
    return Balance(commodity="AED", amount=Decimal(amount))


@pytest.fixture
def customer(clerk):
    return books.customer(by=clerk)


def pay(customer, amount, *, by, at=NOON):
    return receive_payment(
        customer=customer, tenders=[cash(amount)], key=f"{at} {amount}", by=by, at=at
    )


def owe_gold(customer, grams, *, by):
    """The shop owes grams that were paid for."""
    post(
        what="deposit",
        reference="1-D000001",
        at=NOON,
        day=TODAY,
        by=by,
        amounts=[
            Amount(
                account=chart.ADVANCES,
                commodity="gold",
                amount=-Decimal(grams),
                party=customer.pk,
            ),
            Amount(account=chart.METAL_PROMISED, commodity="gold", amount=Decimal(grams)),
        ],
    )


def test_an_account_in_money_and_grams(customer, clerk, django_assert_max_num_queries):
    books.owes(customer, 100, by=clerk)
    payment = pay(customer, 30, by=clerk)
    owe_gold(customer, "2.500", by=clerk)
    books.owes(books.customer(by=clerk, name="Another"), 7, by=clerk)

    with django_assert_max_num_queries(3):
        page = account_page(customer)

    assert page.balances == [aed(70), Balance(commodity="gold", amount=Decimal("-2.5"))]
    assert [(line.commodity, line.amount, line.balance) for line in page.lines] == [
        ("gold", Decimal("-2.5"), Decimal("-2.5")),
        ("AED", -30, 70),
        ("AED", 100, 100),
    ]
    assert page.lines[1].url.endswith(f"{payment.number}/")
    assert [name for name, _balance in page.parts] == ["Deposits", "Dues"]


def test_balances_run_on_over_pages(customer, clerk):
    for n in range(PAGE_SIZE + 3):
        books.owes(customer, n + 1, by=clerk)

    first = account_page(customer)
    second = account_page(customer, before=first.older)

    lines = [*first.lines, *second.lines]
    assert second.older is None
    assert len(lines) == PAGE_SIZE + 3
    for newer, older in pairwise(lines):
        assert newer.balance - newer.amount == older.balance
    assert lines[-1].balance == lines[-1].amount


def test_a_statement_opens_where_the_one_before_closed(customer, clerk, django_assert_num_queries):
    for days, amount in ((3, 100), (2, 50), (1, 20), (0, 5)):
        books.owes(customer, amount, by=clerk, at=NOON - days * DAY)

    with django_assert_num_queries(2):
        found = statement(customer, since=TODAY - 2 * DAY, until=TODAY - DAY)

    assert (found.opening, found.closing) == ([aed(100)], [aed(170)])
    assert [line.balance for line in found.lines] == [150, 170]
    after = statement(customer, since=TODAY, until=TODAY)
    assert after.opening == found.closing


def test_a_statement_of_nothing(customer):
    found = statement(customer, since=date(2020, 1, 1), until=TODAY)

    assert (found.opening, found.lines, found.closing) == ([], [], [])


def test_what_is_owed_grows_old(customer, clerk):
    for days, amount in ((95, 10), (65, 20), (35, 30), (5, 40)):
        books.owes(customer, amount, by=clerk, at=NOON - days * DAY)
    books.owes(books.customer(by=clerk, name="Paid all"), 0.01, by=clerk)
    settled = books.customer(by=clerk, name="Settled")
    books.owes(settled, 9, by=clerk)
    pay(settled, 9, by=clerk)
    pay(customer, 15, by=clerk)

    (first, _second) = who_owes(currency="AED", today=TODAY).rows

    assert (first.customer_id, first.owed) == (customer.pk, 85)
    assert (first.older, first.third, first.second, first.month) == (0, 15, 30, 40)


@pytest.mark.parametrize(
    ("days", "part"),
    [(0, "month"), (30, "month"), (31, "second"), (60, "second"), (61, "third"), (90, "third"),
     (91, "older")],
)  # fmt: skip
def test_the_edges_of_ages(customer, clerk, days, part):
    books.owes(customer, 10, by=clerk, at=NOON - days * DAY)

    found = who_owes(currency="AED", today=TODAY)

    assert getattr(found, part) == found.owed == 10


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    charges=st.lists(st.tuples(st.integers(0, 120), st.integers(1, 500)), min_size=1, max_size=6),
    share=st.integers(0, 99),
)
def test_ages_add_up_to_what_is_owed(customer, clerk, charges, share):
    """Payments reach the oldest first, whatever was charged when."""
    fresh = books.customer(by=clerk, name="Somebody")
    for days, amount in charges:
        books.owes(fresh, amount, by=clerk, at=NOON - days * DAY)
    paid = sum(amount for _days, amount in charges) * share // 100
    if paid:
        post(
            what="payment",
            reference="1-P000009",
            at=NOON,
            day=TODAY,
            by=clerk,
            amounts=[
                Amount(account=chart.DUES, commodity="AED", amount=-Decimal(paid), party=fresh.pk),
                Amount(account=chart.CASH, commodity="AED", amount=Decimal(paid)),
            ],
        )

    (row,) = (r for r in who_owes(currency="AED", today=TODAY).rows if r.customer_id == fresh.pk)

    assert row.month + row.second + row.third + row.older == row.owed
    left = paid
    expected = {"older": 0, "third": 0, "second": 0, "month": 0}
    for days, amount in sorted(charges, reverse=True):
        reached = min(left, amount)
        left -= reached
        part = (
            "month"
            if days <= 30
            else "second"
            if days <= 60
            else "third"
            if days <= 90
            else "older"
        )
        expected[part] += amount - reached
    assert {part: getattr(row, part) for part in expected} == expected


def test_another_shop_sees_no_dues(customer, clerk):
    books.owes(customer, 10, by=clerk)
    with shop_scope(make.shop().pk):
        assert who_owes(currency="AED", today=TODAY).rows == []
        assert account_page(customer).lines == []
