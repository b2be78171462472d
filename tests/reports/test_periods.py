"""Where a month and a fiscal year begin, and what an address may say."""

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from apps.core.reading import Reading, read_as
from apps.reports.periods import (
    DayUnreadable,
    PeriodBackwards,
    PeriodTooLong,
    between,
    month_end,
    month_start,
    preset,
    quarter_start,
    year_start,
)

TODAY = date(2026, 3, 15)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("pack", "name", "since", "until"),
    [
        ("AE", "today", "2026-03-15", "2026-03-15"),
        ("AE", "yesterday", "2026-03-14", "2026-03-14"),
        ("AE", "month", "2026-03-01", "2026-03-15"),
        ("AE", "last-month", "2026-02-01", "2026-02-28"),
        ("AE", "year", "2026-01-01", "2026-03-15"),
        ("AE", "last-year", "2025-01-01", "2025-12-31"),
        ("IN", "year", "2025-04-01", "2026-03-15"),
        ("IN", "last-year", "2024-04-01", "2025-03-31"),
        ("JP", "last-year", "2024-04-01", "2025-03-31"),
        ("GB", "year", "2025-04-06", "2026-03-15"),
        # 15 March 2026 is 24 Esfand 1404; 1404 began on 21 March 2025, 1403 on 20 March 2024.
        ("IR", "month", "2026-02-20", "2026-03-15"),
        ("IR", "last-month", "2026-01-21", "2026-02-19"),
        ("IR", "year", "2025-03-21", "2026-03-15"),
        ("IR", "last-year", "2024-03-20", "2025-03-20"),
        # The last season of 1404 began on 1 Dey, the one before on 1 Mehr.
        ("IR", "quarter", "2025-12-22", "2026-03-15"),
        ("IR", "last-quarter", "2025-09-23", "2025-12-21"),
        ("AE", "quarter", "2026-01-01", "2026-03-15"),
        ("AE", "last-quarter", "2025-10-01", "2025-12-31"),
        ("IN", "quarter", "2026-01-01", "2026-03-15"),
        ("GB", "quarter", "2026-01-06", "2026-03-15"),
        ("GB", "last-quarter", "2025-10-06", "2026-01-05"),
        ("US-CA", "nonsense", "2026-03-15", "2026-03-15"),
    ],
)
def test_a_preset_follows_the_calendar_of_the_country(pack, name, since, until):
    period = preset(name, today=TODAY, pack=pack)
    assert (period.since.isoformat(), period.until.isoformat()) == (since, until)


def test_the_first_day_of_a_fiscal_year_begins_it():
    assert preset("year", today=date(2026, 4, 1), pack="IN").since == date(2026, 4, 1)
    assert preset("last-year", today=date(2026, 4, 1), pack="IN").until == date(2026, 3, 31)


def test_a_period_of_an_address_counts_both_days():
    assert between("2026-03-01", "2026-03-31", today=TODAY).days == 31
    assert between("2026-03-01", "", today=TODAY).until == TODAY
    assert between("", "2026-03-01", today=TODAY).days == 1


@pytest.mark.parametrize(
    ("since", "until", "refusal"),
    [
        ("2026-03-02", "2026-03-01", PeriodBackwards),
        ("soon", "", DayUnreadable),
        ("0001-01-01", "0001-01-01", DayUnreadable),
        ("2026-02-30", "", DayUnreadable),
        ("", "٢٠٢٦-٠٣", DayUnreadable),
        ("1950-01-01", "2026-03-01", PeriodTooLong),
        ("0001-01-02", "2026-03-01", PeriodTooLong),
    ],
)
def test_what_is_no_period_is_refused_with_a_sentence(since, until, refusal):
    with pytest.raises(refusal) as refused:
        between(since, until, today=TODAY)
    assert str(refused.value).endswith(".")


class TestWhoReads:
    """Months are the reader's, years and quarters the country's."""

    def test_a_persian_page_has_jalali_months_wherever_the_shop_is(self):
        with translation.override("fa"):
            assert preset("month", today=TODAY, pack="AE").since == date(2026, 2, 20)
            assert preset("quarter", today=TODAY, pack="AE").since == date(2026, 1, 1)
            assert preset("year", today=TODAY, pack="AE").since == date(2026, 1, 1)

    def test_who_chose_a_calendar_has_its_months(self):
        with read_as(Reading(calendar="gregorian")):
            assert preset("month", today=TODAY, pack="IR").since == date(2026, 3, 1)
            assert preset("year", today=TODAY, pack="IR").since == date(2025, 3, 21)
        with read_as(Reading(calendar="jalali")):
            assert preset("month", today=TODAY, pack="AE").since == date(2026, 2, 20)

    def test_two_days_may_be_typed_in_either(self):
        period = between("۱۴۰۴/۱۲/۰۱", "2026-03-15", today=TODAY)
        assert (period.since, period.until) == (date(2026, 2, 20), TODAY)


class TestJalaliBoundaries:
    @pytest.mark.parametrize(("year", "last"), [(1399, 30), (1403, 30), (1408, 30), (1404, 29)])
    def test_esfand_is_as_long_as_its_year_says(self, year, last):
        new_year = JalaliDate(year + 1, 1, 1).to_gregorian()
        esfand = preset("last-month", today=new_year, pack="IR")
        assert esfand.since == JalaliDate(year, 12, 1).to_gregorian()
        assert esfand.until == JalaliDate(year, 12, last).to_gregorian()
        assert preset("last-year", today=new_year, pack="IR").until == esfand.until

    @given(st.dates(date(1921, 3, 21), date(2122, 3, 20)))
    def test_every_day_of_1300_to_1500_lies_in_its_month_season_and_year(self, day):
        jalali = JalaliDate(day)
        assert month_start(day, pack="IR") == jalali.replace(day=1).to_gregorian()
        end = JalaliDate(month_end(day, pack="IR"))
        assert (end.year, end.month) == (jalali.year, jalali.month)
        assert end.day == JalaliDate.days_in_month(jalali.month, jalali.year)
        season = JalaliDate(quarter_start(day, pack="IR"))
        assert (season.day, season.month) in {(1, 1), (1, 4), (1, 7), (1, 10)}
        assert 0 <= jalali.month - season.month < 3
        assert JalaliDate(year_start(day, pack="IR")) == JalaliDate(jalali.year, 1, 1)

    @given(st.dates(date(1922, 1, 1), date(2122, 3, 20)), st.sampled_from(["AE", "IN", "GB"]))
    def test_quarters_of_other_years_follow_each_other(self, day, pack):
        start = quarter_start(day, pack=pack)
        assert start <= day
        assert (day - start).days < 93
        assert quarter_start(start, pack=pack) == start
