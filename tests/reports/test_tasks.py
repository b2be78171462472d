"""The job that sums days: every shop, however long its past, and twice without harm."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.ledger.chart import CASH
from apps.ledger.days import summed
from apps.ledger.models import DayTotal
from apps.reports.models import SalesDay
from apps.reports.services import sum_up
from apps.reports.tasks import sum_days_of_all
from apps.shops.days import day_of
from apps.shops.scope import shop_scope
from tests import make
from tests.ledger.test_days import put
from tests.reports.test_home import TOTAL, sold


def yesterday(shop):
    return day_of(shop, timezone.now()) - timedelta(days=1)


@pytest.mark.django_db
def test_sums_every_shop_through_its_yesterday(shop, owner):
    other = make.shop(name="Other", time_zone="Pacific/Auckland")
    for each in (shop, other):
        with shop_scope(each.pk):
            put(yesterday(each) - timedelta(days=150), 1)
            put(day_of(each, timezone.now()), 2)
    for _twice in range(2):
        sum_days_of_all(timestamp=0)
        for each in (shop, other):
            with shop_scope(each.pk):
                assert summed().through == yesterday(each)
                assert DayTotal.objects.filter(account=CASH).count() == 1


@pytest.mark.django_db
def test_today_is_never_summed(shop, scope, owner):
    now = timezone.now()
    make.rate(of=shop, at=now)
    make.piece(by=owner, tag="R-1", at=now)
    sold("R-1", by=owner, paid=[("card", TOTAL)], at=now)
    assert sum_up(shop=shop, at=now) == []
    assert not SalesDay.objects.exists()
    assert sum_up(shop=shop, at=now + timedelta(days=1)) == [day_of(shop, now)]
    assert SalesDay.objects.get().pieces == 1


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_sum_once():
    shop = make.shop()
    with shop_scope(shop.pk):
        for days in range(1, 4):
            put(make.NOON.date() - timedelta(days=days), days)
    start = threading.Barrier(2)
    done = []

    def reader():
        start.wait(20)
        with shop_scope(shop.pk):
            done.append(sum_up(shop=shop, at=make.NOON, wait=True))
        connection.close()

    threads = [threading.Thread(target=reader) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, done)) == [0, 3]
    with shop_scope(shop.pk):
        assert DayTotal.objects.filter(account=CASH).count() == 3
