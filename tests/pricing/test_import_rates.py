"""Loading a dated price history into the rate board."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.pricing.models import MetalRate, RateSource
from apps.pricing.rate_files import HistoryRefused, prices_in
from apps.pricing.selectors import RateMissing, board_at
from apps.pricing.services import load_history
from apps.shops.scope import shop_scope
from tests import make

HISTORY = Path("apps/pricing/data/gold-usd-per-ozt-monthly.csv")


@pytest.fixture
def load(shop, tmp_path):
    """Import a text into the shop and give the command's answer."""

    def run(text, *options, into=shop):
        file = tmp_path / "history.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        call_command("import_rates", str(file), "--shop", into.slug, *options)

    return run


DIRHAMS = ("--per-unit-of-currency", "3.6725")


def stored(shop):
    with shop_scope(shop.pk):
        return list(MetalRate.objects.order_by("valid_from").values_list("valid_from", "amount"))


class TestPrices:
    @pytest.mark.parametrize(
        "text",
        [
            "Date,Price\n2026-01,100.5\n2026-02,101\n",
            "\ufeffDate,Price\r\n2026-01,100.5\r\n2026-02,101\r\n",
            "month;close\n2026-01;100.5\n2026-02;101",
            "DATE\tRate\n2026-01-01\t100.5\n\n2026-02-01\t101\n",
            "2026-01,100.5\n2026-02,101\n",
            'Source,Price,Date\nx,"100.5",2026-01\ny,101,2026-02\n',
        ],
        ids=["plain", "excel", "semicolons", "tabs", "no heading", "other columns"],
    )
    def test_reads_dates_and_prices(self, text):
        assert [(row.day, row.price) for row in prices_in(text)] == [
            (date(2026, 1, 1), Decimal("100.5")),
            (date(2026, 2, 1), Decimal(101)),
        ]

    @pytest.mark.parametrize(
        ("line", "named"),
        [
            ("2026-13,100", ("date", "2026-13", "there is no such day.")),
            ("2026-02-30,100", ("date", "2026-02-30", "there is no such day.")),
            ("01/02/2026,100", ("date", "01/02/2026", "write the date as")),
            ("2026-02,0", ("price", "0", "a price is above zero.")),
            ("2026-02,-5", ("price", "-5", "write a number above zero")),
            ("2026-02,NaN", ("price", "NaN", "write a number")),
            ("2026-02,1e3", ("price", "1e3", "write a number")),
            ("2026-02,1.1234567", ("price", "1.1234567", "at most six decimals")),
            ("2026-02,۱۰۰", ("price", "۱۰۰", "write a number")),
            ("2026-02", ("price", "", "the price is missing.")),
            ("2026-01,101", ("date", "2026-01", "this date stands in line 2 already.")),
        ],
    )
    def test_names_a_bad_row_by_line_column_value_and_reason(self, line, named):
        with pytest.raises(HistoryRefused) as refused:
            prices_in(f"Date,Price\n2026-01,100\n{line}\n")

        (row,) = refused.value.rows
        assert (row.line, row.column, row.value) == (3, named[0], named[1])
        assert named[2] in row.reason

    def test_names_every_bad_row_and_shows_the_first_ten(self):
        with pytest.raises(HistoryRefused) as refused:
            prices_in("Date,Price\n" + "never,1\n" * 12)

        assert len(refused.value.rows) == 12
        assert str(refused.value).startswith("12 rows cannot be taken, so none was.")
        assert str(refused.value).endswith("… and 2 more.")

    @pytest.mark.parametrize("text", ["", "Date,Price\n", "\n\n"])
    def test_refuses_a_file_without_a_row(self, text):
        with pytest.raises(HistoryRefused, match="there is no row with a date"):
            prices_in(text)


