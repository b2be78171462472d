"""The sale: price frozen, piece gone, number taken, books balanced; or nothing at all."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from apps.inventory.models import Movement, Piece
from apps.inventory.selectors import PieceNotFound
from apps.inventory.services.sell import PieceNotForSale
from apps.ledger.models import Entry, Posting
from apps.pricing import rules
from apps.pricing.selectors import RateMissing
from apps.sales.models import Sale
from apps.sales.orders import (
    DiscountUnexplained,
    KeyUsed,
    NothingToSell,
    Order,
    PieceTwice,
    TenderImpossible,
    TendersDoNotMatch,
)
from apps.sales.pricing import Wanted
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import Register
from apps.shops.scope import shop_scope
from tests import make

# 10 g of 916 at 100 a fine gram: metal 916.00, making 10 % 91.60, VAT 5 % 50.38.
TOTAL = Decimal("1057.98")


def order(*tags, pay=TOTAL, kind="cash", key="key-0001", **more):
    payments = () if pay is None else (Payment(kind, Decimal(pay)),)
    lines = tuple(tag if isinstance(tag, Wanted) else Wanted(tag) for tag in tags)
    return Order(**{"lines": lines, "payments": payments, "key": key, **more})


@pytest.fixture
def ring(shop, clerk):
    make.rate(of=shop)
    return make.piece(by=clerk, tag="R-1")


def refused(refusal, wanted, clerk):
    """What sell() says no with; the transaction it gives up is rolled back here."""
    with pytest.raises(refusal) as caught, shop_scope(clerk.shop_id):
        sell(order=wanted, by=clerk, at=make.NOON)
    return caught.value


class TestSell:
    def test_freezes_the_price_of_the_piece(self, ring, clerk):
        done = sell(order=order("R-1"), by=clerk, at=make.NOON)

        line = done.sale.lines.get()
        assert (line.metal, line.making, line.tax, line.total) == (
            Decimal("916.00"),
            Decimal("91.60"),
            Decimal("50.38"),
            TOTAL,
        )
        assert [rules.Component.from_json(c).amount for c in line.snapshot["components"]] == [
            Decimal("916.00"),
            Decimal("91.60"),
            Decimal("50.38"),
        ]

    def test_takes_the_piece_out_of_the_stock(self, ring, clerk):
        done = sell(order=order("R-1"), by=clerk, at=make.NOON)

        assert Piece.objects.get(tag="R-1").state == "sold"
        assert Movement.objects.get(piece=ring, kind="sold").reference == done.sale.code

    def test_numbers_bills_of_a_register_without_gaps(self, ring, clerk):
        make.piece(by=clerk, tag="R-2")
        make.piece(by=clerk, tag="R-3")

        first = sell(order=order("R-1", key="key-0001"), by=clerk, at=make.NOON)
        refused(PieceNotForSale, order("R-1", key="key-0002"), clerk)
        refused(TendersDoNotMatch, order("R-2", pay="1", key="key-0003"), clerk)
        second = sell(order=order("R-3", key="key-0004"), by=clerk, at=make.NOON)

        assert (first.sale.code, second.sale.code) == ("1-000001", "1-000002")

    def test_posts_money_cost_and_fine_grams(self, ring, clerk):
        done = sell(order=order("R-1"), by=clerk, at=make.NOON)

        posted = Posting.objects.filter(entry__reference=done.sale.code)
        assert {(p.account, p.commodity): p.amount for p in posted} == {
            ("cash", "AED"): TOTAL,
            ("sales-metal", "AED"): Decimal("-916.00"),
            ("sales-making", "AED"): Decimal("-91.60"),
            ("tax", "AED"): Decimal("-50.38"),
            ("cost-of-sales", "AED"): Decimal(500),
            ("stock", "AED"): Decimal(-500),
            ("cost-of-sales", "gold"): Decimal("9.16"),
            ("stock", "gold"): Decimal("-9.16"),
        }

    def test_takes_tax_that_is_inside_the_prices_out_of_the_sales(self, db):
        shop = make.shop(currency="GBP", tax_pack="GB")
        with shop_scope(shop.pk):
            owner = make.member(of=shop)
            make.piece(by=owner, tag="R-1", fixed_price=Decimal("1195.00"), metals=())

            done = sell(order=order("R-1", pay="1195.00", kind="card"), by=owner, at=make.NOON)

            posted = Posting.objects.filter(entry__reference=done.sale.code, commodity="GBP")
            assert {p.account: p.amount for p in posted} == {
                "card": Decimal("1195.00"),
                "sales-extras": Decimal("-995.83"),
                "tax": Decimal("-199.17"),
                "cost-of-sales": Decimal(500),
                "stock": Decimal(-500),
            }
            assert done.sale.subtotal + done.sale.tax == done.sale.total

    @pytest.mark.parametrize("lines", [1, 5])
    def test_asks_the_database_as_often_for_many_lines_as_for_one(
        self, shop, clerk, lines, django_assert_num_queries
    ):
        make.rate(of=shop)
        tags = [f"R-{number}" for number in range(lines)]
        for tag in tags:
            make.piece(by=clerk, tag=tag)
        make.shift(by=clerk)
        connection.ensure_connection()

        with django_assert_num_queries(12):
            sell(order=order(*tags, pay=TOTAL * lines), by=clerk, at=make.NOON)

    def test_sells_nothing_when_one_piece_is_refused(self, ring, clerk):
        refused(PieceNotFound, order("R-1", "R-2"), clerk)

        assert Piece.objects.get(tag="R-1").state == "in_stock"
        assert not Sale.objects.exists()
        assert Register.objects.get().last_number == 0

    def test_names_the_piece_that_is_gone(self, ring, clerk):
        sell(order=order("R-1"), by=clerk, at=make.NOON)

        refusal = refused(PieceNotForSale, order("R-1", key="key-0002"), clerk)

        assert str(refusal) == "R-1 was sold already. Take it off the bill."

    def test_refuses_without_a_rate_of_today(self, shop, clerk):
        make.rate(of=shop, at=make.NOON.replace(day=14))
        make.piece(by=clerk, tag="R-1")

        refusal = refused(RateMissing, order("R-1"), clerk)

        assert str(refusal) == "Gold 916 has no rate today. Ask the owner to set it."

    def test_refuses_a_rate_in_the_money_the_shop_had_before(self, ring, clerk):
        clerk.shop.currency = "USD"

        refused(RateMissing, order("R-1"), clerk)

    def test_belongs_to_the_day_on_the_shops_wall(self, db):
        shop = make.shop(time_zone="Asia/Tokyo")
        evening = make.NOON.replace(hour=20)  # the next morning there
        with shop_scope(shop.pk):
            clerk = make.member(of=shop)
            make.rate(of=shop, at=evening)
            make.piece(by=clerk, tag="R-1")

            done = sell(order=order("R-1"), by=clerk, at=evening)

            assert done.sale.day == date(2026, 1, 16)
            assert Entry.objects.get(reference=done.sale.code).day == done.sale.day

    def test_refuses_an_empty_bill(self, clerk):
        refused(NothingToSell, order(), clerk)

    def test_refuses_a_piece_that_is_on_the_bill_twice(self, ring, clerk):
        refused(PieceTwice, order("R-1", "R-1"), clerk)

    @pytest.mark.parametrize("amount", ["0", "-5", "1057.985"])
    def test_refuses_an_amount_nobody_can_hand_over(self, ring, clerk, amount):
        refused(TenderImpossible, order("R-1", pay=amount), clerk)

    def test_refuses_more_than_the_change_could_be_written(self, ring, clerk):
        heap = (Payment("cash", Decimal("999999999999999.99")),) * 11

        refusal = refused(TenderImpossible, order("R-1", pay=None, payments=heap), clerk)

        assert str(refusal).startswith("10999999999999999.89 is more than a till takes.")

    @pytest.mark.parametrize(
        ("pay", "kind", "says"),
        [
            ("1000", "cash", "57.98 AED is left to pay of 1,057.98."),
            ("1100", "card", "The payments are 42.02 AED more than the bill of 1,057.98"),
        ],
    )
    def test_says_what_is_missing_or_too_much(self, ring, clerk, pay, kind, says):
        refusal = refused(TendersDoNotMatch, order("R-1", pay=pay, kind=kind), clerk)

        assert str(refusal).startswith(says)

    def test_takes_a_discount_off_the_making(self, ring, clerk):
        off = rules.DiscountTerms(
            percent=Decimal(50), on=rules.DiscountOn.MAKING, reason="old customer"
        )
        # 916.00 + 45.80, VAT 48.09
        done = sell(order=order(Wanted("R-1", (off,)), pay="1009.89"), by=clerk, at=make.NOON)

        line = done.sale.lines.get()
        assert (line.discount, line.total) == (Decimal("-45.80"), Decimal("1009.89"))
        assert line.snapshot["discounts"][0]["reason"] == "old customer"

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_refuses_a_discount_that_nobody_explains(self, ring, clerk, reason):
        off = rules.DiscountTerms(percent=Decimal(10), reason=reason)

        on_the_line = refused(DiscountUnexplained, order(Wanted("R-1", (off,))), clerk)
        on_the_bill = refused(DiscountUnexplained, order("R-1", discount=off), clerk)

        assert str(on_the_line).startswith("The discount on R-1 has no reason.")
        assert str(on_the_bill).startswith("The discount on the bill has no reason.")
        assert not Sale.objects.exists()


class TestRepeating:
    def test_answers_with_the_first_sale(self, ring, clerk):
        first = sell(order=order("R-1"), by=clerk, at=make.NOON)
        again = sell(order=order("R-1"), by=clerk, at=make.NOON)

        assert again.sale.pk == first.sale.pk
        assert [line.total for line in again.lines] == [TOTAL]
        assert Sale.objects.count() == 1

    def test_refuses_another_order_under_the_same_key(self, ring, clerk):
        make.piece(by=clerk, tag="R-2")
        sell(order=order("R-1"), by=clerk, at=make.NOON)

        refusal = refused(KeyUsed, order("R-2"), clerk)

        assert refusal.number == "1-000001"


class TestTheBookKeeper:
    def test_cannot_change_a_finished_sale(self, ring, clerk):
        done = sell(order=order("R-1"), by=clerk, at=make.NOON)

        with pytest.raises(Exception, match="permission denied"), shop_scope(clerk.shop_id):
            Sale.objects.filter(pk=done.sale.pk).update(total=1)
