"""A sale that is lost or doubled is seen; the reckoning that a drill ends with can fail."""

import pytest

from ops.drills.books import reckon
from ops.drills.cluster import Recorded
from ops.drills.load import Order


def order(number, *, acknowledged=True, refused=None):
    return Order(
        key=f"k-{number}",
        tag=f"D-{number}",
        number=f"1-{number:06}" if acknowledged else None,
        acknowledged_at=1.0 if acknowledged else None,
        refused=refused,
    )


def sale(number, *, key=None, code=None, tag=None, entries=1):
    return Recorded(
        key or f"k-{number}", code or f"1-{number:06}", (tag or f"D-{number}",), entries
    )


ORDERS = [order(1), order(2), order(3)]
SALES = [sale(1), sale(2), sale(3)]


def test_all_acknowledged_sales_once_in_the_books_is_clean():
    books = reckon(ORDERS, SALES, imbalance=0)

    assert books.clean
    assert (books.acknowledged, books.recorded, books.lost, books.doubled) == (3, 3, 0, 0)


def test_a_sale_that_was_acknowledged_and_is_not_there_is_lost():
    books = reckon(ORDERS, SALES[:2], imbalance=0)

    assert books.lost == 1
    assert not books.clean


def test_a_sale_under_another_number_than_the_customer_was_told_is_lost():
    books = reckon(ORDERS, [sale(1), sale(2), sale(3, code="1-000099")], imbalance=0)

    assert books.lost == 1


def test_a_key_with_two_sales_is_doubled():
    twice = sale(2, code="1-000077", tag="D-9")

    books = reckon(ORDERS, [*SALES, twice], imbalance=0)

    assert (books.lost, books.doubled) == (0, 1)
    assert not books.clean


def test_a_piece_that_two_sales_sold_is_doubled():
    another = sale(2, key="k-4", code="1-000004")

    books = reckon([*ORDERS, order(4)], [*SALES, another], imbalance=0)

    assert books.doubled == 1


def test_one_sale_doubled_with_key_and_piece_is_counted_once():
    books = reckon(ORDERS, [*SALES, sale(2, code="1-000077")], imbalance=0)

    assert books.doubled == 1


def test_what_the_whole_shop_sold_twice_counts():
    assert reckon(ORDERS, SALES, imbalance=0, sold_twice=2).doubled == 2


@pytest.mark.parametrize("entries", [0, 2])
def test_a_sale_without_exactly_one_entry_is_unbooked(entries):
    books = reckon([order(1)], [sale(1, entries=entries)], imbalance=0)

    assert books.unbooked == 1
    assert not books.clean


def test_an_entry_out_of_balance_is_not_clean():
    assert not reckon(ORDERS, SALES, imbalance=1).clean


def test_an_order_that_nobody_answered_is_neither_lost_nor_doubled():
    """Its sale may be there or not: the client was told nothing."""
    pending = order(4, acknowledged=False)

    books = reckon([*ORDERS, pending], [*SALES, sale(4)], imbalance=0)

    assert (books.lost, books.doubled, books.unanswered) == (0, 0, 1)


def test_an_order_that_was_refused_is_counted():
    refused = order(4, acknowledged=False, refused="409 sold")

    books = reckon([*ORDERS, refused], SALES, imbalance=0)

    assert (books.refused, books.unanswered) == (1, 0)
    assert not books.clean
