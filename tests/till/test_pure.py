"""What needs no database: notes and coins, counts as JSON, counted against expected."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.currencies import CURRENCIES, currency
from apps.till.compare import Expected, LineKind, compare, worth
from apps.till.counted import Cash, Counted, CountedTray
from apps.till.denominations import _TABLE, denominations

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2)


class TestDenominations:
    @pytest.mark.parametrize("code", sorted(_TABLE))
    def test_are_whole_steps_of_their_currency_the_largest_first(self, code):
        rows = denominations(code)
        values = [row.value for row in rows]

        assert code in CURRENCIES
        assert len(values) == len(set(values))
        assert all(value > 0 and value % currency(code).step == 0 for value in values)
        for is_note in (True, False):
            of_kind = [row.value for row in rows if row.is_note is is_note]
            assert of_kind == sorted(of_kind, reverse=True)

    @pytest.mark.parametrize("code", ["INR", "IRR", "AED", "GBP", "USD", "EUR", "SAR", "KWD"])
    def test_are_known_where_the_shops_are(self, code):
        assert denominations(code)

    def test_a_note_that_is_a_coin_too_is_one_row(self):
        assert [row.value for row in denominations("INR")].count(Decimal(20)) == 1

    def test_another_currency_is_counted_as_a_sum(self):
        assert denominations("ISK") == ()


class TestCounted:
    def test_comes_back_from_json_as_it_went(self):
        counted = Counted(
            cash={"AED": Cash(pieces={Decimal("0.25"): 3, Decimal(500): 2}, other=Decimal("1.5"))},
            slips={"card": Decimal("12.00")},
            bags={"gold": Decimal("3.125")},
            trays=(CountedTray(place=1, name="Tray", pieces=4, counted=None),),
        )
        assert Counted.from_json(counted.as_json()) == counted
        assert counted.as_json()["cash"]["AED"]["total"] == "1002.25"


def of(counted, expected, *, slips=None, bags=None, weighed=None, trays=()):
    return compare(
        Counted(
            cash={code: Cash(other=Decimal(amount)) for code, amount in counted.items()},
            slips={kind: Decimal(amount) for kind, amount in (slips or {}).items()},
            bags={metal: Decimal(grams) for metal, grams in (weighed or {}).items()},
            trays=trays,
        ),
        Expected(
            cash={code: Decimal(amount) for code, amount in expected.items()},
            slips={},
            bags=None if bags is None else {metal: Decimal(grams) for metal, grams in bags.items()},
        ),
        currency="AED",
    )


class TestCompare:
    @given(counted=AMOUNTS, expected=AMOUNTS)
    def test_what_was_expected_and_the_difference_is_what_was_counted(self, counted, expected):
        cash = of({"AED": counted}, {"AED": expected})[0]

        assert cash.expected + cash.difference == cash.counted
        assert cash.agrees == (counted == expected)
        assert worth([cash], currency="AED") == abs(counted - expected)

    def test_the_shops_own_cash_is_first(self):
        lines = of({"USD": 1, "AED": 1, "CHF": 1}, {})
        assert [line.name for line in lines[:3]] == ["AED", "CHF", "USD"]

    def test_cash_that_nobody_counted_is_short(self):
        (aed, usd, *_slips) = of({"AED": 0}, {"USD": 5})
        assert (aed.difference, usd.difference) == (0, -5)

    def test_other_currencies_have_no_worth_here(self):
        assert worth(of({"AED": 1, "USD": 1}, {"AED": 5, "USD": 2}), currency="AED") is None
        assert worth(of({"AED": 1, "USD": 2}, {"AED": 5, "USD": 2}), currency="AED") == 4

    def test_a_bag_is_short_by_its_grams(self):
        (bag,) = [
            line
            for line in of({}, {}, weighed={"gold": "9.5"}, bags={"gold": "10"})
            if line.kind == LineKind.BAG
        ]
        assert bag.difference == Decimal("-0.5")
        assert worth([bag], currency="AED") is None

    def test_a_bag_is_only_weighed_where_nobody_knows_what_came_in(self):
        (bag,) = [line for line in of({}, {}, weighed={"gold": 1}) if line.kind == LineKind.BAG]
        assert (bag.difference, bag.agrees, bag.is_known) == (0, False, False)

    def test_a_tray_that_nobody_counted_neither_agrees_nor_differs(self):
        tray = CountedTray(place=1, name="Tray", pieces=4, counted=None)
        (line,) = [line for line in of({}, {}, trays=(tray,)) if line.kind == LineKind.TRAY]
        assert (line.difference, line.agrees) == (0, False)
