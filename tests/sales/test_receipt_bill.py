"""What is printed of a sale: its frozen numbers, in words that add up."""

from decimal import Decimal

import pytest

from apps.inventory.models import Piece
from apps.pricing import rules
from apps.sales.pricing import Wanted
from apps.sales.receipts.read import BillNotFound, bill_of, sale_by_code
from apps.shops.models import Shop
from apps.shops.scope import shop_scope
from tests import make
from tests.sales import bills

PLACES = {
    "AED": {"currency": "AED", "tax_pack": "AE", "rate": "100"},
    "GBP": {"currency": "GBP", "tax_pack": "GB", "rate": "61.37"},
    "INR": {"currency": "INR", "tax_pack": "IN", "rate": "11873.40"},
    "IRT": {"currency": "IRT", "tax_pack": "IR", "rate": "15226666"},
    "KWD": {"currency": "KWD", "tax_pack": "KW", "rate": "38.125"},
}


@pytest.fixture
def in_place(db):
    """Sell two pieces in a place and give the bill."""

    def sell_in(place, **order):
        shop, clerk = bills.shop_in(
            **PLACES[place],
            pieces=(
                {"tag": "R-1", "stones": (bills.DIAMOND,), "gross_weight_g": Decimal("10.5")},
                {"tag": "R-2", "metals": (make.gold(fineness="750", net_weight_g="3.333"),)},
            ),
        )
        with shop_scope(shop.pk):
            sale = bills.sold("R-1", "R-2", by=clerk, given="999999999", **order)
            return bill_of(sale_by_code(sale.code))

    return sell_in


class TestBill:
    @pytest.mark.parametrize("place", PLACES)
    def test_printed_amounts_add_up(self, in_place, place):
        bill = in_place(place, discount=rules.DiscountTerms(percent=Decimal(3), reason="Eid"))

        for line in bill.lines:
            columns = (line.metal, line.making, line.stones_amount, line.other, line.discount)
            assert sum(columns) + line.tax == line.total
            assert sum(part.amount for part in line.parts) == line.total
        on_top = sum(tax.amount for tax in bill.taxes_on_top)
        assert bill.gross + bill.discount == bill.before_tax
        assert bill.before_tax + on_top + bill.round_off == bill.total
        assert sum(line.total for line in bill.lines) + bill.round_off == bill.total
        paid = sum(payment.given for payment in bill.payments) - bill.change
        assert paid == bill.total + bill.cash_rounding

    def test_india_shows_the_tax_by_its_parts(self, in_place):
        bill = in_place("INR")

        central, of_state = bill.taxes_on_top
        assert (central.label, of_state.label) == ("CGST", "SGST")
        assert central.percent == of_state.percent == Decimal("1.5")
        assert abs(central.amount - of_state.amount) <= Decimal("0.01")
        assert bill.total % 1 == 0
        assert bill.round_off != 0

    def test_tax_inside_the_price_is_told_once_and_added_nowhere(self, in_place):
        bill = in_place("GBP")

        assert not bill.taxes_on_top
        (vat,) = bill.taxes_within
        assert (vat.label, vat.percent) == ("VAT", Decimal(20))
        # A sixth of each line, rounded on the line.
        assert abs(vat.amount - bill.total / 6) <= Decimal("0.01")
        assert "VAT" not in {part.label for line in bill.lines for part in line.parts}
        assert not bill.is_margin_scheme

    def test_tax_of_a_margin_scheme_is_not_seen(self, db, monkeypatch):
        shop, clerk = bills.shop_in(**PLACES["GBP"], tax_number="GB 123")
        bills.second_hand(monkeypatch, purchase_price=Decimal(100))
        with shop_scope(shop.pk):
            sale = bills.sold("R-1", by=clerk)
            bill = bills.bill()

        assert Decimal(sale.terms["unshown_tax"]) > 0, "there is a tax to hide"
        assert bill.is_margin_scheme
        assert not bill.taxes_on_top
        assert not bill.taxes_within
        assert not bill.is_tax_invoice
        told = " ".join(f"{p.label} {p.basis}" for line in bill.lines for p in line.parts)
        assert "VAT" not in told

    def test_is_a_tax_invoice_only_with_a_tax_number(self, in_place):
        assert not in_place("AED").is_tax_invoice

    def test_is_the_same_when_the_world_has_moved_on(self, shop, clerk):
        make.rate(of=shop)
        make.piece(by=clerk)
        bills.sold("R-1", by=clerk, customer_name="Nadia")
        before = bills.bill()

        Shop.objects.filter(pk=shop.pk).update(
            name="Sold on", address="Elsewhere", tax_pack="GB", receipt_terms="None"
        )
        Piece.objects.update(name="Brooch", gross_weight_g=Decimal(11))
        make.rate(of=shop, amount="250")

        assert bills.bill() == before
        assert before.head.name == "Noor"
        assert before.head.seller == str(clerk.user)

    def test_names_each_rate_once_as_it_was_quoted(self, in_place):
        (rate,) = in_place("AED").rates

        assert (rate.metal, rate.mark, rate.unit) == ("gold", "1000", "g")
        assert rate.amount == 100

    def test_asks_the_database_the_same_for_every_length(
        self, shop, clerk, django_assert_num_queries
    ):
        make.rate(of=shop)
        for number in range(12):
            make.piece(by=clerk, tag=f"R-{number}")
        bills.sold("R-0", by=clerk)
        bills.sold(*(f"R-{number}" for number in range(1, 12)), by=clerk, key="key-0002")

        for code, lines in (("1-000001", 1), ("1-000002", 11)):
            with django_assert_num_queries(3):
                assert len(bills.bill(code).lines) == lines

    @pytest.mark.parametrize("code", ["1-000009", "", "x" * 500, "1\0", "۱-۰۰۰۰۰۱"])
    def test_refuses_a_number_that_no_bill_has(self, scope, code):
        with pytest.raises(BillNotFound):
            sale_by_code(code)


class TestColumns:
    def test_only_what_some_line_has(self, shop, clerk):
        make.rate(of=shop)
        make.piece(by=clerk)
        bills.sold("R-1", by=clerk)
        columns = bills.bill().columns

        assert (columns.metal, columns.making, columns.tax, columns.fit) == (True,) * 4
        assert (columns.stones, columns.other, columns.discount) == (False,) * 3
        assert columns.beside_tag == 7

    def test_amounts_of_ten_digits_do_not_fit_beside_each_other(self, db):
        shop, clerk = bills.shop_in(
            currency="IRR",
            tax_pack="IR",
            rate="152266660",
            pieces=({"stones": (bills.DIAMOND,), "gross_weight_g": Decimal("10.5")},),
        )
        with shop_scope(shop.pk):
            bills.sold("R-1", by=clerk, given="9999999990")
            assert not bills.bill().columns.fit

    def test_a_discount_on_a_line_has_its_column(self, shop, clerk):
        make.rate(of=shop)
        make.piece(by=clerk)
        off = rules.DiscountTerms(percent=Decimal(10), on=rules.DiscountOn.MAKING, reason="Eid")
        bills.sold(Wanted("R-1", (off,)), by=clerk)
        bill = bills.bill()

        assert bill.columns.discount
        assert bill.discount == Decimal("-9.16")
        assert "Discount on making" in {part.label for part in bill.lines[0].parts}
