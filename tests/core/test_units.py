"""Money digits, rounding, weights, fineness: the arithmetic everything else stands on."""

from decimal import Decimal

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from apps.core.currencies import CURRENCIES
from apps.core.units import (
    GRAMS_PER,
    FinenessRefused,
    Rounding,
    UnknownCurrency,
    UnknownUnit,
    carats_to_grams,
    currency,
    fine_grams,
    format_permille,
    grams_per,
    karat_label,
    karat_permille,
    permille,
    round_grams,
    round_money,
    round_to,
)

D = Decimal
MODES = list(Rounding)


@pytest.mark.parametrize(
    ("amount", "step", "half_up", "half_even", "down", "up"),
    [
        ("2.5", "1", "3", "2", "2", "3"),
        ("-2.5", "1", "-3", "-2", "-2", "-3"),
        ("3.5", "1", "4", "4", "3", "4"),
        ("0.005", "0.01", "0.01", "0.00", "0.00", "0.01"),
        ("192.093", "0.005", "192.095", "192.095", "192.090", "192.095"),
        ("1234.57", "0.05", "1234.55", "1234.55", "1234.55", "1234.60"),
        ("5116412", "1000", "5116000", "5116000", "5116000", "5117000"),
        ("5116500", "1E+3", "5117000", "5116000", "5116000", "5117000"),
        ("1.25", "0.50", "1.50", "1.00", "1.00", "1.50"),
    ],
)
def test_rounding_to_a_step(amount, step, half_up, half_even, down, up):
    rounded = [round_to(D(amount), D(step), mode) for mode in MODES]
    assert rounded == [D(half_up), D(half_even), D(down), D(up)]


def test_a_rounded_amount_has_the_digits_of_its_step():
    assert str(round_to(D("1"), D("0.005"))) == "1.000"
    assert format(round_to(D("5116412"), D("1E+3")), "f") == "5116000"
    assert str(round_money(D("3"), 3)) == "3.000"


@pytest.mark.parametrize("step", ["0.01", "0.05", "1", "1000"])
def test_nothing_rounds_to_a_negative_zero(step):
    assert not round_to(D("-0.001"), D(step)).is_signed()


money = st.decimals(-(10**15), 10**15, places=6)
steps = st.sampled_from(
    [D(s) for s in ("0.001", "0.005", "0.01", "0.05", "0.50", "1", "7", "1000")]
)


@given(money, steps, st.sampled_from(MODES))
def test_a_rounded_amount_is_a_multiple_and_near(amount, step, mode):
    rounded = round_to(amount, step, mode)
    assert rounded % step == 0
    assert round_to(rounded, step, mode) == rounded
    away = abs(rounded - amount)
    assert away <= step / 2 if mode in (Rounding.HALF_UP, Rounding.HALF_EVEN) else away < step
    if mode == Rounding.DOWN:
        assert abs(rounded) <= abs(amount)
    if mode == Rounding.UP:
        assert abs(rounded) >= abs(amount)
    assert round_to(-amount, step, mode) == -rounded


def test_a_product_longer_than_python_s_own_28_digits_is_rounded_once():
    # 28 digits would have made …5 of …49999 and then a whole cent of it.
    exact = D("12345678901234567890123456.00499999999999999")
    assert round_to(exact, D("0.01")) == D("12345678901234567890123456.00")
    assert round_to(exact, D("0.05")) == D("12345678901234567890123456.00")


def test_grams_are_rounded_half_up_to_the_milligram():
    assert round_grams(D("1.0005")) == D("1.001")
    assert round_grams(D("1.00049")) == D("1.000")


# -- currencies --------------------------------------------------------------------------------

# Babel carries CLDR. Each line is a difference we mean.
OURS_ALONE = {"IRT"}  # the toman: how people in Iran count, ten rials
CASH_OF_OURS = {"KWD": D("0.005")}  # CLDR names no step; the smallest coin is 5 fils
TENDER_OF_OURS = {"IRT", "SVC", "VED"}  # in ISO 4217, or spoken, but no territory's tender in CLDR


def _cldr(code):
    fractions = get_global("currency_fractions")
    digits, _, cash_digits, cash_rounding = fractions.get(code, fractions["DEFAULT"])
    step = D(cash_rounding or 1).scaleb(-cash_digits)
    return digits, step


@pytest.mark.parametrize("code", sorted(set(CURRENCIES) - OURS_ALONE))
def test_a_currency_is_as_cldr_has_it_or_differs_by_name(code):
    digits, cash_step = _cldr(code)
    assert currency(code).exponent == digits
    assert currency(code).cash_step == CASH_OF_OURS.get(code, cash_step)


