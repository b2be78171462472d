"""Periods of a report: today, last month, this fiscal year, or two days somebody typed.

The only place that knows where a month, a quarter and a fiscal year begin. Months are those of
the reader's calendar, because they are shown in it; a fiscal year and its quarters, by which tax
is declared, are those of the shop's country, whoever reads.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext, gettext_lazy
from persiantools.jdatetime import JalaliDate

from apps.core import formatting
from apps.core.errors import Invalid
from apps.core.reading import counts_jalali, reading
from apps.core.typed import Unreadable, parse_day

PRESETS: Final = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "quarter": gettext_lazy("This quarter"),
    "last-quarter": gettext_lazy("Last quarter"),
    "year": gettext_lazy("This fiscal year"),
    "last-year": gettext_lazy("Last fiscal year"),
}
# (month, day) on which a company's year begins where the law or the custom says another day than
# 1 January. Iran's is the first of Farvardin, which no month of this calendar knows.
_YEAR_BEGINS: Final = {"IN": (4, 1), "JP": (4, 1), "GB": (4, 6)}
_JALALI: Final = {"IR"}
_QUARTER_MONTHS: Final = 3
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
        example = "۱۴۰۵/۰۱/۱۱" if counts_jalali() else "2026-03-31"
        return gettext("“%(text)s” is no day. Write it as %(example)s.") % {
            "text": self.text[:20],
            "example": example,
        }


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
    """The period of a name in `PRESETS`: months as the reader counts them, the rest as the
    shop's country does.
    """
    starts = {"month": month_start, "quarter": quarter_start, "year": year_start}
    yesterday = today - _ONE_DAY
    if name == "yesterday":
        return Period(yesterday, yesterday, name)
    start = starts.get(name.removeprefix("last-"))
    if start is None:
        return Period(today, today, "today")
    if name.startswith("last-"):
        end = start(today, pack=pack) - _ONE_DAY
        return Period(start(end, pack=pack), end, name)
    return Period(start(today, pack=pack), today, name)


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
    """The first day of the month that `day` lies in, in the calendar that the reader sees."""
    return _jalali_start(day, day=1) if _months_are_jalali(pack) else day.replace(day=1)


def month_end(day: date, *, pack: str) -> date:
    """The last day of the month that `day` lies in."""
    # No month of either calendar is shorter than 28 days or longer than 31.
    return month_start(month_start(day, pack=pack) + timedelta(days=31), pack=pack) - _ONE_DAY


def _months_are_jalali(pack: str) -> bool:
    """As the reader chose; by the language or by the shop's country where they chose nothing."""
    return counts_jalali() or (pack in _JALALI and not reading().calendar)


def quarter_start(day: date, *, pack: str) -> date:
    """The first day of the quarter of the fiscal year that `day` lies in: in Iran a season."""
    year = year_start(day, pack=pack)
    if pack in _JALALI:
        # From 1 Farvardin on, every third month begins a season.
        month = JalaliDate(day).month  # type: ignore[no-untyped-call]
        return _jalali_start(day, month=month - (month - 1) % _QUARTER_MONTHS, day=1)
    months = (day.year - year.year) * 12 + day.month - year.month - (day.day < year.day)
    month = year.month - 1 + months - months % _QUARTER_MONTHS
    return date(year.year + month // 12, month % 12 + 1, year.day)


def year_start(day: date, *, pack: str) -> date:
    """The first day of the fiscal year that `day` lies in."""
    if pack in _JALALI:
        return _jalali_start(day, month=1, day=1)
    month, first = _YEAR_BEGINS.get(pack, (1, 1))
    this = date(day.year, month, first)
    return this if this <= day else date(day.year - 1, month, first)


def _jalali_start(of: date, **changes: int) -> date:
    """The day that is called so in the month or year of `of`, as a date of ours."""
    # One at a time and the day first: the 31st of a month is none of every other.
    jalali = JalaliDate(of).replace(day=1)  # type: ignore[no-untyped-call]
    start: date = jalali.replace(**changes).to_gregorian()
    return start


def _day(text: str) -> date:
    """A day of the books. The calendar's first has no day before it to carry a balance from."""
    try:
        day = parse_day(text)
    except Unreadable:
        raise DayUnreadable(text=text) from None
    if day == date.min:
        raise DayUnreadable(text=text)
    return day
