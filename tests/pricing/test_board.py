"""The board as people look at it, its history, and what is surprising about a new rate."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.core.units import permille
from apps.pricing.board import board_rows, newest_quote
from apps.pricing.doubts import doubts_about
from apps.pricing.history import history_of
from apps.pricing.models import MetalRate
from apps.pricing.services import RateDoubtful, change_rate
from apps.shops.scope import shop_scope
from tests import make

NOW = make.NOON
DAY = timedelta(days=1)


def rows_of(shop, at=NOW):
    return {row.key: row for row in board_rows(shop=shop, at=at)}


@pytest.mark.usefixtures("scope")
class TestBoard:
    def test_has_a_row_for_each_fineness_metals_in_order_purest_first(self, shop):
        for metal, fineness in [("silver", "925"), ("gold", "750"), ("gold", "999.9")]:
            make.rate(of=shop, metal=metal, fineness=fineness)

        assert [row.key for row in board_rows(shop=shop, at=NOW)] == [
            "gold-9999",
            "gold-7500",
            "silver-9250",
        ]

    def test_shows_the_newest_of_each_side_and_their_spread(self, shop):
        make.rate(of=shop, amount="470", at=NOW - timedelta(hours=2))
        make.rate(of=shop, amount="478.25", at=NOW - timedelta(hours=1))
        make.rate(of=shop, amount="470.50", side="buy", at=NOW - timedelta(hours=1))

        row = rows_of(shop)["gold-10000"]

        assert (row.sell.rate.amount, row.buy.rate.amount) == (Decimal("478.25"), Decimal("470.5"))
        assert row.spread == Decimal("7.75")
        assert row.karat == "24K"

    def test_compares_with_the_last_rate_of_the_day_before(self, shop):
        make.rate(of=shop, amount="400", at=NOW - DAY - timedelta(hours=3))
        make.rate(of=shop, amount="200", at=NOW - DAY)
        make.rate(of=shop, amount="300", at=NOW - timedelta(hours=3))
        make.rate(of=shop, amount="203", at=NOW)

        row = rows_of(shop)["gold-10000"]

        assert (row.change, row.change_percent) == (Decimal(3), Decimal("1.5"))

    def test_yesterday_is_the_last_day_that_had_a_rate_but_not_last_month(self, shop):
        make.rate(of=shop, amount="200", at=NOW - 3 * DAY)
        make.rate(of=shop, metal="silver", amount="4", at=NOW - 8 * DAY)
        make.rate(of=shop, amount="203")
        make.rate(of=shop, metal="silver", amount="5")

        rows = rows_of(shop)

        assert rows["gold-10000"].change == 3
        assert rows["silver-10000"].change is None

    def test_compares_across_units_by_the_gram(self, shop):
        make.rate(of=shop, unit="mithqal", amount="4.6083", at=NOW - DAY)
        make.rate(of=shop, unit="g", amount="2")

        row = rows_of(shop)["gold-10000"]

        assert row.change == 1
        assert row.sell.per_gram is None

    def test_shows_another_unit_as_it_was_entered_and_by_the_gram(self, shop):
        make.rate(of=shop, unit="tola", amount="116.638038")

        quote = rows_of(shop)["gold-10000"].sell

        assert (quote.rate.amount, quote.rate.unit) == (Decimal("116.638038"), "tola")
        assert quote.per_gram == Decimal("10.000000")

    def test_shows_an_old_rate_as_one_that_prices_nothing(self, shop):
        make.rate(of=shop, at=NOW - DAY)

        row = rows_of(shop)["gold-10000"]

        assert (row.sell.valid, row.spread, row.change) == (False, None, None)
        assert newest_quote([row]) is None

    def test_a_day_is_the_shops_own(self, db):
        """At 21:00 UTC it is the next day in Dubai, and yesterday's rate is old."""
        shop = make.shop(time_zone="Asia/Dubai")
        with shop_scope(shop.pk):
            make.rate(of=shop, at=datetime(2026, 1, 15, 19, 59, tzinfo=UTC))

            before = rows_of(shop, at=datetime(2026, 1, 15, 19, 59, 30, tzinfo=UTC))
            after = rows_of(shop, at=datetime(2026, 1, 15, 20, 0, tzinfo=UTC))

        assert before["gold-10000"].valid
        assert not after["gold-10000"].valid

    def test_leaves_out_what_was_not_quoted_for_a_year(self, shop):
        make.rate(of=shop, at=NOW - 400 * DAY)

        assert rows_of(shop) == {}

    def test_leaves_out_what_is_only_valid_later(self, shop):
        make.rate(of=shop, amount="100")
        make.rate(of=shop, amount="200", at=NOW + timedelta(minutes=1))

        assert rows_of(shop)["gold-10000"].sell.rate.amount == 100

    def test_asks_twice_whatever_the_number_of_rows(self, shop, django_assert_num_queries):
        for fineness in ("999", "916", "750", "585"):
            make.rate(of=shop, fineness=fineness)

        with django_assert_num_queries(2):
            rows = board_rows(shop=shop, at=NOW)
            assert [row.spark for row in rows if row.spark]

    def test_knows_only_its_own_shop(self, shop):
        make.rate(of=shop)
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            assert board_rows(shop=other, at=NOW) == []


