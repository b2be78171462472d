"""How much of each claim a bill takes: never more than it needs, never more than there is."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.pricing import rules
from apps.sales.claims import Claim, fit, price_with_claims
from apps.sales.rules import Payment, settle
from tests import make

D = Decimal
DAY = make.NOON.date()
CENTS = st.integers(1, 2_000_000).map(lambda cents: D(cents) / 100)


def claim(kind, number, left):
    trade_in = rules.TradeInTerms(description=number, amount=left, like_kind=True)
    return Claim(
        kind=kind,
        number=number,
        left=left,
        customer=1,
        customer_name="Nadia",
        trade_in=trade_in if kind == "old_gold" else None,
        deposit=rules.DepositTerms(kind=rules.DepositKind.VALUE, amount=left)
        if kind == "deposit"
        else None,
    )


def price_in(place, money, *prices):
    """A bill of tag prices under the law of a place, as the sale asks for it."""

    def price(inside):
        return rules.price_document(
            rules.QuoteTerms(
                currency=money,
                date=DAY,
                pack=rules.version_for(place, DAY),
                lines=tuple(rules.LineTerms(fixed_price=each) for each in prices),
                trade_ins=inside.trade_ins,
                deposit=inside.deposit,
            )
        )

    return price


@pytest.mark.parametrize(
    ("wanted", "need", "taken"),
    [
        ([5, 5], 7, [5, 2]),
        ([5, 5], 20, [5, 5]),
        ([5, 5], 0, [0, 0]),
        ([5, 5], -3, [0, 0]),
        ([], 7, []),
    ],
)
def test_the_first_ones_fill_up_first(wanted, need, taken):
    assert fit([D(amount) for amount in wanted], D(need)) == taken


@settings(deadline=None, max_examples=150)
@given(
    place=st.sampled_from([("US-CT", "USD"), ("US-CA", "USD"), ("IN", "INR"), ("GB", "GBP")]),
    prices=st.lists(CENTS, min_size=1, max_size=3),
    gold=st.lists(CENTS, max_size=2),
    deposit=st.none() | CENTS,
    card=CENTS,
)
def test_claims_pay_what_is_needed_and_the_rest_can_always_be_paid(
    place, prices, gold, deposit, card
):
    """Whatever is brought: nothing is overpaid, and what is left is exactly payable by card."""
    claims = {
        ("old_gold", f"G{i}"): claim("old_gold", f"G{i}", left) for i, left in enumerate(gold)
    }
    if deposit is not None:
        claims["deposit", "D1"] = claim("deposit", "D1", deposit)
    price = price_in(*place, *prices)
    by_card = min(card, price_with_claims(price, [], {}).quote.total / 2).quantize(D("0.01"))
    payments = [Payment(kind, D(0), instrument=number) for kind, number in claims]
    if by_card:
        payments.append(Payment("card", by_card))

    priced = price_with_claims(price, payments, claims)

    used = {p.instrument: p.given for p in priced.payments if p.instrument}
    assert all(0 <= used[number] <= each.left for (_, number), each in claims.items())
    rest = priced.quote.total - sum(p.given for p in priced.payments)
    if by_card <= priced.quote.total:
        assert rest >= 0
        more = [Payment("transfer", rest)] if rest else []
        settled = settle(
            total=priced.quote.total,
            payments=[*priced.payments, *more],
            cash_step=priced.quote.cash_step,
        )
        assert sum(each.amount for each in settled.tenders) == priced.quote.total
    if rest > D("0.01"):  # money is missing: then every claim was used up
        assert all(used[number] == each.left for (_, number), each in claims.items())


def test_the_order_the_claims_come_in_does_not_matter_to_the_price():
    price = price_in("US-CT", "USD", D(3000))
    claims = {
        ("old_gold", "G1"): claim("old_gold", "G1", D(1000)),
        ("deposit", "D1"): claim("deposit", "D1", D(500)),
    }
    payments = [Payment(kind, D(0), instrument=number) for kind, number in claims]

    one = price_with_claims(price, payments, claims)
    other = price_with_claims(price, payments[::-1], claims)

    assert one.quote.total == other.quote.total == 3127
    assert {p.instrument: p.given for p in one.payments} == {"G1": 1000, "D1": 500}
    assert [p.given for p in other.payments] == [500, 1000]
