"""Two tills at the same moment. Real transactions, real locks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.core.errors import Refusal
from apps.ledger.models import Posting
from apps.sales.models import Sale
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till():
    """Sell at a till of a shop with two rings; gives the bill's number or the refusal's name."""
    shop = make.shop()
    clerk = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop)
        for tag in ("R-1", "R-2"):
            make.piece(by=clerk, tag=tag)
        Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
    together = Barrier(2)

    def sell_at(tags, key, register):
        order = Order(
            lines=tuple(Wanted(tag) for tag in tags),
            payments=(Payment("card", make.RING_TOTAL * len(tags)),),
            key=key,
            register=register,
        )
        together.wait()
        try:
            with shop_scope(shop.pk):
                return sell(order=order, by=clerk, at=make.NOON).sale.code
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    sell_at.shop = shop
    return sell_at


def at_once(till, *orders):
    with ThreadPoolExecutor(max_workers=2) as tills:
        return list(tills.map(lambda order: till(*order), orders))


def test_only_one_of_two_tills_sells_the_piece(till):
    outcomes = at_once(
        till,
        (["R-1", "R-2"], "key-1", "1"),
        (["R-2", "R-1"], "key-2", "2"),  # the other order: a deadlock, were locks not in tag order
    )

    assert sorted(outcomes)[-1] == "PieceNotForSale"
    with shop_scope(till.shop.pk):
        assert Sale.objects.get().code in outcomes


def test_the_same_order_sent_twice_at_once_is_one_sale(till):
    outcomes = at_once(till, (["R-1"], "key-1", "1"), (["R-1"], "key-1", "1"))

    assert outcomes == ["1-000001", "1-000001"]
    with shop_scope(till.shop.pk):
        assert Sale.objects.count() == 1
        assert Posting.objects.filter(account="card").count() == 1


def test_one_key_for_two_orders_at_once_is_one_sale(till):
    outcomes = at_once(till, (["R-1"], "key-1", "1"), (["R-2"], "key-1", "2"))

    assert sorted(outcomes)[-1] == "KeyUsed"
    with shop_scope(till.shop.pk):
        assert Sale.objects.count() == 1


def test_two_sales_at_one_till_are_numbered_one_after_the_other(till):
    outcomes = at_once(till, (["R-1"], "key-1", "1"), (["R-2"], "key-2", "1"))

    assert sorted(outcomes) == ["1-000001", "1-000002"]
