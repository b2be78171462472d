"""Days that are summed say what the postings say, whenever an entry arrives."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection, transaction

from apps.ledger.chart import CASH, OWNER, STOCK
from apps.ledger.days import books_locked, sum_days, summed
from apps.ledger.models import DayTotal, LateDay, Posting
from apps.ledger.selectors import entries_of, moved, moved_by_day
from apps.ledger.services import Amount, post
from apps.shops.scope import shop_scope
from tests import make

MONDAY = date(2026, 1, 12)
FRIDAY = MONDAY + timedelta(days=4)
_number = count(1)


def put(day, amount, *, into=CASH, out_of=OWNER, commodity="AED"):
    value = Decimal(amount)
    return post(
        what="cash",
        reference=f"1-M{next(_number):06d}",
        at=make.NOON,
        day=day,
        by=None,
        amounts=[
            Amount(account=into, commodity=commodity, amount=value),
            Amount(account=out_of, commodity=commodity, amount=-value),
        ],
    )


def from_postings(until):
    """The same, by adding up every posting in Python."""
    book = {}
    for posting in Posting.objects.filter(entry__day__lte=until):
        debit, credit = book.get((posting.account, posting.commodity), (0, 0))
        up, down = max(posting.amount, 0), -min(posting.amount, 0)
        book[posting.account, posting.commodity] = (debit + up, credit + down)
    return book


def as_sums(book):
    return {key: (moved.debit, moved.credit) for key, moved in book.items()}


@pytest.mark.django_db
class TestSums:
    def test_are_those_of_the_postings_before_and_after_summing(self, scope):
        for n in range(5):
            put(MONDAY + timedelta(days=n), 100 + n)
            put(MONDAY + timedelta(days=n), 3, into=OWNER, out_of=CASH)
            put(MONDAY + timedelta(days=n), "1.234", into=STOCK, commodity="gold")
        expected = from_postings(FRIDAY)
        assert as_sums(moved(until=FRIDAY)) == expected

        days = sum_days(through=FRIDAY - timedelta(days=1))

        assert days == [MONDAY + timedelta(days=n) for n in range(4)]
        assert DayTotal.objects.filter(day=FRIDAY).count() == 0
        assert as_sums(moved(until=FRIDAY)) == expected
        assert moved(until=FRIDAY)[CASH, "AED"].postings == 10
        assert as_sums(moved(until=MONDAY)) == from_postings(MONDAY)

    def test_of_a_period_count_its_first_and_last_day(self, scope):
        for n in range(5):
            put(MONDAY + timedelta(days=n), 10**n)
        sum_days(through=MONDAY + timedelta(days=2))
        book = moved(since=MONDAY + timedelta(days=1), until=MONDAY + timedelta(days=3))
        assert book[CASH, "AED"].net == 1110

    def test_by_day_come_in_the_order_of_days(self, scope):
        for n in (3, 0, 2):
            put(MONDAY + timedelta(days=n), 10**n)
        sum_days(through=MONDAY + timedelta(days=2))
        found = moved_by_day(account=CASH, commodity="AED", since=None, until=FRIDAY)
        assert [(day.day, moved.net) for day, moved in found.items()] == [
            (12, 1),
            (14, 100),
            (15, 1000),
        ]

    def test_a_late_entry_is_seen_at_once_and_summed_again(self, scope):
        put(MONDAY, 100)
        sum_days(through=FRIDAY)
        put(MONDAY, 7)
        put(MONDAY, 8)

        assert list(LateDay.objects.values_list("day", flat=True)) == [MONDAY]
        assert not summed().holds(MONDAY)
        assert moved(until=FRIDAY)[CASH, "AED"].net == 115

        assert sum_days(through=FRIDAY) == [MONDAY]
        assert summed().holds(MONDAY)
        assert not LateDay.objects.exists()
        assert moved(until=FRIDAY)[CASH, "AED"].net == 115
        assert DayTotal.objects.get(account=CASH).postings == 3

    def test_summing_twice_changes_nothing(self, scope):
        put(MONDAY, 100)
        assert sum_days(through=MONDAY) == [MONDAY]
        assert sum_days(through=MONDAY) == []
        assert moved(until=MONDAY)[CASH, "AED"].net == 100

    def test_a_long_past_is_summed_a_quarter_a_call(self, scope):
        put(MONDAY - timedelta(days=200), 1)
        put(MONDAY, 2)
        calls = 0
        while sum_days(through=FRIDAY):
            calls += 1
        assert calls == 3
        assert summed().through == FRIDAY
        assert moved(until=FRIDAY)[CASH, "AED"].net == 3

    def test_a_shop_without_entries_is_not_summed(self, scope):
        assert sum_days(through=FRIDAY) == []
        assert summed().through == date.min
        assert moved(until=FRIDAY) == {}

    def test_what_others_keep_by_day_is_told_the_days(self, scope):
        put(MONDAY, 1)
        told = []
        sum_days(through=MONDAY, also=told.extend)
        sum_days(through=MONDAY, also=told.extend)
        assert told == [MONDAY]

    def test_other_shops_are_neither_summed_nor_seen(self, shop, scope):
        put(MONDAY, 1)
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            put(MONDAY, 50)
            sum_days(through=MONDAY)
            assert moved(until=MONDAY)[CASH, "AED"].net == 50
        assert DayTotal.objects.count() == 0
        assert moved(until=MONDAY)[CASH, "AED"].net == 1

    def test_cost_four_queries_whatever_lies_between(self, scope, django_assert_num_queries):
        for n in range(4):
            put(MONDAY + timedelta(days=n), 1)
        sum_days(through=MONDAY)
        with django_assert_num_queries(4):
            moved(until=FRIDAY)

    def test_the_day_book_finds_the_entries_that_moved_an_account(self, scope):
        first, _, third = put(MONDAY, 1), put(MONDAY, 2, into=STOCK), put(MONDAY, 3)
        put(FRIDAY, 4)
        assert list(entries_of(day=MONDAY, account=CASH)) == [first, third]
        assert entries_of(day=MONDAY).count() == 3
        assert entries_of(day=MONDAY, what="sale").count() == 0


@pytest.mark.django_db(transaction=True)
class TestBesideThoseWhoPost:
    def test_nothing_is_summed_while_an_entry_is_being_written(self):
        """The entry of the last second of a day commits in the next one."""
        shop = make.shop()
        posted, may_commit = threading.Event(), threading.Event()

        def poster():
            with shop_scope(shop.pk):
                put(MONDAY, 100)
                posted.set()
                assert may_commit.wait(20)
            connection.close()

        thread = threading.Thread(target=poster)
        thread.start()
        assert posted.wait(20)
        with shop_scope(shop.pk):
            put(MONDAY - timedelta(days=1), 5)  # so that there is a day to sum
        with shop_scope(shop.pk):
            assert sum_days(through=MONDAY) == []
            assert summed().through == date.min
        may_commit.set()
        thread.join()
        with shop_scope(shop.pk):
            assert sum_days(through=MONDAY) == [MONDAY - timedelta(days=1), MONDAY]
            assert moved(until=MONDAY)[CASH, "AED"].net == 105
            assert DayTotal.objects.filter(account=CASH).count() == 2

    def test_two_tills_do_not_wait_for_each_other(self):
        shop = make.shop()
        posted, done = threading.Event(), threading.Event()

        def poster():
            with shop_scope(shop.pk):
                put(MONDAY, 100)
                posted.set()
                assert done.wait(20)
            connection.close()

        thread = threading.Thread(target=poster)
        thread.start()
        assert posted.wait(20)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                with shop_scope(shop.pk):
                    put(MONDAY, 1)
        finally:
            done.set()
            thread.join()
        with shop_scope(shop.pk):
            assert moved(until=MONDAY)[CASH, "AED"].net == 101

    def test_the_lock_of_one_shop_is_no_lock_of_another(self):
        one, other = make.shop(), make.shop()
        held, done = threading.Event(), threading.Event()

        def holder():
            with shop_scope(one.pk):
                assert books_locked(wait=True)
                held.set()
                assert done.wait(20)
            connection.close()

        thread = threading.Thread(target=holder)
        thread.start()
        assert held.wait(20)
        try:
            with shop_scope(one.pk):
                assert not books_locked(wait=False)
            with shop_scope(other.pk):
                assert books_locked(wait=False)
        finally:
            done.set()
            thread.join()
