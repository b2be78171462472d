"""Where an open bill stands: the same arithmetic as the sale's, seen before it is finished."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.sales.rules import DoesNotSettle, Payment, settle
from apps.sales.standing import likely_cash, stand

money = st.integers(min_value=1, max_value=500_000).map(lambda cents: Decimal(cents) / 100)
payments = st.lists(
    st.builds(Payment, st.sampled_from(["cash", "card", "transfer"]), money), max_size=4
)
steps = st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.25"), Decimal(1)])


@given(total=money, paid=payments, cash_step=steps)
@example(total=Decimal("0.01"), paid=[Payment("cash", Decimal("0.02"))], cash_step=Decimal("0.25"))
def test_says_what_settling_says(total, paid, cash_step):
    standing = stand(total=total, payments=paid, cash_step=cash_step)

    assert sum(amount > 0 for amount in (standing.left, standing.change, standing.over)) <= 1
    try:
        settled = settle(total=total, payments=paid, cash_step=cash_step)
        unsettled = Decimal(0)
    except DoesNotSettle as refusal:
        settled, unsettled = None, refusal.left
    assert standing.settled == (settled is not None)
    assert standing.left - standing.over == unsettled
    assert settled is None or standing.change == settled.change


@given(total=money, paid=payments, cash_step=steps)
def test_what_is_due_in_cash_settles_the_bill(total, paid, cash_step):
    standing = stand(total=total, payments=paid, cash_step=cash_step)
    if not standing.left:
        return

    exact = [*paid, Payment("cash", standing.cash_due)]

    assert stand(total=total, payments=exact, cash_step=cash_step).settled


@given(total=money, cash_step=steps)
def test_what_is_left_settles_the_bill_by_card(total, cash_step):
    paid = [Payment("card", total)]

    assert stand(total=total, payments=paid, cash_step=cash_step).settled


@pytest.mark.parametrize(
    ("due", "currency", "keys"),
    [
        ("3297.50", "AED", "3300 3500 4000"),
        ("4000", "AED", "4005 4500 5000"),
        ("116609500", "IRT", "116610000 116650000 116700000"),
        ("12.345", "KWD", "12.5 15 20"),
        ("87", "XOF", "88 90"),
        ("0", "AED", ""),
    ],
)
def test_offers_what_people_hand_over_in_notes(due, currency, keys):
    assert likely_cash(Decimal(due), currency) == tuple(Decimal(key) for key in keys.split())
