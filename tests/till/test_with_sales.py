"""A drawer and real bills: the Z takes what their tenders paid, and counts their pieces."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from apps.inventory.models import Place
from apps.ledger import chart
from apps.sales.models import Tender
from apps.till import asks
from apps.till.report import report_of
from apps.till.services.closing import CountStale
from apps.till.snapshot import close_of
from tests import make
from tests.sales import bills
from tests.till import days

pytestmark = pytest.mark.django_db


@pytest.fixture
def tray(shop, clerk):
    """Three rings in a tray, one of them sold for cash, with change."""
    make.rate(of=shop)
    place = Place.objects.create(branch=days.till().branch, name="Tray 7", kind="tray")
    Place.objects.create(branch=days.till().branch, name="The safe", kind="safe")
    for tag in ("R-1", "R-2", "R-3"):
        make.piece(by=clerk, tag=tag, place=place)
    days.opened(by=clerk, total="500")
    bills.sold("R-1", by=clerk, given="1100")
    return place


def test_the_report_has_the_bill_and_the_piece(tray, clerk):
    report = report_of(days.open_shift(days.till()), currency="AED")

    assert report.count_of("sale") == report.pieces_sold == 1
    assert report.cash[0].taken == make.RING_TOTAL  # the change went out again
    assert [(t.kind, t.net) for t in report.tenders] == [("cash", make.RING_TOTAL)]


def test_a_tray_is_held_against_the_pieces_that_lie_in_it(tray, clerk):
    (told,) = asks.trays(branch=days.till().branch_id)

    assert (told.name, told.pieces) == ("Tray 7", 2)


def test_what_the_z_took_is_what_the_tenders_paid(tray, clerk, owner):
    bills.sold("R-2", by=clerk, key="key-0002")
    total = 500 + 2 * make.RING_TOTAL
    days.sent(days.counted(str(total)), by=owner, trays={tray.pk: 1})
    close = close_of(days.signed(by=owner))

    paid = Tender.objects.aggregate(sum=Sum("amount"))["sum"]
    assert sum(tender.net for tender in close.report.tenders) == paid
    assert close.report.pieces_sold == 2
    assert not close.differing
    assert days.balance(chart.CASH) == 0
    assert days.balance(chart.SAFE) == 2 * make.RING_TOTAL
    assert days.books_balance()


def test_a_bill_after_the_count_makes_it_stale(tray, clerk, owner):
    days.sent(days.counted(str(500 + make.RING_TOTAL)), by=owner, trays={tray.pk: 2})
    bills.sold("R-2", by=clerk, key="key-0002")
    with pytest.raises(CountStale):
        days.signed(by=owner)


def test_another_till_that_sells_out_of_the_tray_changes_no_count(tray, clerk, owner, shop):
    """The count of a tray is held against what lay in it when it was counted."""
    days.sent(days.counted(str(500 + make.RING_TOTAL)), by=owner, trays={tray.pk: 2})
    tray.pieces.filter(tag="R-3").update(place=None)
    close = close_of(days.signed(by=owner))

    (line,) = [line for line in close.lines if line.kind == "tray"]
    assert (line.counted, line.expected, line.agrees) == (Decimal(2), Decimal(2), True)
