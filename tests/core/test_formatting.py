"""What a reader sees and what a person types, in both languages."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.core import formatting as f
from apps.core.typed import (
    Unreadable,
    fold_digits,
    fold_letters,
    parse_amount,
    parse_fineness,
    parse_grams,
)

NOW = datetime(2026, 7, 14, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "places", "english", "persian"),
    [
        (Decimal("1204"), None, "1,204", "۱٬۲۰۴"),
        (Decimal("-20.58"), None, "−20.58", "−۲۰٫۵۸"),
        (Decimal("331507.918"), 3, "331,507.918", "۳۳۱٬۵۰۷٫۹۱۸"),
        (Decimal("0.005"), 2, "0.01", "۰٫۰۱"),
        (Decimal("-0.004"), 2, "0.00", "۰٫۰۰"),
        (7, 1, "7.0", "۷٫۰"),
    ],
)
def test_number(value, places, english, persian):
    assert f.number(value, places=places, language="en") == english
    assert f.number(value, places=places, language="fa") == persian


def test_signed_numbers_say_their_direction_and_zero_has_none():
    assert f.number(Decimal("3.75"), signed=True, language="en") == "+3.75"
    assert f.number(Decimal("-3.75"), signed=True, language="en") == "−3.75"
    assert f.number(Decimal("0.00"), signed=True, language="en") == "0.00"


@pytest.mark.parametrize(
    ("amount", "code", "english", "persian"),
    [
        (Decimal("3297.4200"), "AED", "3,297.42", "۳٬۲۹۷٫۴۲"),
        (Decimal("192.095"), "KWD", "192.095", "۱۹۲٫۰۹۵"),
        (Decimal("116609500.0000"), "IRT", "116,609,500", "۱۱۶٬۶۰۹٬۵۰۰"),
        (Decimal("-5294.05"), "AED", "−5,294.05", "−۵٬۲۹۴٫۰۵"),
        (Decimal("1200"), "JPY", "1,200", "۱٬۲۰۰"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount, code, english, persian):
    assert f.money(amount, code, language="en") == english
    assert f.money(amount, code, language="fa") == persian


def test_money_names_its_currency_after_a_hard_space():
    assert f.money(Decimal("3297.42"), "AED", unit=True, language="en") == "3,297.42\u00a0AED"


def test_money_parts_split_at_the_point_of_the_language():
    assert f.money_parts(Decimal("3297.42"), "AED", language="en") == ("3,297", ".42")
    assert f.money_parts(Decimal("3297.42"), "AED", language="fa") == ("۳٬۲۹۷", "٫۴۲")
    assert f.money_parts(Decimal(1200), "JPY", language="en") == ("1,200", "")


def test_an_unknown_currency_is_loud():
    with pytest.raises(ValueError, match="XYZ"):
        f.money(Decimal(1), "XYZ")


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (Decimal("478.250000"), "AED", "478.25"),
        (Decimal("4.860000"), "AED", "4.86"),
        (Decimal("4.855000"), "AED", "4.855"),
        (Decimal("100"), "AED", "100.00"),
        (Decimal("11420000.000000"), "IRT", "11,420,000"),
        (Decimal("0.123456"), "USD", "0.123456"),
    ],
)
def test_rate_shows_what_it_has_and_no_zeros_beyond(value, code, expected):
    assert f.rate(value, code, language="en") == expected


def test_weights():
    assert f.grams(Decimal("3.85"), language="en") == "3.850\u00a0g"
    assert f.grams(Decimal("3.85"), unit=False, language="fa") == "۳٫۸۵۰"
    assert f.carats(Decimal("0.31"), language="en") == "0.31\u00a0ct"
    assert f.carats(Decimal("1.00000"), language="en") == "1.00\u00a0ct"
    assert f.carats(Decimal("0.31250"), language="en") == "0.3125\u00a0ct"


def test_percent():
    assert f.percent(Decimal("7.500"), language="en") == "7.5%"
    assert f.percent(Decimal("10"), language="fa") == "۱۰٪"
    assert f.percent(Decimal("100"), language="en") == "100%"
    assert f.percent(Decimal("0.786"), places=2, signed=True, language="en") == "+0.79%"


@pytest.mark.parametrize(
    ("parts", "english", "persian"),
    [(9160, "916", "۹۱۶"), (9999, "999.9", "۹۹۹٫۹"), (10000, "1000", "۱۰۰۰")],
)
def test_fineness_is_written_as_its_mark(parts, english, persian):
    assert f.fineness(parts, language="en") == english
    assert f.fineness(parts, language="fa") == persian


def test_without_a_language_the_reader_decides():
    with translation.override("fa"):
        assert f.number(12) == "۱۲"
    with translation.override("en"):
        assert f.number(12) == "12"


def test_dates():
    bastille = date(2026, 7, 14)
    assert f.day(bastille, language="en") == "14 July 2026"
    assert f.day(bastille, table=True, language="en") == "14 Jul 2026"
    assert f.day(bastille, weekday=True, language="en") == "Tuesday 14 July 2026"
    assert f.day(bastille, language="fa") == "۲۳ تیر ۱۴۰۵"
    assert f.day(bastille, table=True, language="fa") == "۱۴۰۵/۰۴/۲۳"
    assert f.day(bastille, weekday=True, language="fa") == "سه\u200cشنبه ۲۳ تیر ۱۴۰۵"


@pytest.mark.parametrize(
    ("gregorian", "jalali"),
    [
        (date(2025, 3, 20), "۱۴۰۳/۱۲/۳۰"),  # 1403 is a leap year
        (date(2025, 3, 21), "۱۴۰۴/۰۱/۰۱"),
        (date(2026, 3, 20), "۱۴۰۴/۱۲/۲۹"),
        (date(2026, 3, 21), "۱۴۰۵/۰۱/۰۱"),
    ],
)
def test_new_year_in_leap_and_common_years(gregorian, jalali):
    assert f.day(gregorian, table=True, language="fa") == jalali


@pytest.mark.parametrize("beyond", [date(1, 1, 1), date(622, 3, 21), date(9998, 3, 20), date.max])
def test_a_day_that_the_jalali_calendar_does_not_count_is_written_all_the_same(beyond):
    for table in (True, False):
        assert f.day(beyond, table=table, weekday=True, language="fa")


def test_when_says_today_and_yesterday_by_the_readers_midnight():
    assert f.when(NOW.replace(hour=13, minute=52), now=NOW, language="en") == "today 13:52"
    assert f.when(NOW - timedelta(days=1), now=NOW, language="en") == "yesterday 14:08"
    assert f.when(NOW - timedelta(days=2), now=NOW, language="en") == "12 July 2026"


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (timedelta(seconds=40), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=4, minutes=56), "4 h 56 min ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=3, hours=5), "3 days ago"),
        (timedelta(minutes=-3), "just now"),  # another machine's clock
    ],
)
def test_ago(back, expected):
    assert f.ago(NOW - back, now=NOW, language="en") == expected


# -- typed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("3297.42", "3297.42"),
        ("3,297.42", "3297.42"),
        ("12,34,567", "1234567"),  # lakhs
        (" 1 250 ", "1250"),
        ("۳٬۲۹۷٫۴۲", "3297.42"),
        ("٣٬٢٩٧٫٤٢", "3297.42"),
        ("۱۲،۵۰۰", "12500"),
        ("\u200e12.50\u200f", "12.50"),
        (".5", "0.5"),
        ("7.", "7"),
        ("0", "0"),
    ],
)
def test_amounts_are_read_in_three_alphabets(typed, expected):
    assert parse_amount(typed, 2) == Decimal(expected)


@pytest.mark.parametrize(
    ("typed", "exponent", "sentence"),
    [
        ("", 2, "The amount is empty. Write a number, for example 1,250."),
        ("\x00", 2, "The amount is empty. Write a number, for example 1,250."),
        ("abc", 2, "abc is no number. Write digits, for example 1,250."),
        ("1e5", 2, "1e5 is no number. Write digits, for example 1,250."),
        ("NaN", 2, "NaN is no number. Write digits, for example 1,250."),
        (".", 2, ". is no number. Write digits, for example 1,250."),
        ("💍", 2, "💍 is no number. Write digits, for example 1,250."),
        ("-5", 2, "-5 is below zero. Write it without the minus."),
        ("−5", 2, "−5 is below zero. Write it without the minus."),
        ("3297.425", 2, "3297.425 has three decimals. This currency has two."),
        ("12.5", 0, "12.5 has one decimal. This currency has none."),
        (
            "12,5",
            2,
            "12,5 has a comma where no thousands are."
            " Write decimals after a point, thousands in threes.",
        ),
        (
            "1234,567",
            3,
            "1234,567 has a comma where no thousands are."
            " Write decimals after a point, thousands in threes.",
        ),
        ("9" * 16, 2, f"{'9' * 16} is longer than any amount here. Check the digits."),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(typed, exponent, sentence):
    with translation.override("en"), pytest.raises(Unreadable) as refused:
        parse_amount(typed, exponent)
    assert str(refused.value) == sentence


def test_a_weight_has_three_decimals():
    assert parse_grams("12.510") == Decimal("12.510")
    with translation.override("en"), pytest.raises(Unreadable) as refused:
        parse_grams("12.5100")
    assert str(refused.value) == "12.5100 has four decimals. The scale gives three."


def test_a_long_text_is_cut_in_its_sentence():
    with pytest.raises(Unreadable) as refused:
        parse_amount("x" * 5000, 2)
    assert len(str(refused.value)) < 100


@given(
    amount=st.decimals(min_value=0, max_value=10**14, places=2, allow_nan=False),
    language=st.sampled_from(["en", "fa"]),
)
def test_what_is_written_can_be_typed_back(amount, language):
    assert parse_amount(f.money(amount, "AED", language=language), 2) == amount


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        assert parse_grams(text) >= 0
    except Unreadable as refused:
        assert str(refused)  # noqa: PT017  # either outcome is right, a third is not


def test_fold_digits_leaves_letters_and_codes_alone():
    assert fold_digits("R۱۰۴۸۲") == "R10482"
    assert fold_digits("۱٬۲۰۴٫۵") == "1204.5"
    assert fold_digits("a,b") == "a,b"


def test_fold_letters_gives_one_key_for_two_keyboards():
    assert fold_letters("ملیكا علي") == fold_letters("ملیکا علی")
    assert fold_letters("نگه\u200cداشتن") == fold_letters("نگهداشتن")
    assert fold_letters("  Rope   Chain ") == "rope chain"


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("916", 9160),
        (" ۹۹۹٫۹ ", 9999),
        ("750‰", 7500),
        ("18", 180),  # a bare number is parts per thousand, whatever it looks like
        ("18K", 7500),
        ("18k", 7500),
        ("K18", 7500),
        ("22 ct", 9160),
        ("22ct", 9160),
        ("21.6 karat", 9000),
        ("24KT", 9990),
        ("۱۸ عیار", 7500),
        ("١٨ عيار", 7500),
        ("عیار ۱۸", 7500),
        ("۲۱ قیراط", 8750),
    ],
)
def test_fineness_is_read_in_parts_per_thousand_and_in_karats(typed, parts):
    assert parse_fineness(typed, metal="gold") == parts


@pytest.mark.parametrize(
    ("typed", "metal", "sentence"),
    [
        ("17K", "gold", "No mark of gold is struck for 17K. Write parts per thousand."),
        ("0K", "gold", "No mark of gold is struck for 0K."),
        ("99ct", "gold", "No mark of gold is struck for 99ct."),
        ("18K", "silver", "18K is a karat, which only gold has. Write parts per thousand."),
        ("18K gold", "gold", "18K gold is no fineness."),
        ("K", "gold", "K is no fineness."),
        ("K18K", "gold", "K18K is no fineness."),
        ("1001", "gold", "1001 is no fineness. Write parts per thousand, for example 916 or 999.9"),
        ("9" * 90, "gold", "9…  is no fineness.".replace("  ", " ")),
        ("", "gold", "is no fineness."),
    ],
)
def test_what_is_no_fineness_is_refused_with_a_sentence(typed, metal, sentence):
    with pytest.raises(Unreadable, match=re.escape(sentence)):
        parse_fineness(typed, metal=metal)


def test_names_are_listed_with_the_comma_of_the_language():
    assert f.listed(["Mira", 7]) == "Mira, 7"
    with translation.override("fa"):
        assert f.listed(["مینا", "سارا"]) == "مینا، سارا"
