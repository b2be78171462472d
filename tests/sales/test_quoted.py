"""Rates that were quoted are kept for the shop's hold time, and never longer."""

from decimal import Decimal

import pytest

from apps.sales.models import SaleLine
from apps.sales.price_refusals import RatesRanOut
from apps.sales.refusals import SaleNotOpen
from apps.sales.services.counter import take_off
from apps.sales.services.rates import keep_rates, take_rates
from apps.shops.models import Register
from apps.shops.policies import set_policy
from tests import make
from tests.sales.desks import Desk, minutes

# 9.16 fine g at 110: metal 1,007.60, making 10 % 100.76, VAT 5 % 55.42.
DEARER = Decimal("1163.78")


@pytest.fixture
def desk(clerk):
    return Desk(Register.objects.get(), clerk)


@pytest.fixture
def quoted(shop, clerk, desk):
    """R-1 on the counter at noon at 100 a fine gram; at 12:20 the board says 110."""
    make.rate(of=shop)
    make.piece(by=clerk, tag="R-1")
    make.piece(by=clerk, tag="R-2")
    desk.put_on("R-1")
    make.rate(of=shop, amount="110", at=minutes(20))


def test_an_unchanged_board_asks_nothing(shop, clerk, desk):
    make.rate(of=shop)
    make.piece(by=clerk, tag="R-1")
    desk.put_on("R-1")

    assert not desk.now(minutes(59)).quoted.open
    assert not desk.now(minutes(500)).quoted.open


def test_the_quoted_rate_prices_the_sale_and_the_change_is_told(quoted, desk):
    now = desk.now(minutes(21))

    assert now.total == make.RING_TOTAL
    (change,) = now.quoted.changes
    assert (change.old.amount, change.new.amount) == (Decimal(100), Decimal(110))
    assert now.quoted.changed_at == minutes(20)
    assert now.quoted.open
    assert not now.quoted.expired


def test_a_piece_that_comes_later_is_quoted_at_the_same_board(quoted, desk):
    desk.put_on("R-2", minutes(30))

    assert desk.now(minutes(31)).total == make.RING_TOTAL * 2


def test_within_the_hold_time_it_is_sold_at_what_was_quoted(quoted, desk):
    desk.pay(minutes(30))

    done = desk.finish(minutes(59))

    assert done.sale.total == make.RING_TOTAL
    assert SaleLine.objects.get().metal == Decimal("916.00")


def test_kept_it_asks_no_more_until_the_board_changes_again(quoted, desk, shop):
    keep_rates(register=desk.till, at=minutes(25))
    assert not desk.now(minutes(26)).quoted.open

    make.rate(of=shop, amount="120", at=minutes(30))

    assert desk.now(minutes(31)).quoted.open
    assert desk.now(minutes(31)).total == make.RING_TOTAL


def test_taken_the_sale_costs_what_the_board_says(quoted, desk):
    take_rates(register=desk.till, at=minutes(25))

    assert desk.now(minutes(26)).total == DEARER
    assert not desk.now(minutes(26)).quoted.open


def test_after_the_hold_time_the_new_rate_must_be_taken(quoted, desk):
    desk.pay(minutes(50))
    keep_rates(register=desk.till, at=minutes(55))
    now = desk.now(minutes(61))

    assert now.quoted.open
    assert now.quoted.expired
    assert not now.ready
    with pytest.raises(RatesRanOut):
        desk.finish(minutes(61))
    with pytest.raises(RatesRanOut):
        keep_rates(register=desk.till, at=minutes(61))
    take_rates(register=desk.till, at=minutes(61))
    assert desk.now(minutes(61)).total == DEARER


def test_the_shop_says_how_long(quoted, desk, clerk):
    set_policy("counter", {"hold_minutes": 30}, by=None, at=make.NOON)

    assert not desk.now(minutes(30)).quoted.expired
    assert desk.now(minutes(31)).quoted.expired


def test_a_rate_that_only_was_confirmed_is_no_change(shop, clerk, desk):
    make.rate(of=shop)
    make.piece(by=clerk, tag="R-1")
    desk.put_on("R-1")
    make.rate(of=shop, amount="100", at=minutes(20))

    assert not desk.now(minutes(21)).quoted.open


def test_the_next_customer_is_quoted_anew(quoted, desk):
    take_off(line=desk.now().kept[0].pk, register=desk.till)

    desk.put_on("R-2", minutes(40))

    assert desk.now(minutes(41)).total == DEARER


def test_a_held_sale_keeps_its_quote(quoted, desk):
    held = desk.hold(minutes(21))
    desk.resume(held, minutes(40))

    assert desk.now(minutes(40)).total == make.RING_TOTAL


def test_there_is_nothing_to_keep_on_an_empty_counter(shop, clerk, desk):
    with pytest.raises(SaleNotOpen):
        keep_rates(register=desk.till, at=make.NOON)
