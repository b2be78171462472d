"""The report of exceptions: each kind is found, by whom, with its rows; and nothing else is."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.units import EXACT, round_money
from apps.inventory.models import Piece
from apps.pricing.rules.rates import per_gram, quoted
from apps.pricing.services import set_rate
from apps.purchasing.models import OldGoldItem
from apps.reports.ask import asked
from apps.reports.exception_kinds import KINDS
from apps.reports.exceptions import exceptions
from apps.reports.files import as_csv
from apps.shops.approvals import Rule, count_wrong, permit, set_rules
from apps.shops.hours import Hours, set_hours
from apps.shops.models import Action, Register, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.purchasing import gold
from tests.reports.test_home import sold
from tests.reports.test_reports import NOW, report

pytestmark = pytest.mark.django_db


def sold_ring(by, at=NOW):
    """A ring at today's rate, paid with more cash than it costs."""
    return sold(make.piece(by=by).tag, by=by, paid=[("cash", "1200")], at=at)


def counts(shop, query=""):
    """What the first table counts, without what never happened: {what: how many}."""
    found = report("exceptions", shop, query)
    counted = {row.cells[0].value: row.cells[1].value for row in found.tables[0].rows}
    return {what: count for what, count in counted.items() if count}


def rows(shop, what, query=""):
    found = report("exceptions", shop, f"what={what}{query}")
    return [[cell.value for cell in row.cells] for table in found.tables for row in table.rows]


def test_a_quiet_shop_has_none(shop, owner, scope):
    make.rate(of=shop)
    sold_ring(owner)
    assert counts(shop) == {}
    for kind in KINDS:
        assert rows(shop, kind) == [], kind


def test_deeds_with_a_permission_are_found_by_person(shop, owner, scope):
    zoe = make.member(of=shop, role=Role.MANAGER, username="zoe")
    for action, who in ((Action.DRAWER, zoe), (Action.PRICE, owner), (Action.WRITE_OFF, zoe)):
        permit(action, by=who, reason="why not", reference="1-000007", at=NOW)
    permit(Action.DRAWER, by=zoe, reason="change", reference="Till 1", at=NOW)
    assert counts(shop) == {
        "Prices changed at the counter": 1,
        "Drawer opened without a sale": 2,
        "Written off": 1,
    }
    assert sorted(row[3] for row in rows(shop, "drawer")) == ["change", "why not"]
    assert rows(shop, "drawer", f"&seller={owner.pk}") == []
    people = report("exceptions", shop).tables[1]
    assert [row.cells[0].value for row in people.rows if row.style == "group"] == sorted(
        [str(owner.user), "zoe"]
    )


def test_what_stands_in_the_history_is_found(shop, owner, scope):
    piece = make.piece(by=owner, gross_weight_g=Decimal("10.500"))
    day = timezone.now().date().isoformat()
    span = f"&since={day}&until={day}"
    Piece.objects.filter(pk=piece.pk).update(gross_weight_g=Decimal("10.900"))
    assert rows_at(shop, "lighter", span) == []
    Piece.objects.filter(pk=piece.pk).update(gross_weight_g=Decimal("10.100"))
    (row,) = rows_at(shop, "lighter", span)
    assert row[0] == piece.tag
    assert "10.900 g became 10.100 g" in row[3]


def rows_at(shop, what, query):
    found = report("exceptions", shop, f"what={what}{query}", at=timezone.now())
    return [[cell.value for cell in row.cells] for table in found.tables for row in table.rows]


def test_a_rate_against_the_shop_and_a_sale_soon_after(shop, owner, scope):
    def quote(amount, at):
        set_rate(
            shop=shop,
            metal="gold",
            fineness=10_000,
            side="sell",
            unit="g",
            amount=Decimal(amount),
            at=at,
            by=owner,
        )

    quote("100", NOW - timedelta(hours=2))
    quote("90", NOW - timedelta(minutes=10))
    sold_ring(owner)
    (row,) = rows(shop, "rates")
    assert row[3].startswith("90.00 instead of 100.00")
    quote("120", NOW - timedelta(minutes=5))
    assert len(rows(shop, "rates")) == 1, "a rate in the shop's favour is none"


def test_after_hours_is_counted_where_hours_are_set(shop, owner, scope):
    make.rate(of=shop)
    sold_ring(owner)
    assert rows(shop, "after-hours") == []
    set_hours(Hours(NOW.time().replace(hour=13), NOW.time().replace(hour=20)), by=owner, at=NOW)
    assert len(rows(shop, "after-hours")) == 1


