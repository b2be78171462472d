"""The home page: what it says, and how little it asks for it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from apps.inventory.models import Piece, PieceImport
from apps.inventory.services.new_pieces import NewMetal
from apps.pricing.board import board_rows
from apps.pricing.rate_files import DatedPrice
from apps.pricing.services import load_history
from apps.reports.effect import effect_of
from apps.reports.home import needs_of, stock_by_metal, taken_on
from apps.sales.models import OpenSale, OpenSaleLine
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import Register
from apps.shops.scope import shop_scope
from tests import make

NOW = make.NOON
# 10 g of 916 at 100 a fine gram: metal 916.00, making 10 % 91.60, VAT 5 % 50.38.
TOTAL = Decimal("1057.98")


def sold(*tags, by, paid, at=NOW):
    """A finished sale of these pieces, paid by (kind, amount) pairs."""
    return sell(
        order=Order(
            lines=tuple(Wanted(tag) for tag in tags),
            payments=tuple(Payment(kind, Decimal(amount)) for kind, amount in paid),
            key=f"home-{'-'.join(tags)}",
        ),
        by=by,
        at=at,
    ).sale


class TestTakings:
    def test_sums_the_tenders_of_the_day(self, shop, clerk):
        for day in (NOW - timedelta(days=1), NOW):
            make.rate(of=shop, at=day)
        for tag in ("R-1", "R-2", "R-3"):
            make.piece(by=clerk, tag=tag)
        sold("R-1", by=clerk, paid=[("cash", "57.98"), ("card", TOTAL - Decimal("57.98"))])
        sold("R-2", by=clerk, paid=[("cash", "1100")])  # 42.02 is change
        sold("R-3", by=clerk, paid=[("card", TOTAL)], at=NOW - timedelta(days=1))

        takings = taken_on(NOW.date())

        assert (takings.total, takings.sales, takings.pieces) == (2 * TOTAL, 2, 2)
        assert takings.grams == [("gold", Decimal("20.000"))]
        assert [(share.label, share.amount, share.percent) for share in takings.tenders] == [
            ("Cash", Decimal("1115.96"), Decimal("52.7")),
            ("Card", Decimal("1000.00"), Decimal("47.3")),
            ("Transfer", Decimal(0), Decimal(0)),
        ]

    def test_of_a_quiet_day_are_zero(self, scope):
        takings = taken_on(NOW.date())

        assert (takings.total, takings.sales, takings.pieces, takings.grams) == (0, 0, 0, [])

    def test_are_asked_for_three_times(self, shop, clerk, django_assert_num_queries):
        make.rate(of=shop)
        make.piece(by=clerk, tag="R-1")
        sold("R-1", by=clerk, paid=[("cash", TOTAL)])

        with django_assert_num_queries(3):
            taken_on(NOW.date())


class TestStockByMetal:
    def test_counts_weighs_and_values_what_is_in_the_shop(self, shop, clerk):
        make.rate(of=shop, fineness="1000", amount="100")
        make.piece(by=clerk, tag="R-1")
        make.piece(by=clerk, tag="R-2", metals=(make.gold(fineness="750"),))
        gone = make.piece(by=clerk, tag="R-3")
        Piece.objects.filter(pk=gone.pk).update(state="sold")
        kept = make.piece(by=clerk, tag="R-4")
        Piece.objects.filter(pk=kept.pk).update(state="reserved")

        (gold,) = stock_by_metal(shop=shop, at=NOW)

        assert (gold.metal, gold.pieces) == ("gold", 3)
        assert gold.fine_g == Decimal("25.820")  # 2 × 9.160 + 7.500
        assert gold.value == Decimal("2582.00")

    def test_a_rate_of_its_own_fineness_is_not_multiplied_again(self, shop, clerk):
        make.rate(of=shop, fineness="916", amount="90")
        make.piece(by=clerk)

        assert stock_by_metal(shop=shop, at=NOW)[0].value == Decimal("900.00")

    def test_counts_a_piece_once_in_each_of_its_metals(self, shop, clerk):
        platinum = NewMetal(metal="platinum", fineness=9500, net_weight_g=Decimal(2))
        two_tone = (make.gold(net_weight_g="3"), make.gold(net_weight_g="4", fineness="750"))
        make.piece(by=clerk, tag="R-1", metals=(platinum, *two_tone))

        counted = [(row.metal, row.pieces) for row in stock_by_metal(shop=shop, at=NOW)]

        assert counted == [("gold", 1), ("platinum", 1)]

    def test_has_no_value_without_a_rate(self, shop, clerk):
        make.rate(of=shop, at=NOW - timedelta(days=1))
        make.piece(by=clerk)

        assert stock_by_metal(shop=shop, at=NOW)[0].value is None

    def test_asks_twice(self, shop, clerk, django_assert_num_queries):
        for number in range(3):
            make.piece(by=clerk, tag=f"R-{number}")

        with django_assert_num_queries(2):
            stock_by_metal(shop=shop, at=NOW)


class TestNeeds:
    def test_are_what_exists_and_nothing_else(self, shop, scope):
        make.rate(of=shop)
        make.rate(of=shop, metal="silver", at=NOW - timedelta(days=1))
        gold, silver = board_rows(shop=shop, at=NOW)

        assert not needs_of(rows=[gold], register=None, may_import=True)
        assert needs_of(rows=[gold, silver], register=None, may_import=True).old_rates == [silver]
        assert needs_of(rows=[], register=None, may_import=True).no_rates

    def test_do_not_name_a_sale_whose_lines_were_all_removed(self, shop, clerk):
        till = Register.objects.get()
        opened = OpenSale.objects.create(register=till, opened_at=NOW, opened_by=clerk)
        line = OpenSaleLine.objects.create(
            open_sale=opened, piece=make.piece(by=clerk), added_at=NOW
        )
        assert needs_of(rows=[], register=till, may_import=True).open_sale == opened

        OpenSaleLine.objects.filter(pk=line.pk).update(removed=True)

        assert needs_of(rows=[], register=till, may_import=True).open_sale is None


class TestEffect:
    @pytest.fixture
    def stock(self, clerk):
        for tag, fineness in [("A", "916"), ("B", "916"), ("C", "750"), ("D", "585")]:
            make.piece(by=clerk, tag=tag, metals=(make.gold(fineness=fineness),))
        fixed = make.piece(by=clerk, tag="E", metals=(make.gold(fineness="916"),))
        Piece.objects.filter(pk=fixed.pk).update(fixed_price=100)

    def effect(self, shop, fineness, side="sell"):
        return effect_of(shop=shop, metal="gold", fineness=fineness, side=side, at=NOW)

    def test_of_the_only_rate_is_every_piece_priced_by_weight(self, shop, stock):
        effect = self.effect(shop, 10_000)

        assert effect.pieces == 4
        assert [row.fineness for row in effect.follows] == [9160, 7500, 5850]

    def test_leaves_what_another_rate_prices(self, shop, stock):
        """What has no rate of its own follows the purest, here 916."""
        make.rate(of=shop, fineness="916")
        make.rate(of=shop, fineness="750")

        purest, other = self.effect(shop, 9160), self.effect(shop, 7500)

        assert (purest.pieces, [row.fineness for row in purest.follows]) == (3, [5850])
        assert (other.pieces, other.follows) == (1, [])

    def test_of_a_buy_rate_is_no_piece(self, shop, stock):
        assert not self.effect(shop, 10_000, side="buy").reprices

    def test_of_another_metal_is_no_piece(self, shop, stock):
        found = effect_of(shop=shop, metal="silver", fineness=9250, side="sell", at=NOW)

        assert (found.pieces, found.follows) == (0, [])


@pytest.fixture
def as_(client, shop):
    def sign_in(role="owner", of=None):
        client.force_login(make.member(of=of or shop, role=role).user)
        return client

    return sign_in


@pytest.fixture
def stocked(shop, owner):
    """A shop with a rate and two pieces, one of them sold today."""
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now)
        make.piece(by=owner, tag="R-1", at=now)
        make.piece(by=owner, tag="R-2", at=now)
        sold("R-1", by=owner, paid=[("cash", TOTAL)], at=now)


class TestHomePage:
    def test_shows_today(self, as_, stocked):
        page = as_("manager").get("/")

        assert page.status_code == 200
        assert '1,057<span class="frac">.98</span>' in page.text
        text = " ".join(strip_tags(page.text).split())
        assert "1 sale, 1 piece, 10.000 g of gold" in text
        assert "Nothing waits for you." in page.text
        assert "three steps away" not in page.text

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_tells_who_counts_the_drawer_how_much_was_sold_and_not_for_what(
        self, as_, stocked, role
    ):
        page = as_(role).get("/")

        text = " ".join(strip_tags(page.text).split())
        assert "Sold today" in text
        assert "1 sale, 1 piece, 10.000 g of gold" in text
        for money in ("1,057", "Taken today", "Card", "Transfer"):
            assert money not in page.text

    def test_is_not_called_to_by_imported_history(self, as_, shop, stocked):
        now = timezone.now()
        with shop_scope(shop.pk):
            load_history(
                shop=shop,
                prices=[DatedPrice(2, (now - timedelta(days=40)).date(), Decimal(9725))],
                metal="gold",
                fineness=9999,
                side="sell",
                unit="ozt",
                at=now,
            )

        page = as_().get("/")

        assert "Nothing waits for you." in page.text
        assert "999.9" not in page.text

    def test_leads_a_new_shop_by_the_hand(self, as_):
        page = as_().get("/")

        assert "Your first sale is three steps away" in page.text
        assert "Set today’s rates" in page.text
        assert "Bring in your pieces" in page.text

    def test_tells_a_clerk_of_a_new_shop_who_does_what(self, as_):
        page = as_("salesperson").get("/")

        assert "The owner or a manager does it." in page.text

    def test_says_what_waits(self, as_, shop, owner, stocked):
        now = timezone.now()
        with shop_scope(shop.pk):
            make.rate(of=shop, metal="silver", at=now - timedelta(days=2))
            opened = OpenSale.objects.create(
                register=Register.objects.get(), opened_at=now, opened_by=owner
            )
            for piece in Piece.objects.all():
                OpenSaleLine.objects.create(
                    open_sale=opened, piece=piece, added_at=now, removed=piece.tag == "R-1"
                )
            PieceImport.objects.create(
                file_name="spring.csv", content=b"", rows=12, uploaded_at=now, uploaded_by=owner
            )

        text = " ".join(as_().get("/").text.split())

        assert "1 rate is not from today" in text
        assert "A sale is open at Till 1" in text
        assert '<span class="n">1</span> piece, since today' in text
        assert "<bdi>spring.csv</bdi> is not brought in yet" in text
        assert "Nothing waits for you." not in text
        assert "spring.csv" not in as_("salesperson").get("/").text

    def test_belongs_to_its_shop(self, as_, stocked):
        page = as_(of=make.shop(name="Other")).get("/")

        assert "No sale yet today." in page.text
        assert ".98" not in page.text

    def test_asks_as_often_for_many_sales_as_for_one(self, as_, shop, owner, stocked):
        client = as_()
        with CaptureQueriesContext(connection) as for_one:
            client.get("/")
        now = timezone.now()
        with shop_scope(shop.pk):
            for number in range(5):
                make.piece(by=owner, tag=f"N-{number}", at=now)
                sold(f"N-{number}", by=owner, paid=[("card", TOTAL)], at=now)

        with CaptureQueriesContext(connection) as for_six:
            client.get("/")

        assert len(for_six) == len(for_one) <= 17

    def test_sends_a_stranger_to_sign_in(self, client, db):
        assert client.get("/").status_code == 302


class TestStockPanel:
    def test_is_a_part_to_htmx_and_a_page_to_others(self, as_, stocked):
        client = as_()

        part = client.get("/home/stock/", headers={"HX-Request": "true"})
        page = client.get("/home/stock/")

        assert part.text.lstrip().startswith("<section")
        assert page.text.lstrip().lower().startswith("<!doctype html>")
        for answer in (part, page):
            assert "9.160" in answer.text
            assert "916.00" in answer.text

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_shows_grams_and_no_value_to_who_does_not_run_the_shop(self, as_, stocked, role):
        page = as_(role).get("/home/stock/")

        assert "9.160" in page.text
        for money in ("916.00", "Value", "metal at the rates of"):
            assert money not in page.text

    def test_belongs_to_its_shop(self, as_, stocked):
        assert "9.160" not in as_(of=make.shop(name="Other")).get("/home/stock/").text


class TestEffectPanel:
    def test_says_how_many_pieces_reprice(self, as_, stocked):
        page = as_().get("/rates/effect/?which=gold-10000-sell-g", headers={"HX-Request": "true"})

        assert '<span class="n">1</span> piece</b> reprices from the next scan' in page.text

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "metal=gold&side=sell&fineness=",
            "metal=tin&side=sell&fineness=916",
            "which=gold-0-sell-g",
            "which=gold-x-sell-g",
            "metal=gold&side=%00&fineness=916",
        ],
    )
    def test_waits_until_the_rate_is_named(self, as_, stocked, query):
        page = as_().get(f"/rates/effect/?{query}")

        assert (page.status_code, "Name metal and fineness" in page.text) == (200, True)

    def test_reads_what_the_form_of_a_new_rate_holds(self, as_, stocked):
        page = as_().get("/rates/effect/?metal=gold&side=sell&fineness=۹۱۶")

        assert "reprices from the next scan" in page.text

    @pytest.mark.parametrize(("role", "status"), [("salesperson", 200), ("cashier", 403)])
    def test_is_for_who_sets_rates(self, as_, role, status):
        assert as_(role).get("/rates/effect/").status_code == status
