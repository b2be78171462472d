"""A sale in the books: under whichever law it was made, each commodity of its entry sums to zero.

The database demands it at commit, which the transaction of a test never reaches.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.units import currency
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.pricing import rules
from apps.sales.postings import amounts_of
from apps.sales.rules import Payment, settle
from apps.shops.scope import shop_scope
from tests import make
from tests.sales import bills

SALES = (chart.SALES_METAL, chart.SALES_MAKING, chart.SALES_STONES, chart.SALES_EXTRAS)
PLACES = [("AE", "AED"), ("GB", "GBP"), ("IN", "INR"), ("KW", "KWD"), ("JP", "JPY"), ("CH", "CHF")]
PER_CENT = st.one_of(st.none(), st.sampled_from([Decimal(3), Decimal("12.5"), Decimal(100)]))


def discounts(percent, on=rules.DiscountOn.LINE):
    return () if percent is None else (rules.DiscountTerms(percent=percent, on=on, reason="Eid"),)


@st.composite
def rings(draw):
    """A ring by weight, with making and a stone, and perhaps a discount on one of its parts."""
    grams = Decimal(draw(st.integers(500, 60_000))) / 1000
    carats = Decimal(draw(st.integers(0, 99))) / 100
    stone = rules.StoneTerms(
        kind="diamond",
        carats=carats,
        price=rules.StonePrice.PER_CARAT,
        value=Decimal(620),
        deduct=False,
    )
    part = draw(st.sampled_from([rules.DiscountOn.LINE, rules.DiscountOn.MAKING]))
    return rules.LineTerms(
        metals=(
            rules.MetalTerms(
                metal="gold",
                fineness=9160,
                net_weight_g=grams,
                rate=rules.Rate(amount=Decimal("442.75"), fineness=9160),
            ),
        ),
        making=rules.MakingTerms(mode=rules.MakingMode.PER_GRAM, value=Decimal("45.5")),
        stones=(stone,) if carats else (),
        discounts=discounts(draw(PER_CENT), part),
    )


@st.composite
def quotes(draw):
    """A bill of rings and of things with a tag price, priced under the law of one place."""
    pack, money = draw(st.sampled_from(PLACES))
    step = currency(money).step
    tagged = st.builds(
        lambda steps, off: rules.LineTerms(fixed_price=steps * step, discounts=discounts(off)),
        st.integers(1, 10_000_000),
        PER_CENT,
    )
    lines = draw(st.lists(st.one_of(rings(), tagged), min_size=1, max_size=4))
    return rules.price_document(
        rules.QuoteTerms(
            currency=money,
            date=date(2026, 1, 15),
            pack=rules.version_for(pack, date(2026, 1, 15)),
            lines=tuple(lines),
            discount=next(iter(discounts(draw(PER_CENT))), None),
        )
    )


@settings(deadline=None)
@given(quote=quotes(), kind=st.sampled_from(["cash", "card"]))
def test_an_entry_sums_to_zero(quote, kind):
    pays = quote.due + (1000 if kind == "cash" and quote.due else 0)
    payments = [Payment(kind, pays)] if pays else []

    posted = defaultdict(Decimal)
    for amount in amounts_of(
        quote, settle(total=quote.due, payments=payments, cash_step=quote.cash_step), []
    ):
        posted[amount.account] += amount.amount

    assert sum(posted.values()) == 0
    step = currency(quote.currency).step
    assert all(amount % step == 0 for amount in posted.values()), "digits the money does not have"
    owed = sum(amount for account, amount in posted.items() if account.split(":")[0] == chart.TAX)
    assert -owed == quote.tax + quote.unshown_tax
    assert all(posted[account] <= 0 for account in SALES), "a kind of sale that takes money back"
    assert posted[chart.DISCOUNTS] >= 0


def test_a_discount_on_a_price_with_tax_inside_gives_back_the_tax_of_its_own():
    """1,195.00 with 20 % inside is 995.83 without; a tenth off it is 99.58 without."""
    line = rules.LineTerms(fixed_price=Decimal(1195), discounts=discounts(Decimal(10)))
    day = date(2026, 1, 15)
    quote = rules.price_document(
        rules.QuoteTerms(currency="GBP", date=day, pack=rules.version_for("GB", day), lines=(line,))
    )
    paid = settle(total=quote.due, payments=[Payment("card", quote.due)], cash_step=quote.cash_step)

    posted = {each.account: each.amount for each in amounts_of(quote, paid, []) if each.amount}

    assert posted == {
        chart.CARD: Decimal("1075.50"),
        chart.SALES_EXTRAS: Decimal("-995.83"),
        chart.DISCOUNTS: Decimal("99.58"),
        chart.TAX: Decimal("-179.25"),
    }


@pytest.mark.parametrize(
    ("cash_step", "given_", "cash", "rounding"),
    [
        # 1,057.98 in quarters is 1,058.00, and 2 fils are the shop's.
        ("0.25", "1060", "1058.00", "-0.02"),
        # In fives it is 1,060.00.
        ("5", "1060", "1060.00", "-2.02"),
        # Handed over to the last coin, nothing is rounded.
        ("0.25", "1057.98", "1057.98", None),
    ],
)
def test_what_cash_was_rounded_by_has_an_account(db, cash_step, given_, cash, rounding):
    shop, clerk = bills.shop_in(
        currency="AED", tax_pack="AE", rate="100", cash_step=Decimal(cash_step)
    )
    with shop_scope(shop.pk):
        sale = bills.sold("R-1", by=clerk, given=given_)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the balance, as at commit

        posted = dict(
            Posting.objects.filter(entry__reference=sale.code, commodity="AED").values_list(
                "account", "amount"
            )
        )
        assert posted[chart.CASH] == Decimal(cash)
        assert posted.get(chart.CASH_ROUNDING) == (rounding and Decimal(rounding))
        assert sale.total == make.RING_TOTAL
        assert sale.cash_rounding == Decimal(rounding or 0) * -1
        assert sale.change == Decimal(given_) - Decimal(cash)
