"""Days that come back this month, in the calendar that the reader counts."""

from dataclasses import dataclass
from datetime import date, timedelta

from persiantools.jdatetime import JalaliDate

from apps.core.reading import counts_jalali
from apps.customers.models import Customer, Occasion, OccasionKind
from apps.customers.selectors import occasions_between


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A customer's day this month: `on` is its day this year, `years` how many it has been."""

    customer: Customer
    name: str
    on: date
    years: int
    is_past: bool


def coming_days(*, today: date) -> list[Coming]:
    """The days of customers in the month of `today`, in the order of the month. One query."""
    first, last = _month_of(today)
    # A Jalali month begins on another day in another year, so the search is wider than it.
    spare = timedelta(days=2)
    found = [
        Coming(
            customer=occasion.customer,
            name=occasion.label
            if occasion.kind == OccasionKind.OTHER
            else str(OccasionKind(occasion.kind).label),
            on=on,
            years=_years(occasion.day, on),
            is_past=on < today,
        )
        for occasion in occasions_between(first - spare, last + spare)
        if first <= (on := _this_year(occasion, first)) <= last
    ]
    return sorted(found, key=lambda one: (one.on, one.customer.name))


def _month_of(today: date) -> tuple[date, date]:
    """The first and the last day of the reader's month."""
    if counts_jalali():
        year, month, _day = _jalali(today)
        start = _gregorian(year, month, 1)
        return start, start + timedelta(days=JalaliDate.days_in_month(month, year) - 1)
    start = today.replace(day=1)
    return start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _this_year(occasion: Occasion, first: date) -> date:
    """When the day comes in the year of a month; the last of a leap year a day before."""
    if counts_jalali():
        _year, month, day = _jalali(occasion.day)
        year = _jalali(first)[0]
        return _gregorian(year, month, min(day, JalaliDate.days_in_month(month, year)))
    if (occasion.day.month, occasion.day.day) == (2, 29):
        return date(first.year, 3, 1) - timedelta(days=1)
    return occasion.day.replace(year=first.year)


def _years(since: date, on: date) -> int:
    if counts_jalali():
        return _jalali(on)[0] - _jalali(since)[0]
    return on.year - since.year


def _jalali(day: date) -> tuple[int, int, int]:
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    return jalali.year, jalali.month, jalali.day


def _gregorian(year: int, month: int, day: int) -> date:
    gregorian: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return gregorian
