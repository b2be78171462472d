"""Making a contract, and paying into it."""

from datetime import date
from decimal import Decimal

import pytest

from apps.deposits.models import Deposit, DepositKind, DepositMove, DepositPiece, DepositState
from apps.deposits.policy import SECTION
from apps.deposits.refusals import (
    AmountImpossible,
    ClockBehind,
    DepositNotFound,
    DepositRunOut,
    ExpiryImpossible,
    ExpiryTooFar,
    FirstPaymentTooSmall,
    KeyUsed,
    LockNeedsPieces,
    MetalNotNamed,
    PieceAsideElsewhere,
    PieceTwice,
    ScheduleImpossible,
)
from apps.deposits.selectors.contracts import aside_for, balance_of, deposit_by_number
from apps.deposits.services.expiry import mark_expired
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import PieceNotFound
from apps.inventory.services.sell import PieceNotForSale, mark_sold
from apps.ledger import chart
from apps.ledger.models import Entry
from apps.pricing.selectors import RateMissing
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.models import Payment
from tests import make
from tests.deposits import made
from tests.deposits.made import D, later


@pytest.fixture
def ring(shop, clerk):
    make.rate(of=shop)
    return make.piece(by=clerk)


def test_a_deposit_puts_the_piece_aside_and_is_owed_to_the_customer(ring, clerk):
    who = made.customer(by=clerk)
    deposit = made.deposit(by=clerk, of=who)

    assert deposit.number == "1-D000001"
    assert deposit.agreed_total == make.RING_TOTAL
    assert deposit.expires_on == date(2026, 4, 15)
    ring.refresh_from_db()
    assert ring.state == PieceState.RESERVED
    assert aside_for(["R-1"]) == {"R-1": deposit.number}
    assert made.balance(chart.CASH) == 200
    assert made.balance(chart.ADVANCES, party=who) == -200
    assert made.balance(chart.SALES_METAL) == 0  # nothing is earned before the delivery
    receipt = DepositMove.objects.get()
    assert receipt.reference == "1-P000001"
    assert Payment.objects.get().reference == receipt.reference
    assert made.books_agree(who)


def test_it_runs_until_its_last_planned_payment(ring, clerk):
    deposit = made.deposit(by=clerk, schedule=((date(2026, 9, 15), D(100)),))
    assert deposit.expires_on == date(2026, 9, 15)


def test_grams_are_bought_at_the_rate_of_each_payment(shop, ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.GRAMS, paid="200")
    make.rate(of=shop, amount="110", at=later(days=1))
    second = made.pay(deposit.number, "200", by=clerk, at=later(days=1))

    held = balance_of(deposit)
    # 200 ÷ 91.6 = 2.1834…, 200 ÷ 100.76 = 1.9849…: each cut to the milligram.
    assert (held.amount, held.grams) == (D(400), D("4.167"))
    assert second.grams == D("1.984")
    assert held.fine_g == D("2.000") + D("1.817")
    assert made.balance(chart.METAL_PROMISED, "gold") == held.fine_g
    assert made.books_agree(deposit.customer)


def test_a_full_lock_promises_the_grams_of_its_pieces_at_once(ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.FULL_LOCK)

    assert balance_of(deposit).fine_g == D("9.160")
    assert made.balance(chart.METAL_PROMISED, "gold") == D("9.160")
    assert made.books_agree(deposit.customer)


def test_a_repeated_request_is_answered_with_the_first_contract(ring, clerk):
    who = made.customer(by=clerk)
    first = made.deposit(by=clerk, of=who, key="same")
    again = made.deposit(by=clerk, of=who, key="same")

    assert again.pk == first.pk
    assert Deposit.objects.count() == DepositMove.objects.count() == 1
    assert made.balance(chart.CASH) == 200
    with pytest.raises(KeyUsed, match="1-D000001"):
        made.deposit(by=clerk, of=who, key="same", paid="300")


def test_a_repeated_payment_is_taken_once(ring, clerk):
    deposit = made.deposit(by=clerk)
    first = made.pay(deposit.number, "100", by=clerk, key="same")

    assert made.pay(deposit.number, "100", by=clerk, key="same") == first
    assert balance_of(deposit).amount == 300
    with pytest.raises(KeyUsed):
        made.pay(deposit.number, "101", by=clerk, key="same")


def test_a_piece_that_was_sold_is_refused(ring, clerk):
    mark_sold(pieces=[ring], by=clerk, at=make.NOON, reference="1-000001")
    with pytest.raises(PieceNotForSale, match="sold already"):
        made.deposit(by=clerk)
    assert not Deposit.objects.exists()


