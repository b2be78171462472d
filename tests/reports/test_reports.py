"""What each report says of a small shop, by hand; before its days are summed and after."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone

from apps.inventory.models import Piece
from apps.inventory.services.new_pieces import NewMetal
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.reports.ask import asked
from apps.reports.catalogue import CATALOGUE, report_named
from apps.reports.models import SalesDay, TaxDay
from apps.reports.refusals import AccountNotFound, ReportNotFound
from apps.reports.services import sum_up
from apps.shops.days import day_of
from apps.shops.models import Register
from apps.shops.scope import shop_scope
from tests import make
from tests.reports.test_home import sold

NOW = make.NOON
TODAY = NOW.date()
# 10 g of 916 at 100 a fine gram: metal 916.00, making 10 % 91.60, VAT 5 % 50.38; cost 500.
TOTAL = Decimal("1057.98")


MAKING_NONE = {"making_mode": "none", "making_value": Decimal(0)}


def report(name, shop, query="", *, at=NOW):
    ask = asked(
        QueryDict(query),
        shop=shop,
        now=at,
        default=CATALOGUE[name].default,
        registers=list(Register.objects.all()),
    )
    return report_named(name).build(ask)


def values(table):
    return [[cell.value for cell in row.cells] for row in table.rows]


def total(table):
    assert table.rows[-1].style == "total"
    return [cell.value for cell in table.rows[-1].cells]


@pytest.fixture
def day(shop, clerk):
    """Two days: a ring yesterday by the clerk, a chain of two metals today by another; one left."""
    yesterday = NOW - timedelta(days=1)
    for at in (yesterday, NOW):
        make.rate(of=shop, at=at)
        make.rate(of=shop, at=at, metal="silver", amount="2")
    silver = NewMetal(metal="silver", fineness=9250, net_weight_g=Decimal(2))
    make.piece(by=clerk, at=yesterday, tag="R-1")
    make.piece(
        by=clerk,
        at=yesterday,
        tag="C-1",
        category="chain",
        metals=(make.gold(), silver),
        gross_weight_g=Decimal(12),
    )
    make.piece(by=clerk, at=yesterday, tag="R-2")
    sold("R-1", by=clerk, paid=[("cash", "1100")], at=yesterday)
    other = make.member(of=shop, role="manager", username="mona")
    sold("C-1", by=other, paid=[("card", "1062.25")])
    return shop


@pytest.fixture(params=["live", "summed", "half"])
def shop_of_days(request, day):
    """The same sales with no day summed, with all, and with the first alone."""
    if request.param == "summed":
        assert sum_up(shop=day, at=NOW + timedelta(days=1))
        assert SalesDay.objects.exists()
        assert TaxDay.objects.exists()
    if request.param == "half":
        assert sum_up(shop=day, at=NOW) == [TODAY - timedelta(days=1)]
    return day


BOTH = "since=2026-01-14&until=2026-01-15"


class TestSales:
    def test_by_kind_add_up_to_the_bills(self, shop_of_days):
        (table,) = report("sales", shop_of_days, BOTH).tables
        chain, ring, everything = values(table)
        # Silver: 2 g × 925 at 2 a fine gram = 3.70, making 10 % of all metal.
        assert ring == ["ring", 1, 10, Decimal("9.16"), 916, Decimal("91.6"), 0, 0, 0,
                        Decimal("50.38"), TOTAL, 500, Decimal("507.6")]  # fmt: skip
        assert chain[:5] == ["chain", 1, 12, Decimal("11.01"), Decimal("919.7")]
        assert everything[1] == 2
        assert everything[10] == ring[10] + chain[10]
        for line in (ring, chain, everything):
            assert sum(line[4:10]) == line[10]
            assert line[12] == line[10] - line[9] - line[11]

    def test_by_metal_count_a_piece_once_and_grams_with_each(self, shop_of_days):
        (table,) = report("sales", shop_of_days, f"{BOTH}&by=metal").tables
        gold, silver, everything = values(table)
        assert gold[:4] == ["Gold", 2, 20, Decimal("18.32")]
        assert silver[:4] == ["Silver", 0, 2, Decimal("1.85")]
        assert silver[10] == 0
        assert everything[10] == gold[10]

    def test_by_seller_and_by_day_name_them(self, shop_of_days):
        (table,) = report("sales", shop_of_days, f"{BOTH}&by=seller").tables
        assert {line[0] for line in values(table)} >= {"mona", "Sum"}
        assert sorted(line[1] for line in values(table)) == [1, 1, 2]
        (table,) = report("sales", shop_of_days, f"{BOTH}&by=day").tables
        assert [line[0] for line in values(table)[:2]] == [TODAY - timedelta(days=1), TODAY]

    def test_of_one_day_and_one_till(self, shop_of_days):
        (table,) = report("sales", shop_of_days, "since=2026-01-14&until=2026-01-14").tables
        assert total(table)[10] == TOTAL
        (table,) = report("sales", shop_of_days, f"{BOTH}&till=1").tables
        assert total(table)[1] == 2

    def test_lead_to_their_pieces_and_bills(self, shop_of_days):
        (table,) = report("sales", shop_of_days, f"{BOTH}&by=metal").tables
        link = table.rows[1].cells[0].link
        assert link.startswith("/reports/sold-pieces/?")
        (pieces,) = report("sold-pieces", shop_of_days, link.partition("?")[2]).tables
        assert [line[0] for line in values(pieces)] == ["C-1"]
        assert pieces.rows[0].cells[0].link == "/stock/piece/C-1/"
        assert pieces.rows[0].cells[2].link == "/counter/sales/1-000002/"

    def test_of_a_day_that_was_summed_before_count_at_once(self, day, clerk):
        sum_up(shop=day, at=NOW + timedelta(days=2))
        yesterday = NOW - timedelta(days=1)
        sold("R-2", by=clerk, paid=[("cash", "1100")], at=yesterday)
        for _before_and_after_summing in range(2):
            (table,) = report("sales", day, f"{BOTH}&by=day").tables
            assert [line[1] for line in values(table)] == [2, 1, 3]
            by_rate, _boxes = report("tax", day, BOTH).tables
            assert total(by_rate)[4] == 2 * Decimal("50.38") + Decimal("50.58")
            sum_up(shop=day, at=NOW + timedelta(days=2))

    def test_of_an_empty_period_are_no_table(self, shop_of_days):
        assert report("sales", shop_of_days, "since=2025-01-14&until=2025-01-15").tables == []


class TestTax:
    def test_adds_up_to_the_bills(self, shop_of_days):
        by_rate, boxes = report("tax", shop_of_days, BOTH).tables
        vat, everything = values(by_rate)
        assert vat[:3] == ["VAT", 5, 2]
        assert vat[3] == Decimal("1007.60") + Decimal("1011.67")
        assert vat[4] == Decimal("50.38") + Decimal("50.58")
        assert everything[3:] == vat[3:]
        assert [line[2] for line in values(boxes)] == [vat[3], vat[4], 0]

    def test_agrees_with_the_account_of_the_books(self, shop_of_days):
        by_rate, _boxes = report("tax", shop_of_days, BOTH).tables
        (account,) = report("account", shop_of_days, f"{BOTH}&account=tax").tables
        assert total(account)[4] == -total(by_rate)[4]


class TestMarginBook:
    @pytest.fixture
    def british(self, db):
        """A brooch bought for 900 and sold for 1,200, one sold at a loss, and a new one."""
        shop = make.shop(currency="GBP", tax_pack="GB")
        with shop_scope(shop.pk):
            owner = make.member(of=shop)
            make.rate(of=shop)
            terms = {"fixed_price": Decimal(1200), "gross_weight_g": None, "metals": ()}
            for tag, bought in (("B-1", 900), ("B-2", 1300), ("B-3", None)):
                price = {"margin_purchase_price": Decimal(bought)} if bought else {}
                make.piece(by=owner, tag=tag, **terms, **MAKING_NONE, **price)
            sold("B-1", "B-2", "B-3", by=owner, paid=[("cash", 3600)])
            yield shop

    def test_lists_each_second_hand_piece_with_its_margin_and_tax(self, british):
        (table,) = report("margin-book", british, "since=2026-01-15&until=2026-01-15").tables
        good, loss, everything = values(table)
        assert (good[0], good[3], good[6], good[7], good[8]) == ("B-1", 900, 1200, 300, 50)
        assert (loss[0], loss[7], loss[8]) == ("B-2", -100, 0)
        assert everything[3:] == [2200, None, None, 2400, 200, 50]

    def test_gives_the_boxes_of_the_return(self, british):
        by_rate, boxes = report("tax", british, "since=2026-01-15&until=2026-01-15").tables
        due = {line[0]: line[2] for line in values(boxes)}
        # 1/6 of the margin of 300 and of the new piece; each price without the tax in it.
        assert due == {"1": 250, "6": 3350}
        assert "VAT of the margin scheme" in [line[0] for line in values(by_rate)]

    def test_is_listed_where_the_law_knows_it(self, client, british):
        client.force_login(make.member(of=british).user)
        assert "/reports/margin-book/" in client.get("/reports/").text
        client.force_login(make.member(of=make.shop()).user)
        assert "/reports/margin-book/" not in client.get("/reports/").text


class TestTrialBalance:
    def test_is_zero_in_money_and_in_each_metal(self, shop_of_days):
        found = report("trial-balance", shop_of_days, BOTH)
        assert [table.caption for table in found.tables] == [
            "AED",
            "Gold, fine grams",
            "Silver, fine grams",
        ]
        assert found.headline == "The books balance."
        for table in found.tables:
            _sum, before, debit, credit, after = total(table)
            assert (before, after) == (0, 0)
            assert debit == credit > 0

    def test_says_what_lies_in_an_account_before_and_after(self, shop_of_days):
        money, gold, _silver = report("trial-balance", shop_of_days, "since=2026-01-15").tables
        cash = next(line for line in values(money) if line[0] == "Cash in the drawers")
        assert cash[1:] == [TOTAL, 0, 0, TOTAL]
        stock = next(line for line in values(gold) if line[0] == "Pieces in stock")
        assert stock[1:] == [Decimal("18.32"), 0, Decimal("9.16"), Decimal("9.16")]

    def test_leads_over_the_account_and_the_day_to_the_document(self, shop_of_days):
        money, *_metals = report("trial-balance", shop_of_days, BOTH).tables
        row = next(row for row in money.rows if row.cells[0].value == "Cash in the drawers")
        (account,) = report("account", shop_of_days, row.cells[0].link.partition("?")[2]).tables
        before, of_day, _sum = account.rows
        assert (before.cells[4].value, of_day.cells[2].value) == (0, TOTAL)
        link = of_day.cells[0].link
        (book,) = report("day-book", shop_of_days, link.partition("?")[2]).tables
        assert book.rows[0].cells[1].link == "/counter/sales/1-000001/"

    def test_of_a_shop_without_entries_has_no_table(self, scope, shop):
        assert report("trial-balance", shop).tables == []

    def test_gives_the_numbers_of_the_law_where_there_is_one(self, db):
        shop = make.shop(currency="TRY", tax_pack="TR")
        with shop_scope(shop.pk):
            owner = make.member(of=shop)
            make.piece(by=owner)
            found = report("trial-balance", shop, "since=2026-01-15&until=2026-01-15")
        assert found.tables[0].columns[0].label == "No."
        assert "153" in [line[0] for line in values(found.tables[0])]
        assert "Tekdüzen Hesap Planı" in found.notes[0]


class TestDayBook:
    def test_has_every_entry_of_its_day_with_both_sides(self, shop_of_days):
        found = report("day-book", shop_of_days, "since=2026-01-15&until=2026-01-15")
        (table,) = found.tables
        heads = [row for row in table.rows if row.style == "group"]
        assert [head.cells[1].value for head in heads] == ["1-000002"]
        debits = sum(line[2] for line in values(table) if len(line) > 2 and line[2])
        credits = sum(line[3] for line in values(table) if len(line) > 2 and line[3])
        assert debits == credits


class TestStock:
    def test_at_cost_and_at_the_rate_of_today_agrees_with_the_books(self, shop_of_days):
        found = report("stock", shop_of_days)
        (table,) = found.tables
        assert found.warnings == []
        assert total(table) == ["All", 1, 10, Decimal("9.16"), 500, 916, 416]

    def test_says_where_the_books_differ(self, shop_of_days):
        Piece.objects.filter(tag="R-2").update(cost=501)
        found = report("stock", shop_of_days)
        assert found.warnings == ["The pieces cost 501.00 and the books say 500.00."] or (
            "501" in found.warnings[0] and "500" in found.warnings[0]
        )

    def test_without_a_rate_has_no_value(self, shop_of_days):
        (table,) = report("stock", shop_of_days, at=NOW + timedelta(days=9)).tables
        assert total(table)[5:] == [None, None]


class TestMetalPosition:
    def test_counts_the_stock_and_not_what_was_sold(self, shop_of_days):
        found = report("metal-position", shop_of_days)
        gold, silver = found.tables
        assert total(gold) == ["Open position", Decimal("9.16"), Decimal(916)]
        assert total(silver)[1] == 0
        assert found.headline == "You are 9.160\u00a0g long of gold. You are square in silver."

    def test_takes_off_what_is_promised_and_not_fixed(self, shop_of_days):
        def grams(account, amount):
            return Amount(account=account, commodity="gold", amount=Decimal(amount))

        post(
            what="test", reference="1", at=NOW, day=TODAY, by=None,
            amounts=[
                grams(chart.METAL_PROMISED, "12.000"), grams(chart.ADVANCES, "-12.000"),
                grams(chart.OLD_GOLD, "5.000"), grams(chart.OPENING, "-5.000"),
                grams(chart.BULLION, "3.000"), grams(chart.METAL_PAYABLE, "-3.000"),
                grams(chart.METAL_PROMISED, "1.500"), grams(chart.SCHEMES, "-1.500"),
            ],
        )  # fmt: skip
        found = report("metal-position", shop_of_days)
        lines = {line[0]: line[1] for line in values(found.tables[0])[1:] if len(line) > 1}
        assert lines == {
            "Pieces in stock": Decimal("9.16"),
            "Old gold": 5,
            "Bars and grain": 3,
            "Deposits of customers": -12,
            "Savings schemes of customers": Decimal("-1.5"),
            "Metal bought, not fixed yet": -3,
            "Open position": Decimal("0.66"),
        }
        assert found.headline.startswith("You are 0.660\u00a0g long of gold.")

    def test_of_an_earlier_day_is_that_of_then(self, shop_of_days):
        gold, *_ = report(
            "metal-position", shop_of_days, "since=2026-01-14&until=2026-01-14"
        ).tables
        assert total(gold)[1] == Decimal("18.32")


class TestAsking:
    def test_for_a_report_that_is_none_is_refused(self):
        with pytest.raises(ReportNotFound):
            report_named("profits")

    @pytest.mark.parametrize("query", ["", "account=", "account=nothing"])
    def test_for_an_account_that_is_none_is_refused(self, scope, shop, query):
        with pytest.raises(AccountNotFound):
            report("account", shop, query)

    @pytest.mark.parametrize(
        "query",
        [
            "till=9&seller=x&page=-1&by=nonsense",
            "seller=99999999999999999999&page=0",
            "category=%00%27--&metal=%27",
            "commodity=XYZ%00&what=%25%00",
            "period=x&since=&until=",
        ],
    )
    @pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "account"])
    def test_in_nonsense_finds_nothing_and_breaks_nothing(self, day, name, query):
        report(name, day, query)


def pages(client, shop, *, role="owner"):
    client.force_login(make.member(of=shop, role=role).user)
    return client


class TestPages:
    @pytest.fixture
    def busy(self, shop, owner):
        now = timezone.now()
        with shop_scope(shop.pk):
            make.rate(of=shop, at=now)
            make.piece(by=owner, tag="R-1", at=now, name="=Ring & <b>")
            make.piece(by=owner, tag="R-2", at=now)
            sold("R-1", by=owner, paid=[("cash", TOTAL)], at=now)
        return shop

    # Those two show no table on such a day; they have tests of their own.
    @pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {"margin-book", "cash-limits"}))
    def test_show_the_report_and_give_it_as_files(self, client, busy, name):
        client = pages(client, busy)
        today = day_of(busy, timezone.now()).isoformat()
        query = f"?since={today}&until={today}&account=cash"
        page = client.get(f"/reports/{name}/{query}")
        assert page.status_code == 200
        assert "<table" in page.text
        assert "<b>" not in page.text.replace("<b>1</b>", "") or "&lt;b&gt;" in page.text
        text = client.get(f"/reports/{name}.csv{query}")
        assert text.content.startswith(b"\xef\xbb\xbf")
        assert f'filename="{name}_{today}_{today}.csv"' in text["Content-Disposition"]
        book = client.get(f"/reports/{name}.xlsx{query}")
        assert book.content.startswith(b"PK")

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_are_for_those_in_charge(self, client, busy, role):
        client = pages(client, busy, role=role)
        for address in ("", "sales/", "sales.csv", "stock.xlsx", "close/"):
            assert client.get(f"/reports/{address}").status_code == 403
        assert "/reports/" not in client.get("/").text

    def test_say_what_an_address_asked_in_vain(self, client, busy):
        client = pages(client, busy)
        assert client.get("/reports/profits/").status_code == 404
        backwards = client.get("/reports/sales/?since=2026-01-02&until=2026-01-01")
        assert backwards.status_code == 422
        assert "Turn the two days round." in backwards.text

    def test_belong_to_their_shop(self, client, busy):
        client = pages(client, make.shop(name="Other"))
        for name in ("sales", "trial-balance", "day-book", "stock"):
            assert "1,057" not in client.get(f"/reports/{name}/").text
            assert "Nothing moved" in client.get(f"/reports/{name}/").text

    def test_close_a_period_and_tell_it(self, client, busy):
        client = pages(client, busy)
        answer = client.post(
            "/reports/close/", {"through": "2026-01-31", "reason": "January was filed"}
        )
        assert answer.status_code == 302
        page = client.get("/reports/close/").text
        assert "January was filed" in page
        assert "31 January 2026" in page
        assert "closed through" in client.get("/reports/").text

    @pytest.mark.parametrize(
        "given",
        [
            {"through": "", "reason": "x"},
            {"through": "9999-12-31", "reason": "x"},
            {"through": "2026-01-31", "reason": "   "},
            {"through": "yesterday", "reason": "x"},
        ],
    )
    def test_refuse_to_close_what_cannot_be(self, client, busy, given):
        client = pages(client, busy)
        assert client.post("/reports/close/", given).status_code == 422
        assert "Nothing is closed" in client.get("/reports/close/").text
