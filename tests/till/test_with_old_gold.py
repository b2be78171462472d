"""A drawer that bought old gold: grams in, money out, and the bag on the scale."""

from decimal import Decimal

import pytest

from apps.till import asks
from apps.till.report import report_of
from apps.till.selectors import open_shift
from apps.till.snapshot import close_of
from tests import make
from tests.purchasing import gold
from tests.till import days

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift(shop, owner, scope):
    """Ten grams gross of 916 were bought for cash, out of a float of 5,000."""
    make.rate(of=shop, amount="110")
    make.rate(of=shop, amount="100", side="buy")
    opened = days.opened(by=owner, total="5000")
    gold.slip(of=gold.seller(by=owner), by=owner)
    return opened


def test_the_report_has_the_fine_grams_and_the_money(shift):
    report = report_of(shift, currency="AED")
    ((metal, fine_g),) = report.old_gold

    assert (metal, fine_g) == ("gold", Decimal("9.160"))
    assert report.count_of("old-gold") == 1
    assert report.cash[0].taken < 0
    assert report.cash[0].expected == 5000 + report.cash[0].taken


def test_the_bag_must_weigh_what_was_on_the_scale(shift, owner):
    assert asks.bags(shift=shift.pk) == {"gold": Decimal(10)}

    expected = report_of(open_shift(days.till()), currency="AED").cash[0].expected
    days.sent(days.counted(str(expected), bags={"gold": "10"}), by=owner)
    close = close_of(days.signed(by=owner))
    assert not close.differing
    assert close.report.old_gold == [("gold", Decimal("9.160"))]
    assert days.books_balance()
