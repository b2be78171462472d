"""The pages of the rate board."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core import formatting
from apps.pricing.models import MetalRate
from apps.pricing.rate_files import DatedPrice
from apps.pricing.services import load_history
from apps.shops.scope import shop_scope
from tests import make

RATES, CHANGE, WALL = "/rates/", "/rates/change/", "/rates/wall/"
KNOWN = {"which": "gold-10000-sell-g", "amount": "101.50", "reason": "Morning fix"}
NEW = {"metal": "gold", "fineness": "750", "side": "sell", "unit": "g", "amount": "75"}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def as_(client, shop):
    """A client signed in as a member with this role."""

    def sign_in(role="owner", of=None):
        client.force_login(make.member(of=of or shop, role=role).user)
        return client

    return sign_in


@pytest.fixture
def board(shop, now):
    """Gold 1000 at 100 and 97."""
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="100", at=now)
        make.rate(of=shop, amount="97", side="buy", at=now)


def stored(shop):
    with shop_scope(shop.pk):
        return [
            (rate.metal, rate.fineness, rate.side, rate.unit, str(rate.amount))
            for rate in MetalRate.objects.order_by("pk")
        ]


@pytest.mark.usefixtures("board")
class TestBoardPage:
    def test_shows_the_board_and_the_form(self, as_):
        page = as_().get(RATES)

        assert page.status_code == 200
        assert "100.00" in page.text
        assert "Gold 1000 24K, we sell, per gram" in page.text
        assert "not used for sales" not in page.text

    def test_has_no_form_for_who_may_not(self, as_):
        page = as_("cashier").get(RATES)

        assert "100.00" in page.text
        assert "Change a rate" not in page.text

    def test_says_that_an_old_rate_is_not_used(self, as_, shop, now):
        then = now - timedelta(days=12)
        with shop_scope(shop.pk):
            make.rate(of=shop, metal="silver", at=then)

        page = as_().get(RATES)

        assert f"from {formatting.day(then)}, not used for sales" in page.text
        assert "1 rate is not from today and prices no sale." in page.text

    def test_gives_htmx_the_chart_alone(self, as_):
        page = as_().get(
            f"{RATES}?of=gold-10000&days=7",
            headers={"HX-Request": "true", "HX-Target": "history"},
        )

        assert page.text.lstrip().startswith("<section")
        assert 'id="history"' in page.text
        assert "Today’s board" not in page.text

    def test_gives_htmx_the_form_alone(self, as_):
        page = as_().get(f"{RATES}?new=1", headers={"HX-Request": "true", "HX-Target": "change"})

        assert page.text.lstrip().startswith("<section")
        assert 'name="fineness"' in page.text

    def test_shows_the_chart_as_a_table(self, as_):
        page = as_().get(f"{RATES}?table=1&days=7")

        assert "Back to the curve" in page.text
        assert '<svg class="chart' not in page.text

    @pytest.mark.parametrize(
        "query",
        [
            "of=copper-1",
            "of=gold-0",
            "of=gold-99999999999",
            "of=gold-x",
            "days=-1",
            "days=x",
            "days=99999999",
            "of=%00",
            "change=none",
            "of=gold-۹۹",
        ],
    )
    def test_bears_an_address_that_names_nothing(self, as_, query):
        assert as_().get(f"{RATES}?{query}").status_code == 200

    def test_belongs_to_its_shop(self, as_):
        page = as_(of=make.shop(name="Other")).get(RATES)

        assert "No rate was set yet" in page.text
        assert "100.00" not in page.text

    def test_asks_as_often_for_many_rows_as_for_one(self, as_, shop, now):
        client = as_()
        with CaptureQueriesContext(connection) as for_one:
            client.get(RATES)
        with shop_scope(shop.pk):
            for metal in ("silver", "platinum", "palladium"):
                for fineness in ("999", "950", "925"):
                    make.rate(of=shop, metal=metal, fineness=fineness, at=now)

        with CaptureQueriesContext(connection) as for_ten:
            client.get(RATES)

        assert len(for_ten) == len(for_one) <= 15

    def test_sends_a_stranger_to_sign_in(self, client):
        assert client.get(RATES).status_code == 302


@pytest.mark.usefixtures("board")
class TestChange:
    def test_quotes_a_rate_of_the_board(self, as_, shop):
        answer = as_().post(CHANGE, KNOWN)

        assert (answer.status_code, answer["Location"]) == (302, "/rates/?of=gold-10000")
        assert stored(shop)[-1] == ("gold", 10_000, "sell", "g", "101.500000")

    def test_quotes_a_fineness_that_was_never_quoted(self, as_, shop):
        assert as_("manager").post(CHANGE, NEW).status_code == 302
        assert stored(shop)[-1] == ("gold", 7500, "sell", "g", "75.000000")

    def test_says_what_it_did(self, as_):
        page = as_().post(CHANGE, KNOWN, follow=True)

        assert "Gold 1000 sells at 101.50 a gram from now on." in page.text

    def test_leads_htmx_back_to_the_page(self, as_):
        answer = as_().post(CHANGE, KNOWN, headers={"HX-Request": "true"})

        assert answer["HX-Redirect"] == "/rates/?of=gold-10000"

    @pytest.mark.parametrize("amount", ["۱۰۱٫۵", "١٠١٫٥", "101.500", " 101.5 "])
    def test_reads_digits_of_three_alphabets(self, as_, shop, amount):
        assert as_().post(CHANGE, {**KNOWN, "amount": amount}).status_code == 302
        assert stored(shop)[-1][-1] == "101.500000"

    @pytest.mark.parametrize("fineness", ["۷۵۰", "٧٥٠", "750.0"])
    def test_reads_fineness_in_them_too(self, as_, shop, fineness):
        assert as_().post(CHANGE, {**NEW, "fineness": fineness}).status_code == 302
        assert stored(shop)[-1][1] == 7500

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            ("100.1234567", "100.1234567 has 7 decimals. A rate takes six at most."),
            ("0", "A rate is above zero."),
            ("-5", "-5 is below zero."),
            ("99999999999999999", "is longer than any amount here"),
            ("100000000000000", "100000000000000 is more than a rate can be."),
            ("abc", "abc is no number."),
            ("", "The new rate is empty."),
            ("1\x00", "Null characters are not allowed."),
            ("10,5", "10,5 has a comma where no thousands are."),
        ],
    )
    def test_refuses_what_no_rate_is_at_its_field(self, as_, shop, amount, said):
        page = as_().post(CHANGE, {**KNOWN, "amount": amount})

        assert page.status_code == 422
        assert said in page.text
        assert 'id="id_amount-error"' in page.text
        assert len(stored(shop)) == 2

    @pytest.mark.parametrize("fineness", ["18K", "18 ct", "۱۸ عیار"])
    def test_reads_karats_of_gold(self, as_, shop, fineness):
        assert as_().post(CHANGE, {**NEW, "fineness": fineness}).status_code == 302
        assert stored(shop)[-1][1] == 7500

    def test_knows_no_karats_of_silver(self, as_, shop):
        page = as_().post(CHANGE, {**NEW, "metal": "silver", "fineness": "18K"})

        assert (page.status_code, "which only gold has" in page.text) == (422, True)
        assert len(stored(shop)) == 2

    @pytest.mark.parametrize("fineness", ["0", "1001", "916.66", "x", "17K", ""])
    def test_refuses_what_no_fineness_is(self, as_, shop, fineness):
        assert as_().post(CHANGE, {**NEW, "fineness": fineness}).status_code == 422
        assert len(stored(shop)) == 2

    @pytest.mark.parametrize(
        "which", ["gold-10000-sell-tola", "silver-1-sell-g", "", "a-b-c-d", "gold"]
    )
    def test_refuses_a_rate_that_is_not_on_the_board(self, as_, shop, which):
        assert as_().post(CHANGE, {**KNOWN, "which": which}).status_code == 422
        assert len(stored(shop)) == 2

    def test_asks_before_it_takes_a_surprising_rate(self, as_, shop):
        client = as_()

        page = client.post(CHANGE, {**KNOWN, "amount": "1015"})

        assert page.status_code == 409
        assert "915.0% above the last rate, 100.00 a gram." in page.text
        assert len(stored(shop)) == 2
        confirmed = {**KNOWN, "amount": "1015", "confirmed": "gold-10000-sell-g-1015"}
        assert confirmed["confirmed"] in page.text
        assert client.post(CHANGE, confirmed).status_code == 302
        assert stored(shop)[-1][-1] == "1015.000000"

    def test_a_tick_is_for_one_figure(self, as_, shop):
        ticked = {**KNOWN, "amount": "10150", "confirmed": "gold-10000-sell-g-1015"}

        assert as_().post(CHANGE, ticked).status_code == 409
        assert len(stored(shop)) == 2

    def test_gives_htmx_the_panel_with_what_was_typed(self, as_):
        page = as_().post(CHANGE, {**KNOWN, "amount": "1015"}, headers={"HX-Request": "true"})

        assert page.text.lstrip().startswith("<section")
        assert 'value="1015"' in page.text

    def test_is_not_for_everybody(self, as_, shop):
        answer = as_("cashier").post(CHANGE, KNOWN)

        assert answer.status_code == 403
        assert "Change a rate: your role does not allow it." in answer.text
        assert len(stored(shop)) == 2

    def test_is_not_for_another_shop(self, as_, shop):
        """Another shop's board has no such rate to change."""
        assert as_(of=make.shop(name="Other")).post(CHANGE, KNOWN).status_code == 422
        assert len(stored(shop)) == 2

    def test_needs_a_post(self, as_):
        assert as_().get(CHANGE).status_code == 405