def test_wrong_pins_are_counted_by_who_typed_them(shop, owner, clerk):
    count_wrong([owner.pk] * 5, by=clerk, at=NOW)
    found = rows(shop, "pins")
    assert {row[2] for row in found} == {str(clerk.user)}
    assert [row[3] for row in found].count("locked it") == 1


def test_every_number_leads_to_its_rows_and_to_a_file(client, shop, owner, scope):
    permit(Action.DRAWER, by=owner, reason="change", reference="Till 1", at=NOW)
    client.force_login(owner.user)
    days = f"since={NOW.date().isoformat()}&until={NOW.date().isoformat()}"
    page = client.get(f"/reports/exceptions/?{days}").content.decode()
    assert "what=drawer" in page
    for kind in KINDS:
        assert client.get(f"/reports/exceptions/?{days}&what={kind}").status_code == 200, kind
    written = as_csv(report("exceptions", shop, "what=drawer"), title="x").decode("utf-8-sig")
    assert "change" in written


def asked_for(shop, query):
    registers = list(Register.objects.all())
    return asked(QueryDict(query), shop=shop, now=NOW, default="today", registers=registers)


def statements(build):
    with CaptureQueriesContext(connection) as captured:
        build()
    return len(captured)


class TestTheDatabaseCounts:
    def test_with_as_many_statements_for_a_hundred_as_for_one(self, shop, owner, scope):
        make.rate(of=shop)
        set_hours(Hours(time(13), time(20)), by=owner, at=NOW - timedelta(hours=1))
        for_none = statements(lambda: report("exceptions", shop))
        make_many = [make.member(of=shop, role=Role.MANAGER) for _ in range(3)]
        for number in range(40):
            by = make_many[number % 3]
            permit(Action.DRAWER, by=by, reason="change", reference="Till 1", at=NOW)
            count_wrong([by.pk], by=by, at=NOW)
            tag = f"M-{number}"
            make.piece(by=by, tag=tag)
            sold(tag, by=by, paid=[("cash", "1200")], at=NOW)
        assert counts(shop) == {
            "Drawer opened without a sale": 40,
            "After hours": 40,
            "Wrong PINs": 40,
        }
        # The sums of days are asked for, and what sellers gave away.
        assert statements(lambda: report("exceptions", shop)) == for_none
        one_page = statements(lambda: report("exceptions", shop, "what=after-hours"))
        assert one_page == statements(lambda: report("exceptions", shop, "what=after-hours&page=2"))

    @pytest.mark.parametrize("seller", ["", "&seller=1"])
    def test_no_row_is_fetched_to_be_counted(self, shop, owner, scope, seller):
        """What the tables of documents, approvals and changes answer is one row a person."""
        permit(Action.DRAWER, by=owner, reason="change", reference="Till 1", at=NOW)
        with CaptureQueriesContext(connection) as captured:
            report("exceptions", shop, seller.lstrip("&"))
        asked_of = ("shops_approval", "shops_change", "sales_saleline", "shops_pinfailure")
        found = [
            query["sql"]
            for query in captured
            if any(f'FROM "{table}"' in query["sql"] for table in asked_of)
        ]
        assert len(found) >= 8
        assert [sql for sql in found if "GROUP BY" not in sql] == []

    def test_each_person_and_all_together(self, shop, owner, scope):
        zoe = make.member(of=shop, role=Role.MANAGER, username="zoe")
        for who, amount in ((zoe, 5), (zoe, 7), (owner, 100)):
            permit(Action.PRICE, by=who, reason="x", reference="1", at=NOW, amount=Decimal(amount))
        found = report("exceptions", shop)
        assert found.headline == "3 exceptions in this period."
        prices = [
            [cell.value for cell in row.cells]
            for table in found.tables
            for row in table.rows
            if row.cells[0].value == "Prices changed at the counter"
        ]
        by_name = {"zoe": [2, 12], str(owner.user): [1, 100]}
        assert [row[1:] for row in prices] == [[3, 112], *(by_name[n] for n in sorted(by_name))]

    def test_rows_come_by_the_page_and_the_newest_first(self, shop, owner, scope):
        zoe = make.member(of=shop, role=Role.MANAGER, username="zoe")
        for number in range(130):
            at = NOW - timedelta(minutes=number)
            who = zoe if number % 13 == 0 else owner
            permit(Action.DRAWER, by=who, reason=f"no. {number}", reference="Till 1", at=at)
        first, second = (rows(shop, "drawer", page) for page in ("", "&page=2"))
        assert [row[3] for row in first] == [f"no. {number}" for number in range(100)]
        assert [row[3] for row in second] == [f"no. {number}" for number in range(100, 130)]
        hers = rows(shop, "drawer", f"&seller={zoe.pk}")
        assert [row[3] for row in hers] == [f"no. {number}" for number in range(0, 130, 13)]
        whole = exceptions(asked_for(shop, "what=drawer"), whole=True)
        assert len(whole.tables[0].rows) == 130

    @pytest.mark.parametrize(
        ("since", "until", "found"),
        [
            (time(11), time(13), 0),
            (time(12), time(12), 0),
            (time(12, 1), time(20), 1),
            (time(8), time(11, 59), 1),
            (time(20), time(6), 1),  # past midnight
            (time(20), time(12), 0),
            (time(12), time(3), 0),
        ],
    )
    def test_hours_are_read_as_the_shop_means_them(self, shop, owner, scope, since, until, found):
        make.rate(of=shop)
        sold_ring(owner)
        set_hours(Hours(since, until), by=owner, at=NOW)
        assert NOW.time() == time(12)
        assert len(rows(shop, "after-hours")) == found

    def test_documents_of_three_kinds_stand_in_one_order(self, shop, owner, scope):
        make.rate(of=shop)
        make.rate(of=shop, side="buy")
        gold.float_of(by=owner)
        seller = gold.seller(by=owner)
        set_hours(Hours(time(1), time(2)), by=owner, at=NOW)
        for minute in (2, 0):
            sold(make.piece(by=owner, tag=f"R-{minute}").tag, by=owner,
                 paid=[("cash", "1200")], at=NOW + timedelta(minutes=minute))  # fmt: skip
        gold.slip(of=seller, by=owner, at=NOW + timedelta(minutes=1))
        found = [row[0] for row in rows(shop, "after-hours")]
        assert len(found) == 3
        assert "-G" in found[1]

    def test_old_gold_is_reckoned_as_the_board_is(self, shop, owner, scope):
        """The database's figure is the one that Python makes of the same item."""
        make.rate(of=shop, side="buy", amount="100")
        gold.float_of(by=owner)
        seller = gold.seller(by=owner)
        items = [
            gold.item(gross=gross, rate_per_g=rate, fineness=fineness)
            for gross, rate, fineness in (
                ("10", "95", "916"),
                ("3.333", "77.77", "750"),
                ("7.001", "91.601", "916"),
                ("10", "91", "916"),
            )
        ]
        for number, item in enumerate(items):
            gold.slip(item, of=seller, by=owner, key=f"s-{number}", reason="Haggled")
        exponent = 2
        expected = sorted(
            over
            for item in OldGoldItem.objects.all()
            for over in [
                round_money(
                    EXACT.multiply(
                        per_gram(
                            quoted(item.rate_amount, item.rate_unit, item.rate_fineness),
                            item.offered_fineness,
                        )
                        - item.board_rate_per_g,
                        item.net_weight_g,
                    ),
                    exponent,
                )
            ]
            if over > 0
        )
        assert len(expected) >= 2
        assert sorted(row[4] for row in rows(shop, "above-board")) == expected

    def test_no_day_is_too_late_to_be_asked_for(self, shop, scope):
        days = "since=9999-12-30&until=9999-12-31"
        for kind in ("", *KINDS):
            report("exceptions", shop, f"{days}&what={kind}")


def test_another_shop_has_none_of_them(shop, owner, scope):
    permit(Action.DRAWER, by=owner, reason="change", reference="Till 1", at=NOW)
    other = make.shop(name="Other")
    with shop_scope(other.pk):
        assert counts(other) == {}


def test_costs_are_left_out_for_who_may_not_see_them(client, shop, owner, scope):
    """The table of permissions takes the sight from managers; the columns go, in the file too."""
    make.rate(of=shop)
    sold_ring(owner)
    manager = make.member(of=shop, role=Role.MANAGER)
    client.force_login(manager.user)
    day = NOW.date().isoformat()
    page, file = (
        f"/reports/sales/?since={day}&until={day}",
        f"/reports/sales.csv?since={day}&until={day}",
    )
    assert "Margin" in client.get(page).content.decode()

    set_rules({Action.SEE_COST: Rule(("owner",), None)}, by=owner, at=timezone.now())

    for address in (page, file):
        seen = client.get(address).content.decode()
        assert "Total" in seen, address
        assert "500.00" not in seen, address
        assert ">Margin <" not in seen, address
        assert ",Margin" not in seen, address
