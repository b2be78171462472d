"""Paying what one owes."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from apps.credit.balances import dues_of, store_credit_of
from apps.credit.dues import (
    DuesPaymentNotFound,
    MoreThanOwed,
    NothingPaid,
    payment_by_number,
    receive_payment,
)
from apps.credit.models import DuesPayment
from apps.credit.once import KeyUsed
from apps.credit.tendered import AmountImpossible, TenderNotHere
from apps.customers.selectors import CustomerNotFound
from apps.ledger import chart
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.credit.books import cash, tender
from tests.make import NOON


def pay(customer, *tenders, by, key="k", **details):
    return receive_payment(customer=customer, tenders=tenders, key=key, by=by, at=NOON, **details)


def owed(customer):
    return dues_of(customer, currency="AED")


@pytest.fixture
def customer(clerk):
    """Somebody who owes 100."""
    made = books.customer(by=clerk)
    books.owes(made, 100, by=clerk)
    return made


def test_a_payment_lowers_what_is_owed(customer, clerk):
    payment = pay(customer, cash(30), tender("card", 20), by=clerk)

    assert payment.number == "1-P000001"
    assert (payment.to_dues, payment.to_credit, payment.left) == (50, 0, 50)
    assert owed(customer) == 50
    assert (books.balance(chart.CASH), books.balance(chart.CARD)) == (30, 20)
    books.demand_agreement()


def test_more_than_is_owed_is_asked_about(customer, clerk):
    with pytest.raises(MoreThanOwed) as refused:
        pay(customer, cash(130), by=clerk)
    assert not DuesPayment.objects.exists()

    payment = pay(customer, cash(130), by=clerk, rest_to_credit=True)

    assert refused.value.owed == 100
    assert (payment.to_dues, payment.to_credit, payment.left) == (100, 30, 0)
    assert (owed(customer), store_credit_of(customer, currency="AED")) == (0, 30)
    books.demand_agreement()


def test_store_credit_and_a_gift_card_pay_too(customer, clerk):
    books.has_credit(customer, 40, by=clerk)
    _card, code = books.card(60, by=clerk)

    pay(
        customer,
        tender("store_credit", 40),
        tender("gift_card", 60, instrument=code),
        by=clerk,
    )

    assert (owed(customer), store_credit_of(customer, currency="AED")) == (0, 0)
    books.demand_agreement()


def test_a_form_sent_twice_pays_once(customer, clerk):
    first = pay(customer, cash(60), by=clerk)

    assert pay(customer, cash(60), by=clerk).pk == first.pk
    assert owed(customer) == 40
    with pytest.raises(KeyUsed):
        pay(customer, cash(40), by=clerk)
    with pytest.raises(KeyUsed):
        pay(books.customer(by=clerk, name="Another"), cash(60), by=clerk)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_pays_once_and_loses_no_number():
    shop = make.shop()
    member = make.member(of=shop)
    with shop_scope(shop.pk):
        customer = books.customer(by=member)
        books.owes(customer, 100, by=member)
    both = Barrier(2, timeout=10)

    def send(_):
        try:
            with shop_scope(shop.pk):
                both.wait()
                return pay(customer, cash(60), by=member).number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        numbers = list(pool.map(send, range(2)))

    assert numbers == ["1-P000001"] * 2
    with shop_scope(shop.pk):
        assert owed(customer) == 40
        assert pay(customer, cash(40), by=member, key="another").number == "1-P000002"


@pytest.mark.parametrize(
    ("tenders", "refusal"),
    [
        ([], NothingPaid),
        ([cash(0)], AmountImpossible),
        ([cash(-10)], AmountImpossible),
        ([cash(60), cash(-10)], AmountImpossible),
        ([cash("NaN")], AmountImpossible),
        ([cash("9999999999999999"), cash("9999999999999999")], AmountImpossible),
        ([tender("on_account", 10)], TenderNotHere),
        ([tender("old_gold", 10)], TenderNotHere),
    ],
)
def test_what_is_no_payment_is_refused_and_leaves_nothing(customer, clerk, tenders, refusal):
    with pytest.raises(refusal):
        pay(customer, *tenders, by=clerk)

    assert not DuesPayment.objects.exists()
    assert owed(customer) == 100


def test_another_shops_customer_is_none(customer):
    other = make.shop()
    stranger = make.member(of=other)

    with shop_scope(other.pk), pytest.raises(CustomerNotFound):
        pay(customer, cash(10), by=stranger)


def test_a_payment_is_found_by_its_number(customer, clerk):
    payment = pay(customer, cash(10), by=clerk, note="  by his   brother ")

    assert payment_by_number(payment.number).note == "by his brother"
    with pytest.raises(DuesPaymentNotFound):
        payment_by_number("1-P999999")


def test_what_is_left_is_what_the_ledger_says(customer, clerk):
    payment = pay(customer, cash("99.99"), by=clerk)

    assert payment.left == owed(customer) == Decimal("0.01")
