"""The return: by the policy, line by line, weighed again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from apps.credit.balances import store_credit_of
from apps.customers.services import add_customer
from apps.inventory.models import Piece
from apps.returns.models import Document, Fate
from apps.returns.refusals import (
    BeforeItsSale,
    CameBackAlready,
    ChosenTwice,
    CustomerMissing,
    Damaged,
    HallmarkGone,
    Heavier,
    Lighter,
    NeverSold,
    NothingComesBack,
    NotOnBill,
    NotWeighed,
    TooLate,
    WeightImpossible,
)
from apps.returns.services.take_back import take_back
from apps.sales.rules import Payment
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.shops.shifts import end, locked_register
from apps.till.drawer import NotInDrawer
from apps.till.models import Payment as Paid
from tests import make
from tests.returns.days import LATER, TOTAL, asked, back, books, demand_balance, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(shop, owner, scope):
    """Two rings and the rates to sell and to buy them."""
    make.rate(of=shop)
    make.rate(of=shop, side="buy", amount="95")
    for tag in ("R-1", "R-2"):
        make.piece(by=owner, tag=tag)


@pytest.fixture
def bill(stock, owner):
    return sold("R-1", "R-2", by=owner)


def rules(by, **words):
    """The policy from the beginning of time: the bill is judged by the rules of its own day."""
    set_policy("returns", {"default": words}, by=by, at=make.NOON - timedelta(days=1))


def returned(bill, *backs, by, key="key-1", at=LATER, **more):
    with transaction.atomic():
        document = take_back(
            asked=asked(bill, key=key), backs=backs or [back()], by=by, at=at, **more
        )
    demand_balance()
    return document


def test_everything_back_leaves_the_books_as_they_were(stock, owner):
    before = books()
    bill = sold("R-1", by=owner)

    document = returned(bill, by=owner)

    assert books() == before
    assert (document.code, document.total, document.kept) == ("1-R000001", TOTAL, 0)
    assert document.tax == bill.tax
    assert Piece.objects.get(tag="R-1").state == "in_stock"
    paid = Paid.objects.get(reference="1-R000001")
    assert (paid.kind, paid.direction, paid.amount) == ("cash", "out", TOTAL)


def test_line_by_line_over_time_and_never_a_line_twice(bill, owner):
    first = returned(bill, by=owner)
    with pytest.raises(CameBackAlready, match=first.code):
        returned(bill, by=owner, key="key-2")
    returned(bill, back("R-2"), by=owner, key="key-3", at=LATER + timedelta(days=3))
    assert Document.objects.count() == 2


def test_after_a_return_the_piece_is_sold_and_returned_again(bill, owner):
    returned(bill, by=owner)
    again = sold("R-1", by=owner, key="sale-2", at=LATER)
    assert returned(again, by=owner, key="key-2").number == 2
    with pytest.raises(CameBackAlready):
        returned(bill, by=owner, key="key-3")


def test_making_that_is_kept_stays_income_with_its_tax(stock, owner):
    rules(owner, refunded=["metal"])
    before = books()
    bill = sold("R-1", by=owner)

    document = returned(bill, by=owner)

    # 916.00 of metal and 5 % of it; making 91.60 and the rest of the tax stay.
    assert (document.total, document.kept) == (Decimal("961.80"), Decimal("96.18"))
    kept = {key: books().get(key, 0) - before.get(key, 0) for key in books() | before}
    assert {key: amount for key, amount in kept.items() if amount} == {
        ("cash", "AED"): Decimal("96.18"),
        ("sales-making", "AED"): Decimal("-91.60"),
        ("tax", "AED"): Decimal("-4.58"),
    }
    parts = document.lines.get().result["parts"]
    assert [(part["kind"], Decimal(part["refunded"]), Decimal(part["kept"])) for part in parts] == [
        ("metal", Decimal("916.00"), 0),
        ("making", 0, Decimal("91.60")),
        ("tax", Decimal("45.80"), Decimal("4.58")),
    ]


def test_a_fee_is_kept_of_every_part_and_of_the_tax(stock, owner):
    rules(owner, fee_percent="10")
    document = returned(sold("R-1", by=owner), by=owner)
    # 824.40 + 82.44 + 45.34
    assert (document.total, document.kept) == (Decimal("952.18"), Decimal("105.80"))


def test_metal_at_todays_rate_where_that_is_less(shop, stock, owner):
    rules(owner, rates="today")
    bill = sold("R-1", "R-2", by=owner)
    make.rate(of=shop, amount="90", at=LATER)
    low = returned(bill, by=owner)
    assert low.lines.get().result["parts"][0]["refunded"] == "824.40"
    make.rate(of=shop, amount="120", at=LATER)
    assert returned(bill, back("R-2"), by=owner, key="key-2").total == TOTAL


def test_by_category_and_by_the_rules_of_the_day_of_the_sale(bill, owner):
    set_policy(
        "returns",
        {"categories": {"ring": {"refunded": ["metal"]}}},
        by=owner,
        at=make.NOON + timedelta(minutes=1),
    )
    assert returned(bill, by=owner).kept == 0
    later = sold("R-1", by=owner, key="sale-2", at=LATER)
    assert returned(later, by=owner, key="key-2").kept == Decimal("96.18")


def test_the_last_day_of_the_window_and_the_day_after(bill, owner):
    rules(owner, window_days=3)
    with pytest.raises(TooLate, match="3 days"):
        returned(bill, by=owner, at=make.NOON + timedelta(days=4))
    with pytest.raises(BeforeItsSale):
        returned(bill, by=owner, at=make.NOON - timedelta(seconds=1))
    returned(bill, by=owner, at=make.NOON + timedelta(days=3))


@pytest.mark.parametrize(
    ("weighed", "refusal"),
    [
        (None, NotWeighed),
        ("10.011", Heavier),
        ("9.989", Lighter),
        ("0", WeightImpossible),
        ("-1", WeightImpossible),
        ("NaN", WeightImpossible),
        ("Infinity", WeightImpossible),
        ("1e9", WeightImpossible),
        ("9.9995", WeightImpossible),
    ],
)
def test_weights_that_are_refused(bill, owner, weighed, refusal):
    before = books()
    with pytest.raises(refusal):
        returned(bill, back(weighed=weighed), by=owner)
    assert books() == before
    assert not Document.objects.exists()


@pytest.mark.parametrize("weighed", ["9.990", "10.010"])
def test_a_weight_within_the_tolerance_is_the_weight(bill, owner, weighed):
    document = returned(bill, back(weighed=weighed), by=owner)
    assert (document.total, document.lines.get().fate) == (TOTAL, Fate.STOCK)
    assert document.lines.get().weighed_g == Decimal(weighed)


def test_less_metal_gives_less_and_goes_to_the_old_gold(stock, owner):
    rules(owner, short="reduce")
    before = books()
    bill = sold("R-1", by=owner)

    document = returned(bill, back(weighed="9.500"), by=owner)

    # 95 % of 916.00 and the making of 91.60: 961.80, and 5 % of it.
    assert (document.total, document.kept) == (Decimal("1009.89"), Decimal("48.09"))
    line = document.lines.get()
    assert (line.fate, line.sold_weight_g) == (Fate.OLD_GOLD, 10)
    # The piece had cost 500, its metal is worth more: the lower of the two.
    assert line.worth == 500
    now = {key: books().get(key, 0) - before.get(key, 0) for key in books() | before}
    assert now["old-gold", "gold"] == Decimal("8.702")
    assert now["cost-of-sales", "gold"] == Decimal("0.458")
    assert now["stock", "gold"] == Decimal("-9.160")
    assert now["old-gold", "AED"] == 500
    assert Piece.objects.get(tag="R-1").state == "scrapped"


def test_no_hallmark_or_damaged(bill, owner):
    with pytest.raises(HallmarkGone):
        returned(bill, back(hallmark_intact=False), by=owner)
    with pytest.raises(Damaged):
        returned(bill, back(damaged=True), by=owner)


def test_damaged_goes_to_the_old_gold_where_the_shop_takes_it(stock, owner):
    rules(owner, damaged="take", hallmark=False)
    bill = sold("R-1", "R-2", by=owner)
    document = returned(bill, back(damaged=True), back("R-2", hallmark_intact=False), by=owner)
    assert {line.fate for line in document.lines.all()} == {Fate.OLD_GOLD}
    assert document.total == TOTAL * 2


def test_what_was_never_sold_and_more_than_was_sold(bill, stock, owner):
    with pytest.raises(NeverSold):
        returned("1-000077", by=owner)
    with pytest.raises(NotOnBill):
        returned(bill, back("R-3"), by=owner)
    with pytest.raises(ChosenTwice):
        returned(bill, back(), back(), by=owner)
    with pytest.raises(NothingComesBack), transaction.atomic():
        take_back(asked=asked(bill), backs=[], by=owner, at=LATER)


def test_another_shops_bill(bill):
    elsewhere = make.shop(name="Other")
    stranger = make.member(of=elsewhere)
    with shop_scope(elsewhere.pk), pytest.raises(NeverSold), transaction.atomic():
        take_back(asked=asked(bill), backs=[back()], by=stranger, at=LATER)


def test_card_back_to_the_card_before_cash(stock, owner):
    bill = sold(
        "R-1",
        by=owner,
        payments=(Payment("cash", Decimal("57.98")), Payment("card", Decimal(1000))),
    )
    rules(owner, refunded=["metal"])
    returned(bill, by=owner)
    assert list(Paid.objects.values_list("kind", "amount")) == [("card", Decimal("961.80"))]


def test_cash_is_given_back_in_coins_that_there_are(shop, owner, scope):
    shop.cash_step = Decimal("0.25")
    shop.save()
    owner.shop.refresh_from_db()
    make.rate(of=shop)
    make.piece(by=owner)
    before = books()
    bill = sold("R-1", by=owner, given=Decimal("1058.00"))
    document = returned(bill, by=owner)
    assert (document.total, document.cash_rounding) == (TOTAL, Decimal("0.02"))
    assert Paid.objects.get().amount == 1058
    assert books() == before


def test_not_when_the_drawer_has_not_the_cash(bill, owner):
    make_room = LATER + timedelta(minutes=1)
    with transaction.atomic():
        end(register=locked_register(code="1"), by=owner, at=make_room)
    with pytest.raises(NotInDrawer, match="should not hold that much"):
        returned(bill, by=owner, at=make_room)


def test_store_credit_by_wish_or_by_policy_belongs_to_somebody(bill, owner):
    with pytest.raises(CustomerMissing):
        returned(bill, by=owner, to_credit=True)
    mona = add_customer(name="Mona", by=owner, at=LATER)
    document = returned(bill, by=owner, to_credit=True, customer=mona.pk)
    assert store_credit_of(mona, currency="AED") == TOTAL
    assert (document.customer, document.customer_name) == (mona, "Mona")


def test_dues_are_lowered_first(stock, owner):
    mona = add_customer(name="Mona", by=owner, at=make.NOON, credit_limit=Decimal(5000))
    bill = sold("R-1", by=owner, customer=mona.pk, payments=(Payment("on_account", TOTAL),))
    returned(bill, by=owner)
    assert not {key: value for key, value in books().items() if key[0] == "dues"}