@pytest.mark.usefixtures("scope")
class TestHistory:
    def history(self, shop, span=7, at=NOW):
        return history_of(shop=shop, metal="gold", fineness=10_000, span=span, at=at)

    def test_holds_a_rate_until_the_next_one(self, shop):
        make.rate(of=shop, amount="100", at=NOW - 20 * DAY)
        make.rate(of=shop, amount="110", at=NOW - 2 * DAY - timedelta(hours=1))
        make.rate(of=shop, amount="120", at=NOW - 2 * DAY)

        sells = [point.sell for point in self.history(shop).points]

        assert sells == [100, 100, 100, 100, 120, 120, 120]

    def test_begins_with_the_first_rate(self, shop):
        make.rate(of=shop, at=NOW - DAY)

        points = self.history(shop).points

        assert [point.day for point in points] == [(NOW - DAY).date(), NOW.date()]

    def test_has_buy_rates_from_their_first_day_on(self, shop):
        make.rate(of=shop, amount="100", at=NOW - DAY)
        make.rate(of=shop, amount="90", side="buy")

        history = self.history(shop)

        assert [point.buy for point in history.points] == [None, Decimal(90)]
        assert not history.has_buy

    def test_is_in_the_unit_of_the_newest_rate(self, shop):
        make.rate(of=shop, unit="ozt", amount="311.034768", at=NOW - DAY)
        make.rate(of=shop, unit="g", amount="11")

        history = self.history(shop)

        assert (history.unit, [p.sell for p in history.points]) == ("g", [Decimal(10), Decimal(11)])

    def test_all_of_a_short_history_has_every_day(self, shop):
        for days in (30, 29, 3):
            make.rate(of=shop, amount=str(days), at=NOW - days * DAY)

        points = self.history(shop, span=0).points

        assert len(points) == 31
        assert [p.sell for p in points][:3] == [30, 29, 29]
        assert points[-1].sell == 3

    def test_all_of_a_long_history_is_thinned_to_what_a_screen_shows(self, shop):
        for years in range(60):
            make.rate(of=shop, amount=str(100 - years), at=NOW - years * 365 * DAY)

        points = self.history(shop, span=0).points

        assert len(points) == 365
        assert (points[0].sell, points[-1].sell) == (41, 100)
        assert points == sorted(points, key=lambda point: point.day)

    def test_of_nothing_is_empty(self, shop):
        assert self.history(shop, span=0).points == []
        assert self.history(shop, span=365).points == []

    @pytest.mark.parametrize("span", [7, 90, 365, 0])
    def test_asks_twice(self, shop, span, django_assert_num_queries):
        make.rate(of=shop, at=NOW - 3 * DAY)
        make.rate(of=shop)

        with django_assert_num_queries(2):
            self.history(shop, span=span)


@pytest.mark.usefixtures("scope")
class TestDoubts:
    def doubts(self, shop, amount, *, side="sell", unit="g", fineness="1000"):
        found = doubts_about(
            shop=shop,
            metal="gold",
            fineness=permille(fineness),
            side=side,
            unit=unit,
            amount=Decimal(amount),
            at=NOW,
        )
        return [str(doubt) for doubt in found]

    @pytest.mark.parametrize("amount", ["110", "90", "100"])
    def test_takes_what_moves_up_to_ten_percent(self, shop, amount):
        make.rate(of=shop, amount="100", at=NOW - DAY)

        assert self.doubts(shop, amount) == []

    @pytest.mark.parametrize(
        ("amount", "fact"),
        [
            ("110.01", "10.0% above the last rate, 100.00 a gram."),
            ("89.99", "10.0% below the last rate, 100.00 a gram."),
            ("1000", "900.0% above the last rate, 100.00 a gram."),
        ],
    )
    def test_asks_about_what_moves_further(self, shop, amount, fact):
        make.rate(of=shop, amount="100", at=NOW - DAY)

        assert self.doubts(shop, amount) == [fact]

    def test_compares_another_unit_by_the_gram(self, shop):
        """A troy ounce's price typed as a gram's is thirty times too much."""
        make.rate(of=shop, amount="3110.34768", unit="ozt", at=NOW - DAY)

        assert self.doubts(shop, "100", unit="g") == []
        assert len(self.doubts(shop, "3110", unit="g")) == 1

    def test_compares_a_new_fineness_with_what_the_purest_one_makes_it(self, shop):
        make.rate(of=shop, amount="100")

        assert self.doubts(shop, "75", fineness="750") == []
        assert self.doubts(shop, "100", fineness="750") == [
            "33.3% above what 1000 at 100.00 a gram makes it."
        ]

    def test_asks_about_buying_above_what_it_sells_for(self, shop):
        make.rate(of=shop, amount="100")
        make.rate(of=shop, amount="97", side="buy")

        assert self.doubts(shop, "101", side="buy") == [
            "It is above what we sell for, 100.00 a gram."
        ]
        assert self.doubts(shop, "96", side="sell") == [
            "It is below what we buy for, 97.00 a gram."
        ]

    def test_has_nothing_to_compare_the_first_rate_with(self, shop):
        assert self.doubts(shop, "123456") == []

    def test_asks_once(self, shop, django_assert_num_queries):
        make.rate(of=shop)
        with django_assert_num_queries(1):
            self.doubts(shop, "500")

    def test_a_doubtful_rate_is_not_written_unless_it_is_confirmed(self, shop, owner):
        make.rate(of=shop, amount="100", at=NOW - DAY)
        terms = {
            "shop": shop,
            "metal": "gold",
            "fineness": 10_000,
            "side": "sell",
            "unit": "g",
            "amount": Decimal(1000),
            "at": NOW,
            "by": owner,
        }

        with pytest.raises(RateDoubtful, match="tick the box"):
            change_rate(**terms)
        assert MetalRate.objects.count() == 1

        assert change_rate(**terms, confirmed=True).amount == 1000