def test_a_piece_of_another_contract_is_refused_by_its_number(ring, clerk):
    first = made.deposit(by=clerk)
    with pytest.raises(PieceAsideElsewhere, match=first.number):
        made.deposit(by=clerk)
    assert made.balance(chart.CASH) == 200


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "Infinity", "1e15", "200.001"])
def test_an_amount_that_nobody_can_pay_is_refused(ring, clerk, amount):
    deposit = made.deposit(by=clerk)
    with pytest.raises(AmountImpossible):
        made.pay(deposit.number, amount, by=clerk)
    assert balance_of(deposit).amount == 200
    assert made.books_agree(deposit.customer)


def test_the_first_payment_has_a_floor(ring, clerk):
    with pytest.raises(FirstPaymentTooSmall, match=r"105\.80"):
        made.deposit(by=clerk, paid="105.79")
    ring.refresh_from_db()
    assert ring.state == PieceState.IN_STOCK
    made.deposit(by=clerk, paid="105.80")


def test_the_floor_is_the_shops_policy(ring, owner, clerk):
    set_policy(SECTION, {"least_first_percent": "50"}, by=owner, at=make.NOON)
    with pytest.raises(FirstPaymentTooSmall, match=r"528\.99"):
        made.deposit(by=clerk)


@pytest.mark.usefixtures("scope")
def test_grams_are_not_sold_without_a_rate_of_today(shop, clerk):
    make.rate(of=shop)
    deposit = made.deposit(by=clerk, kind=DepositKind.GRAMS, tags=(), metal="gold", fineness=9160)
    with pytest.raises(RateMissing):
        made.pay(deposit.number, "100", by=clerk, at=later(days=1))
    assert balance_of(deposit).amount == 200


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"tags": ("R-1", "R-1")}, PieceTwice),
        ({"tags": ("NOPE",)}, PieceNotFound),
        ({"expires_on": date(2026, 1, 15)}, ExpiryImpossible),
        ({"expires_on": date(9999, 12, 31)}, ExpiryTooFar),
        (
            {"schedule": ((date(2026, 6, 2), D(100)),), "expires_on": date(2026, 6, 1)},
            ScheduleImpossible,
        ),
        ({"schedule": ((date(2026, 1, 14), D(100)),)}, ScheduleImpossible),
        ({"schedule": ((date(2026, 2, 1), D(0)),)}, AmountImpossible),
        ({"kind": "full_lock", "tags": ()}, LockNeedsPieces),
        ({"kind": "grams", "tags": ()}, MetalNotNamed),
        ({"tags": (), "paid": ()}, AmountImpossible),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(ring, clerk, terms, refusal):
    with pytest.raises(refusal):
        made.deposit(by=clerk, **terms)
    assert not Deposit.objects.exists()
    assert not Entry.objects.filter(what="deposit").exists()


def test_nothing_is_paid_into_a_contract_that_ran_out(shop, ring, clerk):
    deposit = made.deposit(by=clerk, expires_on=date(2026, 1, 20))
    # The date decides, whether the mark is there yet or not.
    with pytest.raises(DepositRunOut, match="20 January 2026"):
        made.pay(deposit.number, "100", by=clerk, at=later(days=6))
    assert mark_expired(shop=shop, at=later(days=6)) == 1
    assert mark_expired(shop=shop, at=later(days=6)) == 0
    deposit.refresh_from_db()
    assert deposit.state == DepositState.EXPIRED
    with pytest.raises(DepositRunOut):
        made.pay(deposit.number, "100", by=clerk, at=later(days=6))


def test_it_runs_out_by_the_shops_own_day(shop, ring, clerk):
    deposit = made.deposit(by=clerk, expires_on=date(2026, 1, 20))
    shop.time_zone = "Asia/Tokyo"
    # 15:30 UTC on the 20th is the 21st in Tokyo.
    assert mark_expired(shop=shop, at=later(days=5, hours=2, minutes=30)) == 0
    assert mark_expired(shop=shop, at=later(days=5, hours=3, minutes=30)) == 1
    deposit.refresh_from_db()
    assert deposit.state == DepositState.EXPIRED


def test_a_clock_that_went_backwards_is_refused(ring, clerk):
    deposit = made.deposit(by=clerk)
    made.pay(deposit.number, "100", by=clerk, at=later(hours=1))
    with pytest.raises(ClockBehind):
        made.pay(deposit.number, "100", by=clerk, at=later(minutes=30))
    assert balance_of(deposit).amount == 300


def test_a_contract_of_another_shop_is_not_there(ring, clerk):
    deposit = made.deposit(by=clerk)
    other = make.shop(name="Other")
    stranger = make.member(of=other)
    with shop_scope(other.pk):
        with pytest.raises(DepositNotFound):
            deposit_by_number(deposit.number)
        with pytest.raises(DepositNotFound):
            made.pay(deposit.number, "100", by=stranger)
        assert not DepositPiece.objects.exists()
    assert Piece.objects.get().state == PieceState.RESERVED
    assert balance_of(deposit).amount == Decimal(200)
