"""Worked examples of the trade as finished sales: old gold and deposits go through the price.

IN-11, US-01 and DP-01 of the price vectors, and Connecticut, where like-kind gold lowers the tax.
"""

from decimal import Decimal

import pytest

from apps.ledger import chart
from apps.shops.scope import shop_scope
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.purchasing import gold
from tests.sales.paying import bought, paid_by, pay, posted

D = Decimal


@pytest.fixture
def shop_of(db):
    """A shop of a place, entered: its owner. Gold is bought at `buys` a gram of pure."""
    entered = []

    def enter(*, currency, tax_pack, buys="100"):
        shop = make.shop(currency=currency, tax_pack=tax_pack)
        scope = shop_scope(shop.pk)
        scope.__enter__()
        entered.append(scope)
        make.rate(of=shop, amount=buys, side="buy")
        return make.member(of=shop)

    yield enter
    for scope in reversed(entered):
        books.check_now()
        scope.__exit__(None, None, None)


def slip_worth(pure_grams, *, by):
    """A slip in exchange: so many grams of pure gold, as 500."""
    of = gold.seller(by=by, birth_date=make.NOON.date().replace(year=1980))
    thing = gold.item(gross=str(D(pure_grams) * 2), fineness="500", photos=(gold.picture(),))
    return gold.slip(thing, of=of, purpose="exchange", by=by)


def test_in_11_gst_stays_on_the_whole_new_bill(shop_of):
    by = shop_of(currency="INR", tax_pack="IN", buys="8000")
    make.piece(by=by, tag="R-1", fixed_price=D(100_000), metals=())
    slip = slip_worth("7.5", by=by)

    done = bought(pay("old_gold", 0, slip.code), pay("card", 43_000), by=by)

    assert (done.sale.subtotal, done.sale.tax, done.sale.total) == (100_000, 3_000, 103_000)
    assert paid_by(done)[0] == ("old_gold", "6E+4", slip.code)
    booked = posted(done.sale, "INR")
    assert (booked[chart.OLD_GOLD_DUE], booked[chart.CARD]) == (60_000, 43_000)
    assert booked[chart.TAX_CGST] + booked[chart.TAX_SGST] == -3_000


def test_us_01_a_trade_in_does_not_lower_the_tax_in_california(shop_of):
    by = shop_of(currency="USD", tax_pack="US-CA", buys="400")
    make.piece(by=by, tag="R-1", fixed_price=D(10_000), metals=())
    slip = slip_worth("7.5", by=by)

    done = bought(pay("old_gold", 0, slip.code), pay("card", 7_725), by=by)

    assert (done.sale.subtotal, done.sale.tax, done.sale.total) == (10_000, 725, 10_725)
    assert done.sale.terms["trade_ins"][0]["reduces_tax_base"] is False


class TestConnecticut:
    """Like-kind gold lowers the taxed sum: 6.35 % of what is left of it."""

    @pytest.fixture
    def by(self, shop_of):
        by = shop_of(currency="USD", tax_pack="US-CT", buys="400")
        make.piece(by=by, tag="R-1", fixed_price=D(3_000), metals=())
        return by

    def test_tax_is_on_the_difference(self, by):
        slip = slip_worth("2.5", by=by)  # 1,000

        done = bought(pay("old_gold", 0, slip.code), pay("card", 2_127), by=by)

        assert (done.sale.tax, done.sale.total) == (127, 3_127)
        assert done.sale.terms["trade_ins"][0]["reduces_tax_base"] is True
        (tax,) = done.sale.terms["taxes"]
        assert D(tax["base"]) == 2_000

    def test_more_gold_than_the_piece_is_worth_leaves_no_tax(self, by):
        slip = slip_worth("10", by=by)  # 4,000

        done = bought(pay("old_gold", 0, slip.code), by=by)

        assert (done.sale.tax, done.sale.total) == (0, 3_000)
        slip.refresh_from_db()
        assert slip.claim_left == 1_000

    def test_gold_and_a_card_meet_where_the_tax_fits_the_gold_that_is_used(self, by):
        slip = slip_worth("10", by=by)

        done = bought(pay("card", 500), pay("old_gold", 0, slip.code), by=by)

        # used = 2,500 + 6.35 % of (3,000 - used): 2,529.85 of gold, 29.85 of tax.
        assert (done.sale.tax, done.sale.total) == (D("29.85"), D("3029.85"))
        assert paid_by(done)[1] == ("old_gold", "2529.85", slip.code)


def test_dp_01_a_deposit_fixes_the_rate_of_the_grams_it_covers(shop_of):
    by = shop_of(currency="INR", tax_pack="IN")
    make.rate(of=by.shop, amount="7000", fineness="916")
    make.piece(
        by=by,
        tag="R-1",
        metals=(make.gold(net_weight_g="12"),),
        gross_weight_g=D(12),
        making_mode="none",
        making_value=D(0),
    )
    deposit = made.deposit(by=by, kind="grams", paid="40000", metal="gold", fineness=9160)
    delivery = make.NOON.replace(day=20)
    make.rate(of=by.shop, amount="7400", fineness="916", at=delivery)

    done = bought(pay("deposit", 0, deposit.number), pay("cash", 60_000), by=by, at=delivery)

    told = done.sale.terms["deposit"]
    assert (told["grams_locked"], D(told["locked_value"])) == ("5.714", D("39998.00"))
    assert (told["open_grams"], D(told["open_value"])) == ("6.286", D("46516.40"))
    (line,) = done.lines
    assert line.metal == D("86514.40")
    assert line.metal - done.tenders[0].amount == D("46514.40")
    assert books.balance(chart.ADVANCES, "INR", party=deposit.customer) == 0
    assert books.balance(chart.ADVANCES, "gold", party=deposit.customer) == 0
