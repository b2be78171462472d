"""One gift card, one slip, one deposit at two tills at the same moment: it pays once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.core.errors import Refusal
from apps.credit.models import GiftCard
from apps.ledger import chart
from apps.purchasing.models import OldGoldSlip
from apps.sales.models import Sale
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.purchasing import gold
from tests.sales.paying import bought, pay

pytestmark = pytest.mark.django_db(transaction=True)

TOTAL = make.RING_TOTAL


@pytest.fixture
def by(transactional_db):
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.rate(of=shop, side="buy")
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
    return owner


def at_two_tills(by, *orders):
    """Each order's bill, or the refusal's name; all were sent together."""
    together = Barrier(len(orders), timeout=10)

    def send(order):
        payments, more = order
        try:
            with shop_scope(by.shop_id):
                together.wait()
                return bought(*payments, by=by, **more).sale.code
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(orders)) as tills:
        return sorted(tills.map(send, orders))


def first_and_second(payments):
    """The same payment for a ring at each till."""
    return (
        (payments, {"tags": ["R-1"], "key": "key-0001", "register": "1"}),
        (payments, {"tags": ["R-2"], "key": "key-0002", "register": "2"}),
    )


def test_one_gift_card(by):
    with shop_scope(by.shop_id):
        _card, code = books.card(1200, by=by)

    outcomes = at_two_tills(by, *first_and_second([pay("gift_card", TOTAL, code)]))

    assert outcomes[1] == "GiftCardShort"
    with shop_scope(by.shop_id):
        assert GiftCard.objects.get().balance == 1200 - TOTAL
        assert Sale.objects.get().code in outcomes


def test_one_slip(by):
    with shop_scope(by.shop_id):
        nadia = gold.seller(by=by)
        slip = gold.slip(gold.item(gross="20"), of=nadia, purpose="exchange", by=by)

    # 1,832.00 is enough for one ring and not for two.
    outcomes = at_two_tills(by, *first_and_second([pay("old_gold", 0, slip.code)]))

    assert outcomes[1] == "TendersDoNotMatch"
    with shop_scope(by.shop_id):
        assert OldGoldSlip.objects.get().claim_left == 1832 - TOTAL
        assert books.balance(chart.OLD_GOLD_DUE, party=nadia) == TOTAL - 1832


def test_one_deposit(by):
    with shop_scope(by.shop_id):
        deposit = made.deposit(by=by, tags=(), paid="1100")

    outcomes = at_two_tills(by, *first_and_second([pay("deposit", 0, deposit.number)]))

    assert outcomes[1] == "TendersDoNotMatch"
    with shop_scope(by.shop_id):
        assert made.balance(chart.ADVANCES, party=deposit.customer) == TOTAL - 1100


def test_one_store_credit(by):
    with shop_scope(by.shop_id):
        nadia = gold.seller(by=by)
        books.has_credit(nadia, 1500, by=by)
    orders = [
        (payments, {**more, "customer": nadia.pk})
        for payments, more in first_and_second([pay("store_credit", TOTAL)])
    ]

    assert at_two_tills(by, *orders)[1] == "StoreCreditShort"


def test_the_same_order_with_a_slip_sent_twice_at_once_is_one_sale(by):
    with shop_scope(by.shop_id):
        nadia = gold.seller(by=by)
        slip = gold.slip(gold.item(gross="20"), of=nadia, purpose="exchange", by=by)
        deposit = made.deposit(by=by, of=nadia, paid="200")
    order = (
        [pay("old_gold", 800, slip.code), pay("deposit", 0, deposit.number), pay("cash", 60)],
        {"tags": ["R-1"], "key": "key-0001"},
    )

    assert at_two_tills(by, order, order) == ["1-000001", "1-000001"]
    with shop_scope(by.shop_id):
        assert OldGoldSlip.objects.get().claim_left == 1032


def test_a_sale_and_a_payment_into_the_deposit_do_not_block_each_other_for_ever(by):
    with shop_scope(by.shop_id):
        deposit = made.deposit(by=by)
    together = Barrier(2, timeout=10)

    def pay_more():
        try:
            with shop_scope(by.shop_id):
                together.wait()
                made.pay(deposit.number, "100", by=by)
                return "paid"
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    def take():
        try:
            with shop_scope(by.shop_id):
                together.wait()
                mine = [pay("deposit", 0, deposit.number), pay("cash", 900)]
                return bought(*mine, by=by).sale.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        taken, paid = pool.submit(take), pool.submit(pay_more)
        assert taken.result(20) == "1-000001"
        assert paid.result(20) in {"paid", "DepositNotOpen"}
    with shop_scope(by.shop_id):
        assert made.books_agree(deposit.customer)
