"""Amounts in words, in two languages."""

from decimal import Decimal

import pytest

from apps.core.paper.amount_words import in_words


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "Zero AED"),
        ("0.05", "Zero and 05/100 AED"),
        ("13", "Thirteen AED"),
        ("21.50", "Twenty-one and 50/100 AED"),
        ("110", "One hundred ten AED"),
        ("1057.98", "One thousand fifty-seven and 98/100 AED"),
        ("1000000", "One million AED"),
        ("2000000001", "Two billion one AED"),
    ],
)
def test_english(amount, said):
    assert in_words(Decimal(amount), "AED", language="en") == said


def test_persian():
    assert in_words(Decimal(48_250_000), "IRR", language="fa").startswith(
        "چهل و هشت میلیون و دویست و پنجاه هزار"
    )
    assert "۹۸/۱۰۰" in in_words(Decimal("1057.98"), "AED", language="fa")


def test_what_has_no_words_is_left_out():
    assert in_words(Decimal(-1), "AED", language="en") == ""
    assert in_words(Decimal(10) ** 15, "AED", language="en") == ""