def test_every_tender_of_the_world_is_there():
    tenders = {
        code
        for uses in get_global("territory_currencies").values()
        for code, _start, end, is_tender in uses
        if end is None and is_tender
    }
    assert set(CURRENCIES) - TENDER_OF_OURS == tenders


@pytest.mark.parametrize(
    ("codes", "exponent"),
    [("KWD BHD OMR JOD TND LYD", 3), ("JPY KRW VND IRR IRT IQD", 0), ("INR AED USD CHF", 2)],
)
def test_the_digits_of_the_trade(codes, exponent):
    assert {currency(code).exponent for code in codes.split()} == {exponent}


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("CHF", "0.05"),
        ("CAD", "0.05"),
        ("DKK", "0.50"),
        ("CZK", "1"),
        ("SEK", "1"),
        ("AED", "0.01"),
    ],
)
def test_the_smallest_cash(code, step):
    assert currency(code).cash_step == D(step)


@pytest.mark.parametrize("code", ["XXX", "XAU", "inr", "", "INR\n", "ايران"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(UnknownCurrency, match="is no currency here"):
        currency(code)


# -- weights and fineness ----------------------------------------------------------------------


def test_the_units_hang_together():
    assert GRAMS_PER["tola"] == GRAMS_PER["ozt"] * 3 / 8 == GRAMS_PER["grain"] * 180
    assert GRAMS_PER["dwt"] * 20 == GRAMS_PER["ozt"] == GRAMS_PER["grain"] * 480
    assert GRAMS_PER["masha"] * 12 == GRAMS_PER["tola"]
    assert carats_to_grams(D("2.20")) == D("0.44")


def test_the_iranian_divisor():
    assert GRAMS_PER["mithqal"] * 705 / 750 == D("4.331802")


def test_an_unknown_unit_is_refused():
    with pytest.raises(UnknownUnit, match="ratti"):
        grams_per("ratti")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("916", 9160),
        ("999.9", 9999),
        ("1000", 10_000),
        ("1000.0", 10_000),
        ("0.1", 1),
        ("705", 7050),
    ],
)
def test_a_mark_is_read_in_parts_per_ten_thousand(text, parts):
    assert permille(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0.0",
        "1000.1",
        "916.66",
        "-916",
        "+916",
        "9e2",
        "22K",
        "٩١٦",
        "۹۱۶",
        "916.",
        ".5",
        " 916",
        "²",
        "99999",
    ],
)
def test_what_is_no_mark_is_refused(text):
    with pytest.raises(FinenessRefused, match="is no fineness"):
        permille(text)


@given(st.integers(1, 10_000))
def test_a_mark_written_and_read_is_the_same(parts):
    assert permille(format_permille(parts)) == parts


def test_marks_are_written_without_idle_zeros():
    marks = [format_permille(parts) for parts in (9160, 9999, 10_000, 100, D("9166.667"))]
    assert marks == ["916", "999.9", "1000", "10", "916.6667"]


def test_fine_grams_are_rounded_once_half_up():
    assert fine_grams(D("7.333"), 9160) == D("6.717")
    assert fine_grams(D("100"), D("9166.667")) == D("91.667")
    assert fine_grams(D("0.001"), 5000) == D("0.001")


@pytest.mark.parametrize(
    ("metal", "fineness", "label"),
    [
        ("gold", 9160, "22K"),
        ("gold", 9999, "24K"),
        ("gold", 9900, "24K"),
        ("gold", 9580, "23K"),
        ("gold", 7500, "18K"),
        ("gold", 5850, "14K"),
        ("gold", 7050, ""),  # the bullion of the mazanneh: called 17, and not 17/24
        ("silver", 9250, "Sterling"),
        ("platinum", 9500, ""),
        ("palladium", 9990, ""),
    ],
)
def test_a_karat_is_only_a_label(metal, fineness, label):
    assert karat_label(metal, fineness) == label


@pytest.mark.parametrize(
    "karats", ["24", "23", "22", "21.6", "21", "20", "18", "14", "10", "9", "8"]
)
def test_the_mark_of_a_karat_is_called_by_that_karat(karats):
    assert karat_label("gold", karat_permille(D(karats))) == f"{karats}K"


@pytest.mark.parametrize("karats", ["0", "17", "25", "18.5"])
def test_a_karat_without_a_mark_is_refused(karats):
    with pytest.raises(FinenessRefused):
        karat_permille(D(karats))
