"""The report of exceptions: each kind is found, by whom, with its rows; and nothing else is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.inventory.models import Piece
from apps.pricing.services import set_rate
from apps.reports.exception_kinds import KINDS
from apps.reports.files import as_csv
from apps.shops.approvals import Rule, count_wrong, permit, set_rules
from apps.shops.hours import Hours, set_hours
from apps.shops.models import Action, Role
from apps.shops.scope import shop_scope
from tests import make
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