class TestEmptyBoard:
    def test_says_what_to_do(self, as_):
        page = as_().get(RATES)

        assert "Set the first one here" in page.text
        assert 'name="fineness"' in page.text

    def test_takes_the_first_rate(self, as_, shop):
        assert as_().post(CHANGE, NEW).status_code == 302
        assert len(stored(shop)) == 1


class TestWall:
    def test_shows_todays_rates_and_no_control(self, as_, board, shop, now):
        with shop_scope(shop.pk):
            make.rate(of=shop, metal="silver", amount="4.44", at=now - timedelta(days=3))

        page = as_("salesperson").get(WALL)

        assert "100.00" in page.text
        assert "97.00" in page.text
        assert "4.44" not in page.text
        assert "<form" not in page.text
        assert "<a " not in page.text

    def test_asks_again_by_itself_for_the_part(self, as_, board):
        client = as_()
        assert 'hx-trigger="every 30s"' in client.get(WALL).text

        part = client.get(WALL, headers={"HX-Request": "true"})

        assert part.text.lstrip().startswith("<main")
        assert "100.00" in part.text

    def test_without_a_rate_says_so(self, as_):
        assert "No rate was set today." in as_().get(WALL).text


class TestHistoryThatCameInByAFile:
    @pytest.fixture
    def imported(self, shop, now):
        """Monthly prices of an ounce of 1000, which this shop does not quote by the day."""
        with shop_scope(shop.pk):
            load_history(
                shop=shop,
                prices=[DatedPrice(2, (now - timedelta(days=40)).date(), Decimal("9725"))],
                metal="gold",
                fineness=10_000,
                side="sell",
                unit="ozt",
                at=now,
            )

    def test_is_in_the_chart_and_not_on_the_board(self, as_, shop, now, imported):
        with shop_scope(shop.pk):
            make.rate(of=shop, fineness="916", at=now)

        client = as_()
        page = client.get(RATES)

        assert [row.key for row in page.context["rows"]] == ["gold-9160"]
        assert "not used for sales" not in page.text
        assert "not from today" not in page.text
        to_chart, name, _shown = page.context["charts"][0]
        assert name == "Gold 1000 24K"
        assert to_chart.replace("&", "&amp;") in page.text
        assert "9,725" in client.get(f"{to_chart}&table=1").text

    def test_has_its_chart_before_the_first_rate_is_set(self, as_, imported):
        page = as_().get(RATES)

        assert page.context["rows"] == []
        assert page.context["history"].fineness == 10_000
        assert page.context["history"].points

    def test_does_not_hide_what_the_shop_let_grow_old(self, as_, shop, now, imported):
        """An imported price that is newer than the shop's own quotation stands behind it."""
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="300", at=now - timedelta(days=60))

        page = as_().get(RATES)

        (row,) = page.context["rows"]
        assert (row.sell.rate.amount, row.sell.valid) == (300, False)
        assert "1 rate is not from today and prices no sale." in page.text
