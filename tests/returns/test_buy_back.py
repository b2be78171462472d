"""The buy-back: a purchase at the day's buying rate. The sale stays what it was."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from apps.credit.balances import store_credit_of
from apps.customers.services import add_customer
from apps.inventory.models import Piece
from apps.pricing.selectors import RateMissing
from apps.returns.models import Fate
from apps.returns.refusals import (
    CameBackAlready,
    CustomerMissing,
    Heavier,
    NoMetalToBuy,
    NotPayable,
    NotWeighed,
)
from apps.returns.services.buy_back import buy_back
from apps.returns.services.take_back import take_back
from apps.sales.models import Sale
from apps.sales.rules import Payment
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.drawer import NotInDrawer
from tests import make
from tests.returns.days import LATER, TOTAL, asked, back, books, demand_balance, sold

pytestmark = pytest.mark.django_db
# 9.16 fine grams at 95 a gram.
METAL = Decimal("870.20")


@pytest.fixture
def bill(shop, owner, scope):
    make.rate(of=shop)
    make.rate(of=shop, side="buy", amount="95")
    make.piece(by=owner)
    return sold("R-1", by=owner)


def bought(bill, *backs, by, key="key-1", at=LATER, **more):
    with transaction.atomic():
        document = buy_back(
            asked=asked(bill, key=key), backs=backs or [back()], by=by, at=at, **more
        )
    demand_balance()
    return document


def test_the_metal_is_paid_and_the_sale_stays(bill, owner):
    before = books()

    document = bought(bill, by=owner)

    assert (document.code, document.total, document.kept, document.tax) == (
        "1-B000001",
        METAL,
        0,
        0,
    )
    now = {key: books().get(key, 0) - before.get(key, 0) for key in books() | before}
    assert {key: amount for key, amount in now.items() if amount} == {
        ("old-gold", "AED"): METAL,
        ("old-gold", "gold"): Decimal("9.160"),
        ("opening", "gold"): Decimal("-9.160"),
        ("cash", "AED"): -METAL,
    }
    assert Piece.objects.get().state == "scrapped"
    assert Sale.objects.get().total == TOTAL


def test_a_percent_of_the_metal(bill, owner):
    set_policy("buy_back", {"percent": "90"}, by=owner, at=make.NOON)
    assert bought(bill, by=owner).total == Decimal("783.18")


def test_into_the_stock_at_the_price_that_was_paid(bill, owner):
    set_policy("buy_back", {"to": "stock"}, by=owner, at=make.NOON)
    document = bought(bill, by=owner)
    piece = Piece.objects.get()
    assert document.lines.get().fate == Fate.STOCK
    assert (piece.state, piece.cost) == ("in_stock", METAL)
    again = sold("R-1", by=owner, key="sale-2", at=LATER)
    assert again.lines.get().cost == METAL
    demand_balance()


def test_where_there_is_a_margin_scheme_the_next_sale_is_taxed_by_it(db):
    shop = make.shop(currency="GBP", tax_pack="GB")
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.rate(of=shop, side="buy", amount="95")
        make.piece(by=owner)
        set_policy("buy_back", {"to": "stock"}, by=owner, at=make.NOON)
        bill = sold("R-1", by=owner, payments=(Payment("cash", Decimal("1007.60")),))
        bought(bill, by=owner)
        assert Piece.objects.get().margin_purchase_price == METAL
        again = sold(
            "R-1", by=owner, key="2", at=LATER, payments=(Payment("cash", Decimal("1007.60")),)
        )
        # A sixth of 1,007.60 less 870.20.
        assert again.lines.get().tax == Decimal("22.90")
        before = books()
        returned = take_back(asked=asked(again, key="key-2"), backs=[back()], by=owner, at=LATER)
        assert (returned.total, returned.tax) == (Decimal("1007.60"), Decimal("22.90"))
        assert books()["tax", "GBP"] - before["tax", "GBP"] == Decimal("22.90")
        demand_balance()


def test_years_later_and_lighter(shop, bill, owner):
    at = make.NOON + timedelta(days=1200)
    with pytest.raises(RateMissing):
        bought(bill, by=owner, at=at)
    make.rate(of=shop, side="buy", amount="40", at=at)
    document = bought(bill, back(weighed="9.000", damaged=True), by=owner, at=at)
    # 9 g of 916 at 40 a fine gram.
    assert document.total == Decimal("329.76")
    assert books()["old-gold", "gold"] == Decimal("8.244")


def test_what_is_refused(bill, owner, shop):
    for kind in ("card", "on_account", "old_gold"):
        with pytest.raises(NotPayable):
            bought(bill, by=owner, paid_by=kind)
    with pytest.raises(CustomerMissing):
        bought(bill, by=owner, paid_by="store_credit")
    with pytest.raises(NotWeighed):
        bought(bill, back(weighed=None), by=owner)
    with pytest.raises(Heavier):
        bought(bill, back(weighed="11"), by=owner)
    set_policy("buy_back", {"percent": "0"}, by=owner, at=make.NOON)
    with pytest.raises(NoMetalToBuy):
        bought(bill, by=owner)
    make.rate(of=shop, side="buy", amount="195", at=LATER)
    set_policy("buy_back", {"percent": "100"}, by=owner, at=make.NOON)
    with pytest.raises(NotInDrawer):
        bought(bill, by=owner)


def test_a_piece_without_metal_has_nothing_to_buy(shop, owner, scope):
    make.rate(of=shop)
    make.piece(
        by=owner,
        metals=(),
        gross_weight_g=None,
        making_mode="none",
        making_value=Decimal(0),
        fixed_price=Decimal(200),
    )
    bill = sold("R-1", by=owner, given=Decimal(500))
    with pytest.raises(NoMetalToBuy):
        bought(bill, back(weighed=None), by=owner)
    assert take_back(
        asked=asked(bill), backs=[back(weighed=None)], by=owner, at=LATER
    ).total == Decimal("210.00")


def test_not_what_came_back_already(bill, owner):
    first = bought(bill, by=owner)
    with pytest.raises(CameBackAlready, match=first.code):
        bought(bill, by=owner, key="key-2")
    with pytest.raises(CameBackAlready), transaction.atomic():
        take_back(asked=asked(bill, key="key-3"), backs=[back()], by=owner, at=LATER)
    assert bought(bill, by=owner) == first


def test_for_store_credit_or_by_transfer(bill, owner):
    mona = add_customer(name="Mona", by=owner, at=LATER)
    bought(bill, by=owner, paid_by="store_credit", customer=mona.pk)
    assert store_credit_of(mona, currency="AED") == METAL
