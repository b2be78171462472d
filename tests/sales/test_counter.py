"""The open sale of a till: what goes on it, what comes off it, how it is paid and finished once."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import Piece
from apps.inventory.selectors import PieceNotFound
from apps.inventory.services.sell import PieceNotForSale
from apps.pricing import rules
from apps.pricing.selectors import RateMissing
from apps.sales.counter import at_the_counter
from apps.sales.models import OpenSale, Sale, TenderKind
from apps.sales.orders import NothingToSell, Order, TenderImpossible, TendersDoNotMatch
from apps.sales.pricing import PriceImpossible, Wanted
from apps.sales.refusals import (
    AlreadyOnBill,
    DiscountTooLarge,
    LineGone,
    NoChangeFromCard,
    NothingToDiscount,
    NothingToPay,
    PiecesChanged,
    PieceWasSold,
    SaleNotOpen,
    TagUnreadable,
    TenderGone,
    TotalChanged,
)
from apps.sales.rules import Payment
from apps.sales.selectors import outcome_of
from apps.sales.services.counter import put_back, put_on, take_off
from apps.sales.services.customer import Customer, name_customer
from apps.sales.services.finish import Seen, finish
from apps.sales.services.line_price import discount_line, drop_discount
from apps.sales.services.rates import take_rates
from apps.sales.services.sell import sell
from apps.sales.services.share_discount import discount_bill
from apps.sales.services.tenders import give_back, take
from apps.shops.models import Branch, Register
from tests import make

# 10 g of 916 at 100 a fine gram: metal 916.00, making 10 % 91.60, VAT 5 % 50.38.
TOTAL = Decimal("1057.98")
LATER = make.NOON + timedelta(minutes=5)


@pytest.fixture
def till(clerk):
    return Register.objects.get()


@pytest.fixture
def ring(shop, clerk):
    make.rate(of=shop)
    return make.piece(by=clerk, tag="R-1")


@pytest.fixture
def desk(till, clerk):
    """The counter's verbs, with till, clerk and clock filled in."""
    return Desk(till, clerk)


class Desk:
    def __init__(self, till, clerk):
        self.till, self.clerk = till, clerk
        self.boss = make.member(of=clerk.shop)  # gives discounts on their own

    @property
    def now(self):
        return at_the_counter(shop=self.clerk.shop, register=self.till, at=make.NOON)

    def put_on(self, tag, **more):
        more = {"register": self.till, "by": self.clerk, "at": make.NOON, **more}
        return put_on(tag=tag, **more)

    def take(self, amount, kind=TenderKind.CASH, **more):
        return take(
            kind=kind,
            amount=Decimal(amount),
            register=self.till,
            by=self.clerk,
            at=make.NOON,
            **more,
        )

    def discount(self, line, **terms):
        return discount_line(
            line=line.pk,
            terms=rules.DiscountTerms(reason="old customer", **terms),
            register=self.till,
            by=self.boss,
            at=make.NOON,
        )

    def discount_all(self, **terms):
        return discount_bill(
            terms=rules.DiscountTerms(reason="sale", **terms),
            register=self.till,
            by=self.boss,
            at=make.NOON,
        )

    def finish(self, *, at=make.NOON, **but):
        now = self.now
        seen = Seen(pieces=but.pop("pieces", now.pieces_seen), total=but.pop("total", now.total))
        key = but.pop("key", None) or now.open_sale.key
        return finish(key=key, shown=seen, register=self.till, by=self.clerk, at=at)


