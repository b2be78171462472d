"""Days that are over, summed once: what makes a report of years as quick as one of a day.

A day's totals can be thrown away and made again at any time. What counts is never they but the
postings: a day that is not summed yet, or that an entry was dated on afterwards, is read from
those (`apps.ledger.selectors`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import connection
from django.db.models import Min

from apps.ledger.models import DayTotal, Entry, LateDay, SummedThrough

Also = Callable[[Sequence[date]], None]
# Bounds one statement, and for how long the tills wait: a quarter of a busy shop is a second.
_DAYS_AT_ONCE: Final = 92
_SUM: Final = """
    INSERT INTO ledger_daytotal (day, account, commodity, debit, credit, postings)
    SELECT e.day, p.account, p.commodity,
           sum(greatest(p.amount, 0)), -sum(least(p.amount, 0)), count(*)
    FROM ledger_entry e JOIN ledger_posting p ON p.shop_id = e.shop_id AND p.entry_id = e.id
    WHERE e.day = ANY(%s)
    GROUP BY e.day, p.account, p.commodity
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """Which days have totals that count: those up to `through`, but for the late ones."""

    through: date
    late: frozenset[date]

    def holds(self, day: date) -> bool:
        return day <= self.through and day not in self.late


def summed() -> Summed:
    """How far the books of the shop in scope are summed. Two queries."""
    mark = SummedThrough.objects.first()
    return Summed(
        through=mark.day if mark else date.min,
        late=frozenset(LateDay.objects.values_list("day", flat=True)),
    )


def books_locked(*, wait: bool) -> bool:
    """Keep entries of this shop out until the transaction ends; whoever posts holds it shared.

    Without `wait` the answer is False while an entry is being written. True promises that the
    next statement sees every entry that anybody wrote.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    call = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}(ledger_books_key(current_shop_id()))")
        return bool(wait or cursor.fetchone()[0])


def sum_days(*, through: date, also: Also = lambda days: None, wait: bool = False) -> list[date]:
    """Sum the next days up to `through`, and late ones again; the days that were summed.

    At most a quarter of a year a call, in one transaction: call again while days come back.
    `also` sums what other apps keep by day, under the same lock. Nothing happens, and the list
    is empty, where somebody is posting and `wait` was not asked for. `through` has to be over:
    entries of it that come later are right all the same, but each makes the day late.
    """
    if not _waiting(through) or not books_locked(wait=wait):
        return []
    days = _waiting(through)  # once more, now that nobody else can be summing
    if not days:
        return []
    DayTotal.objects.filter(day__in=days).delete()
    with connection.cursor() as cursor:
        cursor.execute(_SUM, [days])
    also(days)
    LateDay.objects.filter(day__in=days).delete()
    mark = SummedThrough.objects.first()
    if mark is None:
        SummedThrough.objects.create(day=max(days))
    elif max(days) > mark.day:
        mark.day = max(days)
        mark.save(update_fields=["day"])
    return days


def _waiting(through: date) -> list[date]:
    """Late days and the days after the mark, the earliest first, as many as one call takes."""
    known = summed()
    late = sorted(day for day in known.late if day <= through)
    start = known.through + timedelta(days=1) if known.through > date.min else _first_day()
    if start is None:
        return late[:_DAYS_AT_ONCE]
    new = (start + timedelta(days=n) for n in range((through - start).days + 1))
    return [*late, *new][:_DAYS_AT_ONCE]


def _first_day() -> date | None:
    first: date | None = Entry.objects.aggregate(first=Min("day"))["first"]
    return first
