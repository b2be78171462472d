"""A contract pays for a bill: its rate, its pieces, its money, and back again."""

from datetime import date, timedelta

import pytest

from apps.core.units import permille
from apps.deposits import rules
from apps.deposits.models import DepositKind, DepositMove, DepositPiece, DepositState
from apps.deposits.policy import SECTION
from apps.deposits.quoting import quote_for
from apps.deposits.refusals import (
    AmountImpossible,
    ClockBehind,
    DepositNotOpen,
    DepositOfAnother,
    DepositRunOut,
    MoreThanPaid,
)
from apps.deposits.selectors.contracts import balance_of
from apps.deposits.selectors.terms import terms_for
from apps.deposits.services.use import open_for_sale, reopen, use
from apps.inventory.models import PieceState
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.sell import PieceNotForSale, demand_for_sale, mark_sold
from apps.inventory.services.ways import take_back
from apps.ledger import chart
from apps.pricing.rules import DepositKind as Priced
from apps.pricing.rules import Rate, per_gram
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.deposits import made
from tests.deposits.made import D, later


@pytest.fixture
def ring(shop, clerk):
    make.rate(of=shop)
    return make.piece(by=clerk)


def sell(deposit, amount, *, by, tags=("R-1",), reference="1-000001", at=make.NOON):
    """What the sale does with a contract."""
    open_for_sale(number=deposit.number, tags=tags, by=by, at=at)
    pieces = [whole.piece for whole in whole_pieces(tags=sorted(tags), to_change=True)]
    demand_for_sale(pieces)
    mark_sold(pieces=pieces, by=by, at=at, reference=reference)
    amounts = use(number=deposit.number, amount=D(amount), sale_reference=reference, by=by, at=at)
    made.bill(amounts, amount, by=by, reference=reference, at=at)


def test_dp_01_the_deposit_fixes_the_grams_it_covers(scope):
    shop = make.shop(name="Mumbai", currency="INR", tax_pack="IN")
    with_member = make.member(of=shop)

    with shop_scope(shop.pk):
        make.rate(of=shop, amount="7000", fineness="916")
        make.piece(
            by=with_member,
            metals=(make.gold(net_weight_g="12"),),
            gross_weight_g=D(12),
            making_mode="none",
            making_value=D(0),
        )
        deposit = made.deposit(by=with_member, kind=DepositKind.GRAMS, paid="40000")
        assert balance_of(deposit).grams == D("5.714")
        tomorrow = later(days=1)
        make.rate(of=shop, amount="7400", fineness="916", at=tomorrow)
        quote = quote_for(
            shop=shop,
            pieces=whole_pieces(tags=["R-1"]),
            at=tomorrow,
            deposit=terms_for(deposit, shop=shop, at=tomorrow),
        )
        found = quote.deposit_use
        assert found.grams_locked == D("5.714")
        assert found.locked_value == D("39998.00")
        assert found.open_grams == D("6.286")
        assert found.open_value == D("46516.40")
        assert found.locked_value + found.open_value == D("86514.40")
        assert found.locked_value + found.open_value - quote.deposit == D("46514.40")

        sell(deposit, "40000", by=with_member, at=tomorrow)
        deposit.refresh_from_db()
        assert deposit.state == DepositState.DELIVERED
        assert made.balance(chart.METAL_PROMISED, "gold") == 0
        assert made.balance(chart.ADVANCES, "INR", party=deposit.customer) == 0
        assert made.books_agree(deposit.customer, currency="INR")


def test_value_is_priced_at_the_rate_of_the_delivery(shop, ring, clerk):
    deposit = made.deposit(by=clerk)
    terms = terms_for(deposit, shop=shop, at=make.NOON)
    assert (terms.kind, terms.amount, terms.rate) == (Priced.VALUE, D(200), None)


def test_a_full_lock_keeps_the_rate_of_the_day_it_was_made(shop, ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.FULL_LOCK)
    tomorrow = later(days=1)
    make.rate(of=shop, amount="150", at=tomorrow)
    quote = quote_for(
        shop=shop,
        pieces=whole_pieces(tags=["R-1"]),
        at=tomorrow,
        deposit=terms_for(deposit, shop=shop, at=tomorrow),
    )
    assert quote.total == make.RING_TOTAL
    assert quote.due == make.RING_TOTAL - 200


def test_several_payments_price_exactly_the_grams_they_bought(shop, ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.GRAMS)
    for days, rate in ((1, "97.13"), (2, "111.11"), (3, "103")):
        make.rate(of=shop, amount=rate, at=later(days=days))
        made.pay(deposit.number, "133.37", by=clerk, at=later(days=days))
    held = balance_of(deposit)
    terms = terms_for(deposit, shop=shop, at=later(days=3))
    reached = rules.grams_for(held.amount, per_gram(terms.rate, permille("916")))
    assert reached == held.grams


@pytest.mark.parametrize(("today", "kind"), [("90", Priced.VALUE), ("110", Priced.GRAMS)])
def test_the_shop_bears_a_drop_where_it_said_so(shop, ring, owner, clerk, today, kind):
    set_policy(SECTION, {"drop_borne_by": "shop"}, by=owner, at=make.NOON)
    deposit = made.deposit(by=clerk, kind=DepositKind.GRAMS)
    make.rate(of=shop, amount=today, at=later(days=1))
    assert terms_for(deposit, shop=shop, at=later(days=1)).kind == kind


def test_the_customer_bears_it_otherwise(shop, ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.GRAMS)
    make.rate(of=shop, amount="90", at=later(days=1))
    terms = terms_for(deposit, shop=shop, at=later(days=1))
    assert terms.rate == Rate(amount=D(100), fineness=10_000)


