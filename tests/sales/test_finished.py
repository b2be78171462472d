"""A finished bill is finished: the database lets nothing be changed, added or taken away."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.sales.models import Sale
from apps.shops.scope import shop_scope
from tests import make
from tests.sales import bills

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(transactional_db):
    shop = make.shop()
    with shop_scope(shop.pk):
        clerk = make.member(of=shop)
        make.rate(of=shop)
        for tag in ("R-1", "R-2"):
            make.piece(by=clerk, tag=tag)
        bills.sold("R-1", by=clerk)
        bills.sold("R-2", by=clerk, key="key-0002")
    return clerk


@pytest.fixture
def sale(clerk):
    with shop_scope(clerk.shop_id):
        return Sale.objects.get(code="1-000001")


def commit(clerk, sql, *values):
    """Let the serving role commit this statement, in a transaction of its own."""
    with shop_scope(clerk.shop_id), connection.cursor() as cursor:
        cursor.execute(sql, values)


ADDED = {
    "sales_saleline": (
        "INSERT INTO sales_saleline (sale_id, position, piece_id, tag, name, snapshot, metal,"
        " making, stones, extras, discount, tax_on_top, total, tax, cost, live)"
        " SELECT sale_id, 9, piece_id, tag, name, snapshot, metal, making, stones, extras,"
        " discount, tax_on_top, total, tax, cost, false FROM sales_saleline WHERE sale_id = %s"
    ),
    "sales_tender": (
        "INSERT INTO sales_tender (sale_id, position, kind, amount, given, currency, instrument)"
        " VALUES (%s, 9, 'card', 1, 1, '', '')"
    ),
}


@pytest.mark.parametrize("table", ADDED)
def test_nothing_can_be_added_to_a_finished_bill(clerk, sale, table):
    with pytest.raises(IntegrityError, match="not the 1 and 1 it was written with"):
        commit(clerk, ADDED[table], sale.pk)


def test_a_bill_without_what_it_says_cannot_be_written(clerk, sale):
    sale.pk, sale.number, sale.code, sale.idempotency_key = None, 9, "1-000009", "key-0009"

    with (
        pytest.raises(IntegrityError, match="has 0 lines and 0 tenders"),
        shop_scope(clerk.shop_id),
    ):
        sale.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sales_sale SET total = total WHERE id = %s",
        "UPDATE sales_saleline SET total = total WHERE sale_id = %s",
        "UPDATE sales_saleline SET sale_id = sale_id WHERE sale_id = %s",
        "UPDATE sales_tender SET amount = amount WHERE sale_id = %s",
        "DELETE FROM sales_sale WHERE id = %s",
        "DELETE FROM sales_saleline WHERE sale_id = %s",
        "DELETE FROM sales_tender WHERE sale_id = %s",
    ],
)
def test_nothing_of_a_finished_bill_can_be_changed_or_taken_away(clerk, sale, statement):
    with pytest.raises(DatabaseError, match="permission denied"):
        commit(clerk, statement, sale.pk)


def test_a_line_that_has_ended_never_comes_alive_again(clerk, sale):
    with shop_scope(clerk.shop_id), connection.cursor() as cursor:
        cursor.execute("UPDATE sales_saleline SET live = false WHERE sale_id = %s", [sale.pk])
        with pytest.raises(IntegrityError, match="was taken back and stays so"):
            cursor.execute("UPDATE sales_saleline SET live = true WHERE sale_id = %s", [sale.pk])
        transaction.set_rollback(True)
