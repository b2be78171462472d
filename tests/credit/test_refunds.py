"""Money goes back to where it came from."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.credit.refunds import RefundTooLarge, plan
from apps.till.kinds import TenderKind
from tests.credit.books import cash, tender

amounts = st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)
tenders = st.builds(
    tender,
    st.sampled_from(TenderKind.values),
    amounts,
    instrument=st.sampled_from(["", "a", "b"]),
)
USED_UP = {TenderKind.DEPOSIT, TenderKind.SCHEME, TenderKind.OLD_GOLD}


def total(of):
    return sum((one.amount for one in of), Decimal(0))


def kinds(planned):
    return [(one.kind.value, one.amount) for one in planned]


def test_cash_goes_last():
    paid = [cash(50), tender("card", 30, instrument="slip 7"), tender("gift_card", 20)]

    assert kinds(plan(paid, Decimal(30))) == [("card", 30)]
    assert kinds(plan(paid, Decimal(60))) == [("card", 30), ("gift_card", 20), ("cash", 10)]
    assert plan(paid, Decimal(30))[0].instrument == "slip 7"


def test_the_larger_of_two_cards_first():
    paid = [tender("card", 30, instrument="a"), tender("card", 70, instrument="b")]

    assert [(one.instrument, one.amount) for one in plan(paid, Decimal(80))] == [
        ("b", 70),
        ("a", 10),
    ]


def test_melted_gold_comes_back_as_store_credit_or_as_the_shop_says():
    paid = [tender("old_gold", 80, instrument="1-G000001"), cash(20)]

    assert kinds(plan(paid, Decimal(90))) == [("cash", 10), ("store_credit", 80)]
    assert kinds(plan(paid, Decimal(90), instead=TenderKind.CASH)) == [("cash", 90)]


def test_what_was_paid_off_meanwhile_does_not_lower_dues():
    paid = [tender("on_account", 100)]

    planned = plan(paid, Decimal(100), at_most={TenderKind.ON_ACCOUNT: Decimal(30)})

    assert kinds(planned) == [("on_account", 30), ("store_credit", 70)]


def test_no_more_than_was_paid():
    with pytest.raises(RefundTooLarge) as refused:
        plan([cash(50)], Decimal(40), refunded=[cash(20)])
    assert refused.value.left == 30


@given(paid=st.lists(tenders, max_size=6), shares=st.lists(st.integers(0, 100), max_size=4))
def test_refunds_one_after_another_add_up_and_never_exceed(paid, shares):
    """However often something goes back: the parts add up, and no tender gets more than it paid."""
    back = []
    for share in shares:
        left = total(paid) - total(back)
        amount = (left * share / 100).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
        planned = plan(paid, amount, refunded=back)
        assert total(planned) == amount
        assert all(one.amount > 0 for one in planned)
        assert not {one.kind for one in planned} & USED_UP
        back += planned

    by_tender, by_kind = Counter(), Counter()
    for one in paid:
        by_tender[one.kind, one.instrument] += one.amount
        by_kind[one.kind] += one.amount
    stood_for = sum((by_kind[kind] for kind in USED_UP), Decimal(0))
    for kind in {one.kind for one in back}:
        spare = stood_for if kind == TenderKind.STORE_CREDIT else 0
        assert total(one for one in back if one.kind == kind) <= by_kind[kind] + spare
    for one in back:
        if one.kind in (TenderKind.CARD, TenderKind.TRANSFER, TenderKind.GIFT_CARD):
            same = total(x for x in back if (x.kind, x.instrument) == (one.kind, one.instrument))
            assert same <= by_tender[one.kind, one.instrument]


@given(paid=st.lists(tenders, min_size=1, max_size=6), data=st.data())
def test_the_order_of_payments_does_not_matter(paid, data):
    amount = (total(paid) / 2).quantize(Decimal("0.01"))
    shuffled = data.draw(st.permutations(paid))

    assert plan(paid, amount) == plan(shuffled, amount)


@given(paid=st.lists(tenders, max_size=6))
def test_all_of_it_can_go_back_and_then_nothing(paid):
    back = plan(paid, total(paid))

    assert plan(paid, Decimal(0), refunded=back) == []
    with pytest.raises(RefundTooLarge):
        plan(paid, Decimal("0.01"), refunded=back)