@pytest.mark.django_db
class TestCommand:
    def test_loads_the_real_months_in_few_statements(
        self, shop, capsys, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(10):
            call_command("import_rates", str(HISTORY), "--shop", shop.slug, *DIRHAMS)

        loaded = stored(shop)
        assert len(loaded) == len(HISTORY.read_text().splitlines()) - 1 > 2300
        assert loaded[0] == (datetime(1833, 1, 1, tzinfo=UTC), Decimal("69.520425"))
        assert loaded[-1] == (datetime(2026, 6, 1, tzinfo=UTC), Decimal("15527.330000"))
        assert f"{len(loaded)} added, 0 there already" in capsys.readouterr().out

    def test_run_twice_adds_nothing(self, shop, load, capsys):
        load("2026-01,100\n", *DIRHAMS)
        load("2026-01,100\n2026-02,101\n", *DIRHAMS)

        assert len(stored(shop)) == 2
        assert "1 added, 1 there already" in capsys.readouterr().out

    def test_writes_none_when_one_row_is_bad(self, shop, load):
        with pytest.raises(CommandError, match="Line 2, price, “x”"):
            load("2026-01,100\n2026-02,x\n", *DIRHAMS)

        assert stored(shop) == []

    def test_refuses_days_that_have_not_come(self, shop, load):
        with pytest.raises(CommandError, match="Line 2, date, “2999-01-01”: this day has not come"):
            load("2026-01,100\n2999-01,101\n", *DIRHAMS)

        assert stored(shop) == []

    def test_refuses_another_currency_without_a_factor(self, shop, load):
        with pytest.raises(CommandError, match="--per-unit-of-currency FACTOR"):
            load("2026-01,100\n", "--currency", "EUR")

        assert stored(shop) == []

    def test_takes_dollars_at_the_fixed_rate_of_a_currency_that_has_one(self, shop, load):
        load("2026-01,100\n")

        assert stored(shop) == [(datetime(2026, 1, 1, tzinfo=UTC), Decimal("367.25"))]

    def test_takes_the_shops_own_currency_as_it_is(self, shop, load):
        load("2026-01,100\n", "--currency", "AED")

        assert stored(shop) == [(datetime(2026, 1, 1, tzinfo=UTC), Decimal(100))]

    def test_refuses_a_factor_between_equal_currencies(self, load):
        with pytest.raises(CommandError, match="contradicts itself"):
            load("2026-01,100\n", "--currency", "AED", *DIRHAMS)

    @pytest.mark.parametrize("factor", ["0", "-1", "nan", "inf", "x", "1_0", "۳"])
    def test_refuses_a_factor_that_is_none(self, load, factor):
        with pytest.raises(CommandError, match="is no factor"):
            load("2026-01,100\n", f"--per-unit-of-currency={factor}")

    def test_refuses_prices_that_come_to_nothing(self, load):
        with pytest.raises(CommandError, match=r"it comes to 0\.000000"):
            load("2026-01,0.000001\n", "--per-unit-of-currency", "0.1")

    def test_holds_from_the_start_of_the_day_on_the_shops_wall(self, db, load):
        shop = make.shop(time_zone="Asia/Dubai")
        load("2026-02,100\n", *DIRHAMS, into=shop)

        assert stored(shop)[0][0] == datetime(2026, 1, 31, 20, tzinfo=UTC)

    def test_says_what_was_quoted_and_where_it_is_from(self, shop, load):
        load(
            "2026-01,100\n",
            *("--metal", "silver", "--fineness", "999.9", "--side", "buy", "--unit", "tola"),
            *("--currency", "AED", "--source-name", "the bank"),
        )

        with shop_scope(shop.pk):
            rate = MetalRate.objects.get()
        assert (rate.metal, rate.fineness, rate.side, rate.unit) == ("silver", 9999, "buy", "tola")
        assert (rate.source, rate.reason, rate.currency) == ("import", "the bank", "AED")

    def test_never_prices_a_sale(self, shop, load):
        load("2026-01,100\n", *DIRHAMS)

        with shop_scope(shop.pk), pytest.raises(RateMissing):
            board_at(shop=shop, at=make.NOON).rate_for("gold", 10_000)

    def test_stays_in_its_shop(self, shop, load):
        other = make.shop(name="Other")
        load("2026-01,100\n", *DIRHAMS)

        assert stored(other) == []

    @pytest.mark.parametrize(
        ("text", "said"),
        [(b"Date,Price\n2026-01,\xff\n", "not in UTF-8"), (b"PK\x03\x04\x00\xde", "not in UTF-8")],
    )
    def test_refuses_what_is_no_text(self, load, text, said):
        with pytest.raises(CommandError, match=said):
            load(text, *DIRHAMS)

    def test_names_a_file_that_is_not_there(self, shop):
        with pytest.raises(CommandError, match="No such file"):
            call_command("import_rates", "nowhere.csv", "--shop", shop.slug, *DIRHAMS)

    def test_names_a_shop_that_is_not_there(self, db):
        with pytest.raises(CommandError, match="nobody"):
            call_command("import_rates", str(HISTORY), "--shop", "nobody", *DIRHAMS)


@pytest.mark.usefixtures("scope")
class TestLoadHistory:
    def test_of_another_source_stands_beside_it(self, shop):
        prices = prices_in("2026-01,100\n")
        terms = {"shop": shop, "prices": prices, "metal": "gold", "fineness": 10_000}
        terms |= {"side": "sell", "unit": "ozt", "at": make.NOON}

        load_history(**terms)
        loaded = load_history(**terms, source=RateSource.DEMO)

        assert (loaded.new, loaded.known) == (1, 0)
