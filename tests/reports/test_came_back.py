"""What came back is less: sales, taxes and the position, against the books, live and summed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.ledger import chart
from apps.ledger.models import Posting
from apps.pricing.services import set_rate
from apps.reports.facts import sold as sold_facts
from apps.reports.facts import taxed
from apps.reports.services import sum_up
from apps.returns.services.buy_back import buy_back
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.reports.test_reports import report, total
from tests.returns.days import LATER, TOTAL, asked, back, sold

pytestmark = pytest.mark.django_db

DAY = make.NOON.date()


@pytest.fixture
def stock(shop, owner, scope):
    make.rate(of=shop)
    make.rate(of=shop, side="buy", amount="95")
    for tag in ("R-1", "R-2", "R-3"):
        make.piece(by=owner, tag=tag)


def facts(by="category"):
    return sold_facts(by=by, since=DAY, until=DAY)


def sums():
    """All of the day in one row; the same live and summed, or the test has failed already."""
    rows = facts()
    return {name: sum(row[name] for row in rows) for name in rows[0] if name != "category"}


def both(shop):
    live = sums(), taxed(since=DAY, until=DAY)
    assert sum_up(shop=shop, at=make.NOON + timedelta(days=1))
    summed = sums(), taxed(since=DAY, until=DAY)
    assert summed == live
    return summed


def in_books(account, commodity="AED"):
    postings = Posting.objects.filter(account=account, commodity=commodity)
    return sum((posting.amount for posting in postings), Decimal(0))


def test_a_void_leaves_nothing(shop, stock, owner):
    bill = sold("R-1", by=owner)
    void(asked=asked(bill), by=owner, at=LATER)
    sums, taxes = both(shop)
    assert not any(sums.values()), sums
    assert [(row["base"], row["amount"], row["documents"]) for row in taxes] == [(0, 0, 0)]


def test_a_return_takes_off_what_was_given_back(shop, stock, owner):
    bill = sold("R-1", "R-2", by=owner)
    take_back(asked=asked(bill), backs=[back("R-2")], by=owner, at=LATER)
    sums, taxes = both(shop)
    assert (sums["pieces"], sums["net_g"], sums["fine_g"]) == (1, 10, Decimal("9.16"))
    assert (sums["total"], sums["tax"], sums["cost"]) == (TOTAL, Decimal("50.38"), 500)
    assert (sums["metal_amount"], sums["making"]) == (916, Decimal("91.60"))
    (vat,) = taxes
    assert (round(vat["base"], 2), round(vat["amount"], 2)) == (
        Decimal("1007.60"),
        Decimal("50.38"),
    )


def test_making_that_is_kept_stays_in_sales_and_tax_as_in_the_books(shop, stock, owner):
    set_policy(
        "returns", {"default": {"refunded": ["metal"]}}, by=owner,
        at=make.NOON - timedelta(days=1),
    )  # fmt: skip
    bill = sold("R-1", by=owner)
    take_back(asked=asked(bill), backs=[back()], by=owner, at=LATER)
    sums, taxes = both(shop)
    assert sums["pieces"] == 0
    assert sums["making"] == -in_books(chart.SALES_MAKING) == Decimal("91.60")
    assert sums["metal_amount"] == -in_books(chart.SALES_METAL) == 0
    assert sums["tax"] == -in_books(chart.TAX)
    assert round(sum(row["amount"] for row in taxes), 2) == sums["tax"]
    assert sums["cost"] == in_books(chart.COST_OF_SALES) == 0


def test_a_buy_back_is_no_sale_undone_but_metal_in_the_shop(shop, stock, owner):
    bill = sold("R-1", by=owner)
    before, _ = sums(), None
    long_before = total(report("metal-position", shop).tables[0])[1]
    buy_back(asked=asked(bill), backs=[back()], by=owner, at=LATER)
    assert sums() == before
    assert total(report("metal-position", shop).tables[0])[1] == long_before + Decimal("9.16")


def test_in_a_shop_with_parts_of_tax_each_part_is_less(db):
    shop = make.shop(currency="INR", tax_pack="IN")
    with shop_scope(shop.pk):
        owner = make.member(of=shop)
        set_rate(
            shop=shop, metal="gold", fineness=10_000, side="sell", unit="g",
            amount=Decimal(7000), at=make.NOON, by=owner,
        )  # fmt: skip
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        bill = sold("R-1", "R-2", by=owner, given=Decimal(200_000))
        whole = {row["part"]: row for row in taxed(since=DAY, until=DAY)}
        assert set(whole) == {"CGST", "SGST"}
        for part in whole.values():
            assert -in_books(chart.tax_account(part["part"]), "INR") == part["amount"]
        take_back(asked=asked(bill), backs=[back("R-2")], by=owner, at=LATER)
        _sums, taxes = both(shop)
        for part in taxes:
            assert round(part["amount"], 2) == whole[part["part"]]["amount"] / 2
            assert -in_books(chart.tax_account(part["part"]), "INR") == round(part["amount"], 2)
        by_rate, summary = report("tax", shop, f"since={DAY}&until={DAY}").tables
        assert [row.style for row in by_rate.rows] == ["", "part", "part", "total"]
        (rate,) = summary.rows
        percent, base, integrated, central, state = (cell.value for cell in rate.cells)
        assert (percent, integrated) == (3, 0)
        assert central == state == round(base * Decimal("0.015"), 2)