class TestPuttingOn:
    def test_prices_the_piece_at_the_board(self, ring, desk):
        desk.put_on("R-1")

        line = desk.now.lines[0]
        assert (line.tag, line.total) == ("R-1", TOTAL)
        assert [(part.label, part.amount) for part in line.components] == [
            ("Gold 22K", Decimal("916.00")),
            ("Making", Decimal("91.60")),
            ("VAT", Decimal("50.38")),
        ]
        assert desk.now.taxes == [("VAT", Decimal(5), Decimal("50.38"))]
        assert desk.now.standing.left == TOTAL

    def test_shows_the_newest_piece_first(self, ring, desk, clerk):
        make.piece(by=clerk, tag="R-2")
        desk.put_on("R-1")
        desk.put_on("R-2", at=LATER)

        assert [line.tag for line in desk.now.lines] == ["R-2", "R-1"]

    @pytest.mark.parametrize("typed", [" r-1 ", "R-۱", "r-١"])
    def test_reads_small_letters_and_digits_of_any_alphabet(self, ring, desk, typed):
        desk.put_on(typed)

        assert desk.now.lines[0].tag == "R-1"

    def test_leaves_commas_of_a_tag_alone(self, shop, clerk, desk):
        make.rate(of=shop)
        make.piece(by=clerk, tag="R-1,234")

        desk.put_on("R-1,234")

        assert desk.now.lines[0].tag == "R-1,234"

    def test_refuses_what_is_no_tag_of_the_shop(self, ring, desk):
        with pytest.raises(PieceNotFound, match="R1O482 is no tag of this shop"):
            desk.put_on("R1O482")
        with pytest.raises(PieceNotFound):
            desk.put_on("💍")

        assert not OpenSale.objects.exists()

    @pytest.mark.parametrize("tag", ["R" * 31, "R\x001", "R\n1", "x" * 5000])
    def test_refuses_what_no_tag_can_be(self, ring, desk, tag):
        with pytest.raises(TagUnreadable) as refusal:
            desk.put_on(tag)

        assert len(str(refusal.value)) < 130
        assert "\x00" not in str(refusal.value)

    def test_refuses_a_piece_that_is_there_already(self, ring, desk):
        desk.put_on("R-1")

        with pytest.raises(AlreadyOnBill, match=r"R-1 is already in this sale\."):
            desk.put_on("R-1")

    def test_answers_the_same_request_again_with_its_line(self, ring, desk):
        first = desk.put_on("R-1", after=0)

        assert desk.put_on("R-1", after=0) == first
        with pytest.raises(AlreadyOnBill):
            desk.put_on("R-1", after=first.pk)

    def test_says_where_and_when_a_piece_was_sold(self, ring, desk):
        desk.put_on("R-1")
        desk.take(TOTAL)
        desk.finish()

        with pytest.raises(PieceWasSold) as refusal:
            desk.put_on("R-1")

        assert str(refusal.value).endswith("on Till 1, bill 1-000001.")

    def test_refuses_a_reserved_piece(self, ring, desk):
        Piece.objects.update(state="reserved")

        with pytest.raises(PieceNotForSale, match="R-1 is reserved"):
            desk.put_on("R-1")

    def test_refuses_a_piece_that_has_no_rate_today(self, shop, clerk, desk):
        make.rate(of=shop, at=make.NOON - timedelta(days=1))
        make.piece(by=clerk, tag="R-1")

        with pytest.raises(RateMissing, match=r"Gold 916 has no rate today"):
            desk.put_on("R-1")

    def test_brings_a_removed_piece_back_as_the_newest(self, ring, desk, clerk):
        make.piece(by=clerk, tag="R-2")
        first = desk.put_on("R-1")
        desk.put_on("R-2", at=LATER)
        take_off(line=first.pk, register=desk.till)

        desk.put_on("R-1", at=LATER + timedelta(minutes=1))

        assert [(line.tag, line.removed) for line in desk.now.lines] == [
            ("R-1", False),
            ("R-2", False),
        ]


class TestTakingOff:
    def test_leaves_the_row_and_takes_the_price_away(self, ring, desk):
        line = desk.put_on("R-1")

        take_off(line=line.pk, register=desk.till)

        assert [line.removed for line in desk.now.lines] == [True]
        assert desk.now.standing.left == 0

    def test_comes_back_with_its_discount(self, ring, desk, clerk):
        line = desk.put_on("R-1")
        desk.discount(line, percent=Decimal(50), on=rules.DiscountOn.MAKING)
        take_off(line=line.pk, register=desk.till)

        put_back(line=line.pk, register=desk.till, by=clerk, at=make.NOON)

        assert desk.now.total == Decimal("1009.89")

    def test_does_not_bring_back_a_piece_that_went_meanwhile(self, ring, desk, clerk):
        line = desk.put_on("R-1")
        take_off(line=line.pk, register=desk.till)
        Piece.objects.update(state="reserved")

        with pytest.raises(PieceNotForSale):
            put_back(line=line.pk, register=desk.till, by=clerk, at=make.NOON)

    def test_refuses_a_line_of_another_till(self, ring, desk, till):
        line = desk.put_on("R-1")
        other = Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")

        with pytest.raises(LineGone):
            take_off(line=line.pk, register=other)


