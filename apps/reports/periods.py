"""Periods of a report: today, last month, this fiscal year, or two days somebody typed.

The only place that knows where a month and a fiscal year begin.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext, gettext_lazy
from persiantools.jdatetime import JalaliDate

from apps.core import formatting
from apps.core.errors import Invalid

PRESETS: Final = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "year": gettext_lazy("This fiscal year"),
    "last-year": gettext_lazy("Last fiscal year"),
}
# (month, day) on which a company's year begins where the law or the custom says another day than
# 1 January. Iran's is the first of Farvardin, which no month of this calendar knows.
_YEAR_BEGINS: Final = {"IN": (4, 1), "JP": (4, 1), "GB": (4, 6)}
_JALALI: Final = {"IR"}
_ONE_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=366 * 50)


@dataclass(eq=False)
class PeriodBackwards(Invalid):
    since: date
    until: date

    def __str__(self) -> str:
        return gettext(
            "The period ends on %(until)s, before it begins on %(since)s. Turn the two days round."
        ) % {"since": formatting.day(self.since), "until": formatting.day(self.until)}


@dataclass(eq=False)
class DayUnreadable(Invalid):
    text: str

    def __str__(self) -> str:
        return gettext("“%(text)s” is no day. Write it as 2026-03-31.") % {"text": self.text[:20]}


@dataclass(eq=False)
class PeriodTooLong(Invalid):
    since: date

    def __str__(self) -> str:
        return gettext("A period is at most 50 years. Choose a day after %(day)s.") % {
            "day": formatting.day(self.since)
        }


@dataclass(frozen=True, slots=True)
class Period:
    """Both days count."""

    since: date
    until: date
    preset: str = ""

    def __str__(self) -> str:
        if self.since == self.until:
            return formatting.day(self.since)
        return gettext("%(since)s to %(until)s") % {
            "since": formatting.day(self.since),
            "until": formatting.day(self.until),
        }

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


def preset(name: str, *, today: date, pack: str) -> Period:
    """The period of a name in `PRESETS`, as the calendar of the shop's country has it."""
    yesterday = today - _ONE_DAY
    match name:
        case "yesterday":
            return Period(yesterday, yesterday, name)
        case "month":
            return Period(month_start(today, pack=pack), today, name)
        case "last-month":
            end = month_start(today, pack=pack) - _ONE_DAY
            return Period(month_start(end, pack=pack), end, name)
        case "year":
            return Period(year_start(today, pack=pack), today, name)
        case "last-year":
            end = year_start(today, pack=pack) - _ONE_DAY
            return Period(year_start(end, pack=pack), end, name)
    return Period(today, today, "today")


def between(since: str, until: str, *, today: date) -> Period:
    """A period as the address writes it. Raises DayUnreadable, PeriodBackwards, PeriodTooLong."""
    last = _day(until) if until else today
    first = _day(since) if since else min(last, today)
    if first > last:
        raise PeriodBackwards(since=first, until=last)
    if last - first > _LONGEST:
        raise PeriodTooLong(since=first)
    return Period(first, last)


def month_start(day: date, *, pack: str) -> date:
    """The first day of the month that `day` lies in."""
    if pack in _JALALI:
        return _jalali_start(day, day=1)
    return day.replace(day=1)


def year_start(day: date, *, pack: str) -> date:
    """The first day of the fiscal year that `day` lies in."""
    if pack in _JALALI:
        return _jalali_start(day, month=1, day=1)
    month, first = _YEAR_BEGINS.get(pack, (1, 1))
    this = date(day.year, month, first)
    return this if this <= day else date(day.year - 1, month, first)


def _jalali_start(of: date, **changes: int) -> date:
    """The day that is called so in the month or year of `of`, as a date of ours."""
    start: date = JalaliDate(of).replace(**changes).to_gregorian()  # type: ignore[no-untyped-call]
    return start


def _day(text: str) -> date:
    """A day of the books. The calendar's first has no day before it to carry a balance from."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DayUnreadable(text=text) from None
    if day == date.min:
        raise DayUnreadable(text=text)
    return day
