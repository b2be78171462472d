"""A day whose books are wrong, whose requests failed or whose shelves ran empty is not fine."""

import json

import pytest
from django.db import transaction
from django.utils import timezone

from apps.ledger.models import Entry, Posting
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import Shop
from bench.day import fine, share, table
from bench.day_books import Done, in_the_database, said_of
from tests import make

TAGS = ("R-1", "R-2", "R-3")


def written(**other):
    """The file that Locust leaves, read back."""
    day = {
        "answered": [["a sale", 0.1, True], ["a sale", 0.3, True], ["home", 0.2, True]],
        "failures": {},
        "orders": [],
        "empty": [],
        "seconds": 10.0,
        **other,
    }
    return Done.of(json.loads(json.dumps(day)))


def sold(shop, tag, number):
    return {
        "shop": shop,
        "token": "t",
        "key": f"day-{tag}",
        "body": {"lines": [{"tag": tag}]},
        "number": number,
        "refused": None,
    }


@pytest.fixture
def sales(shop, scope):
    """Three sales in the books, and the orders of whoever made them."""
    member, now = make.member(of=shop), timezone.now()
    make.rate(of=shop, at=now)
    orders = []
    for tag in TAGS:
        make.piece(by=member, tag=tag)
        paid = (Payment("card", make.RING_TOTAL),)
        order = Order(lines=(Wanted(tag),), payments=paid, key=f"day-{tag}")
        orders.append(sold(shop.slug, tag, sell(order=order, by=member, at=now).sale.code))
    return orders


def books_of(orders):
    return in_the_database([{"name": Shop.objects.get().slug}], written(orders=orders))


class TestInTheDatabase:
    def test_what_was_acknowledged_is_there_once(self, sales):
        books = books_of(sales)

        assert (books.acknowledged, books.recorded) == (3, 3)
        assert books.clean
        assert fine(written(orders=sales), books)

    def test_a_sale_that_is_not_there_is_lost(self, sales):
        ghost = sold(sales[0]["shop"], "R-9", "1-000009")

        books = books_of([*sales, ghost])

        assert books.lost == 1
        assert not fine(written(orders=[*sales, ghost]), books)
        assert "1 lost" in said_of(books, ledger_seen=True)
        assert "NOT RIGHT" in said_of(books, ledger_seen=True)

    def test_a_sale_under_another_number_is_lost(self, sales):
        sales[1]["number"] = "1-000077"

        assert books_of(sales).lost == 1

    def test_the_same_number_in_another_shop_is_another_sale(self, sales):
        sales[1]["shop"] = "elsewhere"

        assert books_of(sales).lost == 1

    def test_a_sale_that_was_booked_twice_is_not_right(self, sales):
        now = timezone.now()
        reference = sales[0]["number"]
        Entry.objects.create(what="sale", reference=reference, posted_at=now, day=now.date())

        books = books_of(sales)

        assert books.unbooked == 1
        assert not fine(written(orders=sales), books)

    def test_an_entry_out_of_balance_is_not_right(self, sales):
        with transaction.atomic():
            entry = Entry.objects.first()
            Posting.objects.create(entry=entry, account="cash", commodity="AED", amount=1)

            books = books_of(sales)

            # At the end of the transaction the database would refuse it.
            transaction.set_rollback(True)
        assert books.imbalance == 1
        assert not books.clean

    def test_nothing_sold_is_no_day(self, shop, scope):
        assert not fine(written(), books_of([]))


class TestFine:
    def test_a_failed_request_spoils_the_day(self, sales):
        done = written(orders=sales, failures={"home: status 500": 1})

        assert not fine(done, books_of(sales))

    def test_an_empty_shelf_spoils_the_day(self, sales):
        assert not fine(written(orders=sales, empty=["noor"]), books_of(sales))

    @pytest.mark.parametrize("how", [{"number": None}, {"number": None, "refused": "status 409"}])
    def test_an_order_that_was_not_acknowledged_spoils_the_day(self, sales, how):
        sales[2] |= how

        assert not fine(written(orders=sales), books_of(sales))


class TestTable:
    def test_counts_each_action_and_what_failed_of_it(self):
        done = written(
            answered=[["a sale", 0.1, True], ["a sale", 0.3, False], ["home", 0.2, True]]
        )

        rows = {line[:24].strip(): line[24:].split() for line in table(done).splitlines()}

        assert rows["a sale"] == ["2", "0.20", "200", "290", "298", "1"]
        assert rows["home"] == ["1", "0.10", "200", "200", "200", "0"]
        assert rows["all"][0] == "3"
        assert rows["all"][-1] == "1"

    def test_shares_the_processor_among_requests_and_sales(self, sales):
        assert share(3.0, written(orders=sales)).startswith("1000.0 ms a request, 1000 ms a sale")