class TestDiscounts:
    def test_reduces_one_part_of_a_line(self, ring, desk):
        desk.discount(desk.put_on("R-1"), percent=Decimal(50), on=rules.DiscountOn.MAKING)

        assert desk.now.total == Decimal("1009.89")
        assert desk.now.quote.discount == Decimal("-45.80")

    def test_asks_the_full_price_again(self, ring, desk):
        line = desk.discount(desk.put_on("R-1"), amount=Decimal(100))

        drop_discount(line=line.pk, register=desk.till)

        assert desk.now.total == TOTAL

    def test_refuses_more_than_there_is(self, ring, desk):
        line = desk.put_on("R-1")

        with pytest.raises(PriceImpossible):
            desk.discount(line, amount=Decimal(5000))

        line.refresh_from_db()
        assert line.discount_on == ""

    def test_refuses_a_part_that_the_piece_does_not_have(self, ring, desk):
        line = desk.put_on("R-1")

        with pytest.raises(PriceImpossible):
            desk.discount(line, percent=Decimal(10), on=rules.DiscountOn.STONES)

    def test_shares_an_amount_out_over_the_pieces(self, shop, clerk, desk):
        make.rate(of=shop)
        make.piece(by=clerk, tag="R-1")
        make.piece(by=clerk, tag="R-2", metals=(make.gold(net_weight_g="5"),))
        desk.put_on("R-1")
        desk.put_on("R-2", at=LATER)

        desk.discount_all(amount=Decimal(100))

        assert desk.now.quote.discount == Decimal("-100.00")
        assert [part.discount for part in desk.now.quote.lines] == [
            Decimal("-33.33"),
            Decimal("-66.67"),
        ]

    def test_gives_a_percent_to_each_piece_that_has_the_part(self, ring, clerk, desk):
        make.piece(by=clerk, tag="W-1", fixed_price=Decimal(200), metals=())
        desk.put_on("R-1")
        desk.put_on("W-1", at=LATER)

        desk.discount_all(percent=Decimal(50), on=rules.DiscountOn.MAKING)

        assert [line.has_discount for line in desk.now.lines] == [False, True]

    def test_refuses_to_reduce_nothing(self, ring, desk):
        with pytest.raises(NothingToDiscount):
            desk.discount_all(percent=Decimal(5))
        desk.put_on("R-1")
        with pytest.raises(NothingToDiscount):
            desk.discount_all(percent=Decimal(5), on=rules.DiscountOn.STONES)
        with pytest.raises(DiscountTooLarge, match=r"2,000\.00 is more than the 1,007\.60"):
            desk.discount_all(amount=Decimal(2000))


class TestPaying:
    def test_counts_down_to_change(self, ring, desk):
        desk.put_on("R-1")
        desk.take("500", TenderKind.CARD)
        assert desk.now.standing.left == Decimal("557.98")

        desk.take("600")

        assert (desk.now.standing.left, desk.now.standing.change) == (0, Decimal("42.02"))
        assert desk.now.ready

    def test_takes_the_same_request_once(self, ring, desk):
        desk.put_on("R-1")
        first = desk.take("500", after=0)

        assert desk.take("500", after=0) == first
        assert desk.take("500", after=first.pk) != first

    def test_refuses_change_from_a_card(self, ring, desk):
        desk.put_on("R-1")

        with pytest.raises(
            NoChangeFromCard, match=r"1,100\.00 is more than the 1,057\.98 AED left"
        ):
            desk.take("1100", TenderKind.CARD)

    @pytest.mark.parametrize("amount", ["0", "-5", "10.005"])
    def test_refuses_what_nobody_can_hand_over(self, ring, desk, amount):
        desk.put_on("R-1")

        with pytest.raises(TenderImpossible):
            desk.take(amount)

    def test_refuses_when_nothing_is_left(self, ring, desk):
        with pytest.raises(NothingToPay):
            desk.take("5")
        desk.put_on("R-1")
        desk.take(TOTAL)
        with pytest.raises(NothingToPay):
            desk.take("5")

    def test_gives_a_payment_back(self, ring, desk):
        desk.put_on("R-1")
        taken = desk.take(TOTAL)

        give_back(tender=taken.pk, register=desk.till)

        assert desk.now.standing.left == TOTAL
        with pytest.raises(TenderGone):
            give_back(tender=taken.pk, register=desk.till)

    def test_says_when_too_much_was_paid_by_card(self, ring, desk):
        line = desk.put_on("R-1")
        desk.take(TOTAL, TenderKind.CARD)
        desk.discount(line, amount=Decimal(100))

        assert desk.now.standing.over == Decimal(105)
        assert not desk.now.ready


