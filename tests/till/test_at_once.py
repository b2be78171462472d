"""Two people at one drawer at the same moment. Real transactions, real locks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection
from django.db.models import Sum

from apps.core.errors import Refusal
from apps.ledger import chart
from apps.ledger.models import Entry, Posting
from apps.shops.models import Shift
from apps.shops.scope import shop_scope
from apps.till.models import CashMove, TillCount, ZReport
from apps.till.selectors import latest_count, open_shift
from apps.till.snapshot import close_of
from tests import make
from tests.till import days
from tests.waiting import PATIENCE_S, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drawer():
    """Till 1 of a shop: open, 500 in it."""
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        days.opened(by=owner)
    return shop, owner


def in_shop(shop, step):
    """What the step gives, or the refusal's name, in a connection of its own."""
    try:
        with shop_scope(shop.pk):
            return step()
    except Refusal as refusal:
        return type(refusal).__name__
    finally:
        connection.close()


def at_once(shop, *steps):
    together = Barrier(len(steps))

    def run(step):
        together.wait()
        return in_shop(shop, step)

    with ThreadPoolExecutor(max_workers=len(steps)) as people:
        return list(people.map(run, steps))


def counted_once(shop, owner, total="500"):
    with shop_scope(shop.pk):
        return days.sent(days.counted(total), by=owner).pk


def test_of_two_who_sign_one_wins_and_the_other_is_told(drawer):
    shop, owner = drawer
    latest = counted_once(shop, owner)
    outcomes = at_once(
        shop, *(lambda: days.signed(by=owner, count=latest).code for _person in range(2))
    )

    assert sorted(outcomes) == ["1-Z000001", "ClosedAlready"]
    with shop_scope(shop.pk):
        assert ZReport.objects.count() == Entry.objects.filter(what="close").count() == 1
        assert days.balance(chart.CASH) == 0
        assert days.balance(chart.SAFE) == 0


def test_a_double_click_signs_once(drawer):
    shop, owner = drawer
    latest = counted_once(shop, owner)
    outcomes = at_once(
        shop,
        *(lambda: days.signed(by=owner, count=latest, send="one").code for _press in range(2)),
    )
    assert outcomes == ["1-Z000001", "1-Z000001"]


def test_of_two_who_open_one_wins(drawer):
    shop, owner = drawer
    latest = counted_once(shop, owner)
    in_shop(shop, lambda: days.signed(by=owner, count=latest))
    outcomes = at_once(shop, *(lambda: days.opened(by=owner).number for _person in range(2)))

    assert set(outcomes) == {2, "TillOpenAlready"}
    with shop_scope(shop.pk):
        assert Shift.objects.filter(closed_at__isnull=True).count() == 1
        assert days.balance(chart.CASH) == 500


def test_two_counts_at_once_are_the_first_and_the_second(drawer):
    shop, owner = drawer
    outcomes = at_once(
        shop, *(lambda: days.sent(days.counted("1"), by=owner).number for _person in range(2))
    )
    assert sorted(outcomes) == [1, 2]


def test_a_count_sent_twice_at_once_is_one(drawer):
    shop, owner = drawer
    outcomes = at_once(
        shop,
        *(lambda: days.sent(days.counted("1"), by=owner, send="one").pk for _press in range(2)),
    )
    assert outcomes[0] == outcomes[1]
    with shop_scope(shop.pk):
        assert TillCount.objects.filter(kind="closing").count() == 1


def test_two_who_take_the_same_cash_out_do_not_both_get_it(drawer):
    shop, owner = drawer
    outcomes = at_once(
        shop, *(lambda: days.moved("400", by=owner, out=True).code for _person in range(2))
    )

    assert "NotInDrawer" in outcomes
    with shop_scope(shop.pk):
        assert CashMove.objects.filter(kind="out").count() == 1
        assert days.balance(chart.CASH) == 100


@pytest.mark.parametrize("turn", range(4))
def test_a_document_is_in_this_close_or_in_the_next_shift(drawer, turn):
    """Whoever gets the register first: the sale makes the count stale, or begins another shift."""
    shop, owner = drawer
    latest = counted_once(shop, owner)
    sold, closed = at_once(
        shop,
        lambda: days.paid("70", by=owner),
        lambda: days.signed(by=owner, count=latest).code,
    )

    assert sold == "1-000001"
    with shop_scope(shop.pk):
        entry = Entry.objects.get(what="sale")
        first = Shift.objects.get(number=1)
        if closed == "CountStale":
            assert entry.shift == first
            assert first.closed_at is None
            days.sent(days.counted("570"), by=owner)
            days.signed(by=owner)
            assert days.balance(chart.CASH) == 0
        else:
            assert closed == "1-Z000001"
            assert entry.shift.number == 2
            assert days.balance(chart.CASH, shift=first) == 0
            assert days.balance(chart.CASH, shift=entry.shift) == 70
        assert days.books_balance()


def test_a_sale_that_has_its_number_keeps_the_close_waiting(drawer):
    """Two connections, in a known order: the sale commits while the close waits for it."""
    shop, owner = drawer
    latest = counted_once(shop, owner)
    numbered = Event()

    def sell():
        days.paid("70", by=owner)
        numbered.set()
        until_somebody_waits()
        return "sold"

    def close():
        assert numbered.wait(PATIENCE_S)
        return days.signed(by=owner, count=latest).code

    with ThreadPoolExecutor(max_workers=2) as people:
        selling = people.submit(in_shop, shop, sell)
        closing = people.submit(in_shop, shop, close)
        assert (selling.result(), closing.result()) == ("sold", "CountStale")
    with shop_scope(shop.pk):
        assert open_shift(days.till()) is not None
        assert not ZReport.objects.exists()


def test_a_document_that_waited_for_the_close_begins_the_next_shift(drawer):
    shop, owner = drawer
    latest = counted_once(shop, owner)
    signed = Event()

    def close():
        code = days.signed(by=owner, count=latest).code
        signed.set()
        until_somebody_waits()
        return code

    def sell():
        assert signed.wait(10)
        return days.paid("70", by=owner)

    with ThreadPoolExecutor(max_workers=2) as people:
        closing = people.submit(in_shop, shop, close)
        selling = people.submit(in_shop, shop, sell)
        assert (closing.result(), selling.result()) == ("1-Z000001", "1-000001")
    with shop_scope(shop.pk):
        assert Entry.objects.get(what="sale").shift.number == 2


def test_what_all_closes_took_is_what_all_documents_paid(drawer):
    """Three clerks sell while a fourth closes, again and again: nothing is lost between shifts."""
    shop, owner = drawer

    def sell():
        return [days.paid("7", by=owner) for _bill in range(3)]

    def close():
        shift = open_shift(days.till())
        if shift is None:
            return None
        days.sent(days.counted(str(max(days.balance(chart.CASH, shift=shift), 0))), by=owner)
        return days.signed(by=owner, count=latest_count(shift).pk, reason="In between").code

    outcomes = at_once(shop, sell, close, sell, close)
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 2
    with shop_scope(shop.pk):
        if open_shift(days.till()) is not None:
            close()
        closes = [close_of(z) for z in ZReport.objects.order_by("pk")]
        taken = sum(cash.taken for close in closes for cash in close.report.cash)
        assert taken == 42
        assert sum(close.report.count_of("sale") for close in closes) == 6
        assert days.balance(chart.CASH) == 0
        by_shift = Posting.objects.filter(account=chart.CASH).values_list("entry__shift")
        assert all(sum_ == 0 for _shift, sum_ in by_shift.annotate(s=Sum("amount")).order_by())
        assert days.books_balance()
