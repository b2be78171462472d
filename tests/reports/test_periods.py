"""Where a month and a fiscal year begin, and what an address may say."""

from datetime import date

import pytest

from apps.reports.periods import DayUnreadable, PeriodBackwards, PeriodTooLong, between, preset

TODAY = date(2026, 3, 15)


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