class TestFinishing:
    def test_sells_and_clears_the_counter(self, ring, desk, clerk):
        name_customer(
            customer=Customer(name="Nadia Rahman", email="nadia@example.com"),
            register=desk.till,
            by=clerk,
            at=make.NOON,
        )
        desk.put_on("R-1")
        desk.take("1100")

        done = desk.finish()

        assert (done.sale.total, done.sale.change) == (TOTAL, Decimal("42.02"))
        assert done.sale.customer_name == "Nadia Rahman"
        assert [line.tag for line in done.lines] == ["R-1"]
        assert desk.now.open_sale is None
        assert desk.now.lines == ()

    def test_is_not_held_up_by_a_program_that_sold_under_its_key(self, ring, desk, clerk):
        make.piece(by=clerk, tag="R-2")
        desk.put_on("R-1")
        desk.take(TOTAL)
        theirs = Order(
            lines=(Wanted("R-2"),),
            payments=(Payment("cash", TOTAL),),
            key=str(desk.now.open_sale.key),
        )
        sell(order=theirs, by=clerk, at=make.NOON)

        assert desk.finish().sale.lines.get().tag == "R-1"

    def test_answers_a_second_press_with_the_first_sale(self, ring, desk):
        desk.put_on("R-1")
        desk.take(TOTAL)
        key = desk.now.open_sale.key
        first = desk.finish()

        again = desk.finish(key=key)

        assert again.sale.pk == first.sale.pk
        assert Sale.objects.count() == 1

    def test_refuses_a_price_that_the_clerk_did_not_see(self, ring, desk, shop):
        desk.put_on("R-1")
        desk.take(TOTAL)
        seen = desk.now.total
        make.rate(of=shop, amount="110", at=LATER)
        take_rates(register=desk.till, at=LATER)  # on another screen

        with pytest.raises(TotalChanged) as refusal:
            desk.finish(total=seen, at=LATER)

        assert str(refusal.value).startswith("The total was 1,057.98 and is now 1,163.78 AED.")
        assert Piece.objects.get().state == "in_stock"
        assert not Sale.objects.exists()
        assert len(desk.now.tenders) == 1

    def test_refuses_a_lower_price_that_the_clerk_did_not_see(self, ring, desk, shop):
        desk.put_on("R-1")
        desk.take(TOTAL)  # cash: the lower total would give change
        make.rate(of=shop, amount="90", at=LATER)
        seen = desk.now.total
        take_rates(register=desk.till, at=LATER)

        with pytest.raises(TotalChanged):
            desk.finish(total=seen, at=LATER)

        assert not Sale.objects.exists()

    def test_refuses_pieces_that_another_screen_changed(self, ring, desk, clerk):
        desk.put_on("R-1")
        desk.take(TOTAL)
        seen = desk.now.pieces_seen
        make.piece(by=clerk, tag="R-2")  # the same price: only the piece differs
        take_off(line=desk.now.lines[0].pk, register=desk.till)
        desk.put_on("R-2")

        with pytest.raises(PiecesChanged):
            desk.finish(pieces=seen)

    def test_refuses_while_something_is_left_to_pay(self, ring, desk):
        desk.put_on("R-1")
        desk.take("1000")

        with pytest.raises(TendersDoNotMatch, match=r"57\.98 AED is left to pay"):
            desk.finish()

        assert len(desk.now.tenders) == 1

    def test_refuses_an_empty_counter(self, ring, desk):
        line = desk.put_on("R-1")
        take_off(line=line.pk, register=desk.till)

        with pytest.raises(NothingToSell):
            desk.finish()

    def test_refuses_a_key_that_is_neither_open_nor_finished(self, ring, desk):
        desk.put_on("R-1")

        with pytest.raises(SaleNotOpen):
            desk.finish(key=uuid4())

    def test_names_the_piece_that_another_till_sold(self, ring, desk, clerk):
        other = Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
        second = Desk(other, clerk)
        for one in (desk, second):
            one.put_on("R-1")
            one.take(TOTAL)
        desk.finish()

        shown = second.now
        line = shown.lines[0]
        assert line.trouble.startswith("R-1 was sold")
        assert line.total is None
        assert not shown.ready
        with pytest.raises(PieceNotForSale, match="R-1"):
            second.finish(total=TOTAL)

        take_off(line=line.pk, register=other)
        assert not second.now.unsold

    def test_a_sale_that_the_night_left_without_a_rate_is_shown_and_not_sold(self, ring, desk):
        desk.put_on("R-1")

        tomorrow = at_the_counter(
            shop=desk.clerk.shop, register=desk.till, at=make.NOON + timedelta(days=1)
        )

        assert tomorrow.lines[0].trouble == "Gold 916 has no rate today. Ask the owner to set it."
        assert not tomorrow.ready


class TestOutcome:
    def test_knows_a_finished_sale_and_one_that_was_never_recorded(self, ring, desk):
        desk.put_on("R-1")
        desk.take(TOTAL)
        key = desk.now.open_sale.key
        assert outcome_of(key=key, register=desk.till).sale is None

        done = desk.finish()

        assert outcome_of(key=key, register=desk.till).sale == done.sale
        assert outcome_of(key=uuid4(), register=desk.till).sale is None


def test_asks_the_database_as_often_for_many_lines_as_for_one(shop, clerk, desk):
    make.rate(of=shop)
    for number in range(6):
        make.piece(by=clerk, tag=f"R-{number}")
    desk.put_on("R-0")
    with CaptureQueriesContext(connection) as for_one:
        assert len(desk.now.lines) == 1
    for number in range(1, 6):
        desk.put_on(f"R-{number}")

    with CaptureQueriesContext(connection) as for_six:
        assert len(desk.now.lines) == 6

    assert len(for_six) == len(for_one) <= 7
