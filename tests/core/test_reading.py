"""How a reader's wishes change what is written and read: digits, calendar, toman over rial."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from apps.core import currencies, formatting
from apps.core.currencies import ShownUnit
from apps.core.fields import AmountField, DayField, GramsField, RateField, WholeField
from apps.core.reading import Reading, in_units, on_paper, read_as
from apps.core.typed import Unreadable, parse_day, parse_money, parse_rate
from apps.core.units import currency

TODAY = date(2026, 7, 14)
TOMAN = Reading(home="IRR", units=in_units("toman", on=TODAY))
RIAL = Reading(home="IRR")


class TestMoney:
    @pytest.mark.parametrize(
        ("rials", "shown"),
        [
            ("1166095000", "116,609,500 toman"),
            ("1166095005", "116,609,500.5 toman"),
            ("0", "0 toman"),
            ("9", "0.9 toman"),
            ("10", "1 toman"),
            ("-250", "\u221225 toman"),
        ],
    )
    def test_rials_are_shown_as_tomans_exactly(self, rials, shown):
        with read_as(TOMAN):
            assert (
                formatting.money(Decimal(rials), "IRR", unit=True).replace("\u00a0", " ") == shown
            )

    def test_the_amount_and_the_name_beside_it_are_of_one_unit(self):
        with read_as(TOMAN), translation.override("fa"):
            assert formatting.money(Decimal(1250), "IRR") == "۱۲۵"
            assert formatting.currency_name("IRR") == "تومان"
        with read_as(RIAL), translation.override("fa"):
            assert formatting.money(Decimal(1250), "IRR") == "۱٬۲۵۰"
            assert formatting.currency_name("IRR") == "ریال"

    def test_other_currencies_are_left_alone(self):
        with read_as(TOMAN):
            assert formatting.money(Decimal("3297.42"), "AED", unit=True) == "3,297.42\u00a0AED"

    def test_a_paper_is_in_the_currency_of_the_books(self):
        with read_as(TOMAN), on_paper():
            assert formatting.money(Decimal(1250), "IRR", unit=True) == "1,250\u00a0rial"

    def test_a_rate_is_of_the_unit_too(self):
        with read_as(TOMAN):
            assert formatting.rate(Decimal(178_450_000), "IRR") == "17,845,000"
            assert parse_rate("17,845,000", "IRR", 6) == 178_450_000

    @given(st.integers(0, 10**15))
    def test_what_is_shown_is_read_back_as_it_was(self, rials):
        with read_as(TOMAN):
            amount = Decimal(rials)
            assert parse_money(formatting.money(amount, "IRR"), "IRR") == amount

    def test_a_hundredth_of_a_toman_is_no_rial(self):
        with read_as(TOMAN), pytest.raises(Unreadable, match="has two decimals"):
            parse_money("10.25", "IRR")

    def test_an_amount_that_is_read_has_no_exponent(self):
        with read_as(TOMAN):
            assert str(parse_money("116,609,500", "IRR")) == "1166095000"
            assert str(parse_money("116609500.5", "IRR")) == "1166095005"

    def test_a_law_that_renames_money_is_a_row_with_its_days(self, monkeypatch):
        """Four zeros go: the new unit is shown from its day on, and kept are rials as before."""
        old = ShownUnit(
            currency="IRR", name="IRT", choice="toman", factor=10, until=date(2028, 3, 19)
        )
        new = ShownUnit(
            currency="IRR",
            name="IRT",
            choice="toman",
            factor=10_000,
            least=2,
            since=date(2028, 3, 20),
        )
        monkeypatch.setattr(currencies, "_SHOWN_UNITS", (old, new))

        before = Reading(units=in_units("toman", on=date(2028, 3, 19)))
        after = Reading(units=in_units("toman", on=date(2028, 3, 20)))

        amount = Decimal(1_166_095_005)
        with read_as(before):
            assert formatting.money(amount, "IRR") == "116,609,500.5"
        with read_as(after):
            assert formatting.money(amount, "IRR") == "116,609.5005"
            assert formatting.money(Decimal(1_166_095_000), "IRR") == "116,609.50"
            assert parse_money("116,609.5005", "IRR") == amount
        assert currency("IRR").exponent == 0


class TestDigitsAndCalendar:
    def test_the_readers_digits_go_before_those_of_the_language(self):
        with read_as(Reading(digits="latin")), translation.override("fa"):
            assert formatting.number(Decimal("1204.5")) == "1,204.5"
            assert formatting.digits("916") == "916"
        with read_as(Reading(digits="persian")), translation.override("en"):
            assert formatting.number(Decimal("1204.5")) == "۱٬۲۰۴٫۵"

    def test_a_language_that_is_named_goes_before_both(self):
        with read_as(Reading(digits="persian")):
            assert formatting.number(Decimal(12), language="en") == "12"

    def test_the_readers_calendar_goes_before_that_of_the_language(self):
        with read_as(Reading(calendar="gregorian")), translation.override("fa"):
            assert formatting.day(TODAY, table=True) == "۱۴ ژوئیه ۲۰۲۶"
        with read_as(Reading(calendar="jalali")), translation.override("en"):
            assert formatting.day(TODAY) == "23 Tir 1405"
            assert formatting.day(TODAY, weekday=True) == "Tuesday 23 Tir 1405"
            assert formatting.day(TODAY, table=True) == "1405/04/23"
            assert formatting.month(TODAY) == "Tir 1405"

    def test_a_wish_ends_with_its_block(self):
        with read_as(Reading(digits="persian")):
            pass
        assert formatting.digits("1") == "1"


class TestDays:
    @pytest.mark.parametrize(
        "text",
        [
            "1405/04/23",
            "1405-4-23",
            "۱۴۰۵/۰۴/۲۳",
            "١٤٠٥/٠٤/٢٣",
            "۱۴۰5/٠4/23",
            " 1405/04/23\u200e ",
            "2026-07-14",
            "۲۰۲۶/۰۷/۱۴",
        ],
    )
    def test_is_read_in_both_calendars_and_three_alphabets(self, text):
        assert parse_day(text) == TODAY

    @pytest.mark.parametrize(
        "text", ["", "1404/12/30", "1405/13/01", "05/04/23", "2026-02-30", "1405/04-23", "x" * 99]
    )
    def test_what_is_no_day_is_refused_with_an_example(self, text):
        with pytest.raises(Unreadable, match="Write it as 2026-03-31"):
            parse_day(text)

    @pytest.mark.parametrize("year", [1399, 1403, 1408])
    def test_leap_years_have_a_thirtieth_of_esfand(self, year):
        assert parse_day(f"{year}/12/30") + timedelta(days=1) == parse_day(f"{year + 1}/01/01")

    @given(st.dates(date(1921, 3, 21), date(2122, 3, 20)))
    def test_a_day_that_is_shown_is_read_back(self, day):
        """1300 to 1500, against persiantools."""
        jalali = JalaliDate(day)
        with read_as(Reading(calendar="jalali", digits="persian")):
            shown = formatting.typed_day(day)
            assert shown == formatting.digits(f"{jalali.year}/{jalali.month:02}/{jalali.day:02}")
            assert parse_day(shown) == day
        assert parse_day(day.isoformat()) == day


class _Form(forms.Form):
    weight = GramsField()
    percent = AmountField(exponent=2)
    days = WholeField(min_value=0)
    on = DayField()
    rate = RateField()

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(code="IRR")


FILLED = {
    "weight": Decimal("3.85"),
    "percent": Decimal("7.50"),
    "days": 30,
    "on": TODAY,
    "rate": Decimal(178_450_000),
    "amount": Decimal(1_166_095_000),
}


class TestFields:
    def test_initial_values_are_as_their_reader_types_them(self):
        with read_as(TOMAN), translation.override("fa"):
            form = _Form(initial=FILLED)
            assert {name: form[name].value() for name in ("weight", "percent", "days", "rate")} == {
                "weight": "۳٫۸۵۰",
                "percent": "۷٫۵",
                "days": "۳۰",
                "rate": "۱۷٬۸۴۵٬۰۰۰",
            }
            assert form["amount"].value() == "۱۱۶٬۶۰۹٬۵۰۰"
            assert 'value="۱۴۰۵/۰۴/۲۳"' in str(form["on"])
            assert 'type="text"' in str(form["on"])

    @pytest.mark.parametrize("language", ["en", "fa"])
    def test_what_is_shown_is_what_is_read(self, language):
        with read_as(TOMAN), translation.override(language):
            blank = _Form(initial=FILLED)
            shown = {name: blank[name].value() for name in FILLED}
            shown["on"] = formatting.typed_day(TODAY)
            form = _Form(shown)
            assert form.is_valid(), form.errors
            assert form.cleaned_data == FILLED

    def test_what_was_typed_stays_as_it_was_typed(self):
        with read_as(TOMAN):
            form = _Form({"amount": "12,5", "on": "1404/12/30", "days": "x"})
            assert not form.is_valid()
            assert (form["amount"].value(), form["on"].value()) == ("12,5", "1404/12/30")
            assert "1404/12/30" in str(form["on"])

    def test_gregorian_readers_have_the_browsers_calendar(self):
        assert 'type="date"' in str(_Form(initial=FILLED)["on"])
        assert 'value="2026-07-14"' in str(_Form(initial=FILLED)["on"])

    def test_the_script_is_told_how_many_decimals(self):
        with read_as(TOMAN):
            drawn = str(_Form()["amount"])
        assert 'data-amount="1"' in drawn
        assert 'data-amount-least="0"' in drawn
        assert 'data-amount="0"' in str(_Form()["amount"])
