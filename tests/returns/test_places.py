"""The law of several places: tax on top, inside, on the making alone; discounts, round-off."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.pricing.rules import DiscountOn, DiscountTerms
from apps.returns.services.take_back import take_back
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.returns.days import LATER, asked, back, books, demand_balance

pytestmark = pytest.mark.django_db
PLACES = [
    ("AED", "AE", "412.37"),
    ("INR", "IN", "7213.55"),
    ("IRR", "IR", "81234567"),
    ("GBP", "GB", "61.83"),
    ("KWD", "KW", "34.617"),
    ("TRY", "TR", "4321.09"),
    ("CHF", "CH", "71.93"),
    ("USD", "US", "92.41"),
]


@pytest.fixture(params=PLACES, ids=lambda place: place[1])
def place(request, db):
    """A shop of a place with two pieces sold in one bill, the first at a discount."""
    code, pack, rate = request.param
    shop = make.shop(currency=code, tax_pack=pack)
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, amount=rate)
        make.rate(of=shop, amount=rate, side="buy")
        for tag, grams in (("R-1", "3.847"), ("R-2", "11.029")):
            make.piece(
                by=owner,
                tag=tag,
                metals=(make.gold(net_weight_g=grams, fineness="750"),),
                gross_weight_g=Decimal(grams),
                making_value=Decimal("13.7"),
            )
        yield owner


def sold(owner):
    off = DiscountTerms(on=DiscountOn.MAKING, percent=Decimal(17), reason="regular")
    return sell(
        order=Order(
            lines=(Wanted("R-1", (off,)), Wanted("R-2")),
            payments=(Payment("cash", Decimal(10) ** 12),),
            key="sale",
        ),
        by=owner,
        at=make.NOON,
    ).sale


def returned(bill, tag, weighed, *, by):
    document = take_back(
        asked=asked(bill, key=tag), backs=[back(tag, weighed=weighed)], by=by, at=LATER
    )
    demand_balance()
    return document


def test_all_of_it_back_piece_by_piece_leaves_the_books_as_they_were(place):
    before = books()
    bill = sold(place)
    first = returned(bill, "R-1", "3.847", by=place)
    last = returned(bill, "R-2", "11.029", by=place)
    assert first.total + last.total == bill.total
    assert first.tax + last.tax == sum(line.tax for line in bill.lines.all())
    now = books()
    left = {key: now.get(key, 0) - before.get(key, 0) for key in now | before}
    # Where tax is inside, a bill shares it over its kinds of sale as a whole and a return line by
    # line: a coin may lie in another kind. Tax, stock, drawer and the sum of sales are exact.
    sales = {key: value for key, value in left.items() if key[0].startswith(("sales", "disc"))}
    assert sum(sales.values()) == 0
    assert all(abs(value) <= Decimal("0.02") for value in sales.values()), sales
    rest = {key: value for key, value in left.items() if key not in sales and value}
    between_taxes = {key: value for key, value in rest.items() if key[0].startswith("tax")}
    assert sum(between_taxes.values()) == 0
    assert all(abs(value) <= Decimal("0.02") for value in between_taxes.values()), rest
    # Two sums of cash are rounded to coins, where the bill's was rounded once.
    coins = {key: value for key, value in rest.items() if key[0] in ("cash", "cash-rounding")}
    assert sum(coins.values()) == 0
    assert all(abs(value) <= Decimal("0.05") for value in coins.values()), coins
    assert rest == between_taxes | coins


def test_what_goes_back_and_what_is_kept_is_what_the_line_had_cost(place):
    set_policy(
        "returns",
        {"default": {"fee_percent": "7.5", "short": "reduce"}},
        by=place,
        at=make.NOON - timedelta(days=1),
    )
    bill = sold(place)
    for tag, weighed in (("R-1", "3.512"), ("R-2", "11.029")):
        line = returned(bill, tag, weighed, by=place).lines.get()
        cost = bill.lines.get(tag=tag).total
        assert line.refunded + line.kept == cost
        assert 0 < line.refunded < cost
        parts = [part for part in line.result["parts"] if not part["within"]]
        assert sum(Decimal(part["refunded"]) for part in parts) == line.refunded
        for part in line.result["parts"]:
            assert Decimal(part["refunded"]) >= 0
            assert Decimal(part["kept"]) >= 0
