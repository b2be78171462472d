"""A closed period takes no entry, and opening it again leaves a trace."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.ledger.chart import CASH
from apps.ledger.models import Entry, PeriodLock
from apps.ledger.periods import (
    DayClosed,
    PeriodNotOver,
    ReasonMissing,
    close_period,
    closed_through,
)
from apps.ledger.selectors import moved
from apps.shops.scope import shop_scope
from tests import make
from tests.ledger.test_days import put

pytestmark = pytest.mark.django_db

TODAY = make.NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


def close(by, through=YESTERDAY, reason="January was filed"):
    return close_period(through=through, reason=reason, by=by, at=make.NOON)


def test_an_entry_of_a_closed_day_is_refused_and_one_of_today_is_not(scope, owner):
    put(YESTERDAY, 10)
    close(owner)
    for day in (YESTERDAY, YESTERDAY - timedelta(days=400)):
        with pytest.raises(DayClosed) as refused, transaction.atomic():
            put(day, 5)
        assert refused.value.closed_through == YESTERDAY
        assert "closed through 14 January 2026" in str(refused.value)
    put(TODAY, 7)
    assert moved(until=TODAY)[CASH, "AED"].net == 17
    assert Entry.objects.count() == 2


def test_the_books_open_again_by_a_new_row(scope, owner):
    close(owner)
    close(owner, through=date(2025, 12, 31), reason="One bill was missing")
    put(YESTERDAY, 5)
    assert closed_through() == date(2025, 12, 31)
    assert list(PeriodLock.objects.order_by("pk").values_list("reason", flat=True)) == [
        "January was filed",
        "One bill was missing",
    ]
    with pytest.raises(DayClosed), transaction.atomic():
        put(date(2025, 12, 31), 5)


@pytest.mark.parametrize("through", [TODAY, TODAY + timedelta(days=1), date.max])
def test_a_day_that_is_not_over_cannot_be_closed(scope, owner, through):
    with pytest.raises(PeriodNotOver):
        close(owner, through=through)
    assert closed_through() is None


def test_a_reason_is_asked_for(scope, owner):
    with pytest.raises(ReasonMissing):
        close(owner, reason="  ")
    assert closed_through() is None


def test_closing_twice_is_one_row(scope, owner):
    assert close(owner) == close(owner)
    assert PeriodLock.objects.count() == 1


def test_what_was_said_cannot_be_changed(scope, owner):
    close(owner)
    with pytest.raises(DatabaseError), transaction.atomic():
        PeriodLock.objects.update(through=date(2020, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        PeriodLock.objects.all().delete()


def test_another_shops_period_does_not_bind_this_one(scope, owner):
    other = make.shop(name="Other")
    with shop_scope(other.pk):
        close(make.member(of=other))
    put(YESTERDAY, 5)
    assert closed_through() is None