def test_a_reserved_piece_is_sold_by_its_own_contract_alone(ring, clerk):
    deposit = made.deposit(by=clerk)
    with pytest.raises(PieceNotForSale):
        demand_for_sale([whole.piece for whole in whole_pieces(tags=["R-1"])])

    sell(deposit, "200", by=clerk)

    ring.refresh_from_db()
    assert ring.state == PieceState.SOLD
    row = DepositPiece.objects.get()
    assert (row.left_as, row.left_for) == ("sold", "1-000001")
    deposit.refresh_from_db()
    assert deposit.state == DepositState.DELIVERED


def test_what_the_bill_does_not_need_stays_the_customers(ring, clerk):
    deposit = made.deposit(by=clerk, paid="1500")
    sell(deposit, "1057.98", by=clerk)
    deposit.refresh_from_db()
    assert deposit.state == DepositState.DELIVERED
    assert balance_of(deposit).amount == D("442.02")
    assert made.books_agree(deposit.customer)


def test_a_contract_with_pieces_left_stays_open(shop, ring, clerk):
    make.piece(by=clerk, tag="R-2")
    deposit = made.deposit(by=clerk, tags=("R-1", "R-2"), paid="500", kind=DepositKind.FULL_LOCK)
    assert balance_of(deposit).fine_g == D("18.320")
    sell(deposit, "300", by=clerk)
    deposit.refresh_from_db()
    assert deposit.state == DepositState.OPEN
    assert balance_of(deposit).fine_g == D("9.160")
    sell(deposit, "200", by=clerk, tags=("R-2",), reference="1-000002")
    deposit.refresh_from_db()
    assert deposit.state == DepositState.DELIVERED
    assert balance_of(deposit).fine_g == 0
    assert made.books_agree(deposit.customer)


def test_grams_go_with_the_money_that_is_used(shop, ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.GRAMS, tags=(), metal="gold", fineness=9160)
    amounts = use(
        number=deposit.number, amount=D(50), sale_reference="1-000001", by=clerk, at=make.NOON
    )
    made.bill(amounts, "50", by=clerk)
    held = balance_of(deposit)
    assert (held.amount, held.grams) == (D(150), D("2.183") - D("0.545"))
    terms = terms_for(deposit, shop=shop, at=make.NOON)
    assert rules.grams_for(held.amount, per_gram(terms.rate, 9160)) == held.grams
    assert made.books_agree(deposit.customer)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "0.001"])
def test_an_impossible_amount_is_not_used(ring, clerk, amount):
    deposit = made.deposit(by=clerk)
    with pytest.raises(AmountImpossible):
        use(number=deposit.number, amount=D(amount), sale_reference="x", by=clerk, at=make.NOON)


def test_more_than_was_paid_is_refused(ring, clerk):
    deposit = made.deposit(by=clerk)
    with pytest.raises(MoreThanPaid, match=r"200\.00"):
        use(
            number=deposit.number,
            amount=D("200.01"),
            sale_reference="1-000001",
            by=clerk,
            at=make.NOON,
        )
    assert balance_of(deposit).amount == 200


def test_a_delivered_contract_pays_no_second_bill(ring, clerk):
    deposit = made.deposit(by=clerk)
    sell(deposit, "200", by=clerk)
    with pytest.raises(DepositNotOpen, match="delivered"):
        open_for_sale(number=deposit.number, tags=["R-1"], by=clerk, at=make.NOON)
    with pytest.raises(DepositNotOpen):
        made.pay(deposit.number, "10", by=clerk)


def test_somebody_elses_contract_pays_nothing(ring, clerk):
    deposit = made.deposit(by=clerk)
    other = made.customer(by=clerk, name="Bela")
    with pytest.raises(DepositOfAnother, match="Asha"):
        open_for_sale(
            number=deposit.number, tags=["R-1"], by=clerk, at=make.NOON, customer=other.pk
        )


def test_it_pays_in_its_days_of_grace_and_not_after(ring, clerk):
    deposit = made.deposit(by=clerk, expires_on=date(2026, 1, 20))
    last = deposit.expires_on + timedelta(days=14) - date(2026, 1, 15)
    open_for_sale(number=deposit.number, tags=[], by=clerk, at=make.NOON + last)
    with pytest.raises(DepositRunOut):
        open_for_sale(
            number=deposit.number, tags=[], by=clerk, at=make.NOON + last + timedelta(days=1)
        )


def test_a_use_before_the_payment_is_refused(ring, clerk):
    deposit = made.deposit(by=clerk)
    with pytest.raises(ClockBehind):
        use(
            number=deposit.number,
            amount=D(1),
            sale_reference="1-000001",
            by=clerk,
            at=later(minutes=-1),
        )


def test_a_void_bill_gives_everything_back_once(ring, clerk):
    deposit = made.deposit(by=clerk, kind=DepositKind.FULL_LOCK)
    before = balance_of(deposit)
    sell(deposit, "200", by=clerk)
    pieces = [whole.piece for whole in whole_pieces(tags=["R-1"], to_change=True)]
    take_back(pieces=pieces, by=clerk, at=make.NOON, reference="1-V000001")

    amounts = reopen(sale_reference="1-000001", by=clerk, at=make.NOON)
    made.bill(amounts, "-200", by=clerk, reference="1-V000001")

    deposit.refresh_from_db()
    ring.refresh_from_db()
    assert deposit.state == DepositState.OPEN
    assert balance_of(deposit) == before
    assert ring.state == PieceState.RESERVED
    assert made.books_agree(deposit.customer)
    assert reopen(sale_reference="1-000001", by=clerk, at=make.NOON) == []
    assert DepositMove.objects.filter(kind="reopened").count() == 1
    sell(deposit, "200", by=clerk, reference="1-000002")
    assert balance_of(deposit).amount == 0
