"""Pieces of owners in our care: custody alone, then both legs in the sale, then what is paid."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.consignment.models import LineState, OwnerPayment
from apps.consignment.refusals import (
    BackAlready,
    KeyOfAnother,
    MarginNeedsPrice,
    MemoRanOut,
    MoreThanOwed,
    NothingPaid,
    NotOfOwner,
    NotOnMemo,
    TermsImpossible,
)
from apps.consignment.selectors.owners import statement_of
from apps.consignment.services.agreeing import Agreed
from apps.consignment.services.coming_back import give_back
from apps.consignment.services.lending import agree_on_day
from apps.consignment.services.owners import buy, pay_owner
from apps.consignment.services.taking_in import add, take_again
from apps.credit.tendered import Tendered, TenderNotHere
from apps.customers.models import Customer
from apps.inventory.models import Piece
from apps.inventory.services.losing import lose
from apps.inventory.services.parts import Part
from apps.inventory.services.retag import split
from apps.inventory.services.take_in import TagTaken
from apps.returns.services.void import void
from apps.sales.models import SaleLine
from apps.shops.approvals import NotAllowed
from apps.shops.models import Approval
from apps.shops.scope import shop_scope
from apps.till.kinds import TenderKind
from apps.till.models import Payment
from tests import make
from tests.consignment import memos
from tests.inventory.stock import kinds, where
from tests.returns.days import asked, books, demand_balance, sold

STATEMENT = {"currency": "AED"}


def back(memo, *tags, by, key="back-1"):
    return give_back(code=memo.code, tags=tags, key=key, by=by, at=make.NOON)


def paid(owner_of, amount, *, by, key="pay-1", kind=TenderKind.TRANSFER):
    return pay_owner(
        owner=owner_of.pk,
        tenders=[Tendered(kind=kind, amount=Decimal(amount))],
        reason="settled",
        key=key,
        by=by,
        at=make.NOON,
    )


class TestTakingIn:
    def test_is_custody_and_no_entry(self, khalid, owner):
        before = books()

        memo = memos.taken(memos.goods("M-1"), memos.goods("M-2"), of=khalid, by=owner)

        assert memo.code == "1-MI000001"
        assert books() == before
        piece = Piece.objects.get(tag="M-1")
        assert (piece.ownership, piece.owner, piece.cost) == ("memo_in", khalid, Decimal(700))
        assert piece.margin_purchase_price is None
        assert Approval.objects.get().amount == Decimal(1400)

    def test_more_pieces_come_on_the_same_paper(self, khalid, owner):
        memo = memos.taken(of=khalid, by=owner)

        add(code=memo.code, goods=[memos.goods("M-1")], by=owner, at=make.NOON)

        assert memo.lines.get().piece.tag == "M-1"
        with pytest.raises(TagTaken), transaction.atomic():
            add(code=memo.code, goods=[memos.goods("R-1")], by=owner, at=make.NOON)

    def test_is_not_for_every_role(self, shop, khalid, owner):
        memo = memos.taken(of=khalid, by=owner)
        clerk = make.member(of=shop, role="salesperson")

        with pytest.raises(NotAllowed), transaction.atomic():
            memos.taken(memos.goods(), of=khalid, by=clerk, key="in-2")
        with pytest.raises(NotAllowed):
            add(code=memo.code, goods=[memos.goods()], by=clerk, at=make.NOON)

    @pytest.mark.parametrize(
        ("terms", "value"), [("fixed", "0"), ("percent", "0"), ("percent", "100.5"), ("day", "5")]
    )
    def test_refuses_what_is_no_price(self, khalid, owner, terms, value):
        with pytest.raises(TermsImpossible):
            memos.taken(memos.goods("M-1", terms, value), of=khalid, by=owner)

    def test_sent_twice_begins_one(self, khalid, owner):
        first = memos.taken(memos.goods(), of=khalid, by=owner)

        assert memos.taken(memos.goods(), of=khalid, by=owner) == first

    def test_what_went_back_comes_again_under_its_tag(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1"), memos.goods("M-2"), of=khalid, by=owner)
        back(memo, "M-1", by=owner)
        other = memos.taken(of=memos.dealer("Other", by=owner), by=owner, key="in-2")
        wanted = [Agreed(tag="M-1", terms="fixed", value=Decimal(650))]
        with pytest.raises(NotOfOwner), transaction.atomic():
            take_again(code=other.code, agreed=wanted, place=None, by=owner, at=make.NOON)

        take_again(code=memo.code, agreed=wanted, place=None, by=owner, at=make.NOON)

        piece = Piece.objects.get(tag="M-1")
        assert (piece.state, piece.cost) == ("in_stock", Decimal(650))
        assert kinds(piece) == ["taken_in", "given_back", "taken_in"]


class TestGivingBack:
    def test_is_custody_and_no_entry(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1"), memos.goods("M-2"), of=khalid, by=owner)
        before = books()

        paper = back(memo, "m-1", by=owner)

        assert paper.code == "1-MR000001"
        assert where("M-1")[0] == "sent_back"
        assert books() == before
        with pytest.raises(BackAlready), transaction.atomic():
            back(memo, "M-1", by=owner, key="back-2")
        with pytest.raises(NotOnMemo), transaction.atomic():
            back(memo, "R-1", by=owner, key="back-2")

    def test_a_piece_on_the_bill_that_went_back_is_not_sold(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1"), of=khalid, by=owner)
        back(memo, "M-1", by=owner)

        with pytest.raises(Exception, match="M-1 is given back to its owner"):
            sold("M-1", by=owner)


class TestSelling:
    def test_posts_both_legs_with_the_sale(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1"), of=khalid, by=owner)
        before = memos.books("stock"), memos.books("stock", "gold")

        bill = sold("M-1", by=owner)

        # In by the purchase and out by the sale, in money and in grams.
        assert (memos.books("stock"), memos.books("stock", "gold")) == before
        assert memos.books("payable", party=khalid) == Decimal(-700)
        assert memos.books("cost-of-sales") == Decimal(700)
        assert memos.books("cost-of-sales", "gold") == Decimal("9.160")
        assert memos.books("opening", "gold") == -4 * Decimal("9.160")
        demand_balance()
        assert SaleLine.objects.get().cost == Decimal(700)
        line = memo.lines.get()
        assert (line.state, line.owed, line.reference) == (
            LineState.SOLD, Decimal(700), bill.code,
        )  # fmt: skip
        piece = Piece.objects.get(tag="M-1")
        assert (piece.ownership, piece.owner, piece.state) == ("owned", None, "sold")
        assert kinds(piece) == ["taken_in", "bought", "sold"]

    def test_a_percent_is_of_the_price_without_tax(self, khalid, owner):
        memos.taken(memos.goods("M-1", "percent", "70"), of=khalid, by=owner)

        sold("M-1", by=owner)

        # 70 % of 1,007.60
        assert memos.books("payable", party=khalid) == Decimal("-705.32")
        assert SaleLine.objects.get().cost == Decimal("705.32")
        demand_balance()

    def test_ours_and_theirs_in_one_bill(self, khalid, owner):
        memos.taken(memos.goods("M-1"), of=khalid, by=owner)

        sold("R-1", "M-1", by=owner)

        assert memos.books("stock") == Decimal(1000)
        assert memos.books("cost-of-sales") == Decimal(1200)
        demand_balance()

    def test_a_bill_of_ours_asks_nothing_more(self, khalid, owner):
        make.shift(by=owner)

        with CaptureQueriesContext(connection) as caught:
            sold("R-1", by=owner)

        assert not [each for each in caught if "consignment" in each["sql"]]

    def test_after_its_day_a_new_day_is_agreed_first(self, shop, khalid, owner):
        memo = memos.taken(memos.goods("M-1"), of=khalid, by=owner)
        make.rate(of=shop, at=memos.LATE)
        said = "M-1 was to go back to Khalid Gems by 29 January"
        with pytest.raises(MemoRanOut, match=said), transaction.atomic():
            sold("M-1", by=owner, at=memos.LATE)

        agree_on_day(
            code=memo.code, due=(memos.LATE + timedelta(days=3)).date(), by=owner, at=memos.LATE
        )

        sold("M-1", by=owner, at=memos.LATE)

    def test_a_void_of_the_day_gives_it_back_to_its_owner(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1", "percent", "70"), of=khalid, by=owner)
        before = books()
        bill = sold("M-1", by=owner)

        void(asked=asked(bill), by=owner, at=make.NOON)

        assert books() == before
        piece = Piece.objects.get(tag="M-1")
        assert (piece.ownership, piece.owner, piece.state, piece.cost) == (
            "memo_in", khalid, "in_stock", Decimal(0),
        )  # fmt: skip
        line = memo.lines.get()
        assert (line.state, line.owed, line.reference) == (LineState.OPEN, None, "")
        sold("M-1", by=owner, key="sale-2")
        assert memos.books("payable", party=khalid) == Decimal("-705.32")

    def test_parts_of_a_split_piece_are_owed_for_together(self, khalid, owner):
        memos.taken(memos.goods("M-1"), of=khalid, by=owner)
        half = Part(net_g=(Decimal(5),), gross_g=Decimal(5))
        split(tag="M-1", parts=[half, half], by=owner, at=make.NOON, key="split-1")

        sold("M-1-1", by=owner)
        sold("M-1-2", by=owner, key="sale-2")

        assert memos.books("payable", party=khalid) == Decimal(-700)
        demand_balance()

    def test_the_price_of_a_private_person_is_that_of_the_margin_scheme(self, db):
        shop = make.shop(currency="GBP", tax_pack="GB")
        with shop_scope(shop.pk):
            boss = make.member(of=shop)
            make.rate(of=shop)
            private = memos.party(by=boss)
            trade = memos.dealer(by=boss)
            memos.taken(memos.goods("M-1"), of=private, by=boss)
            memos.taken(memos.goods("M-2"), of=trade, by=boss, key="in-2")

            assert Piece.objects.get(tag="M-1").margin_purchase_price == Decimal(700)
            assert Piece.objects.get(tag="M-2").margin_purchase_price is None
            with pytest.raises(MarginNeedsPrice), transaction.atomic():
                memos.taken(memos.goods("M-3", "percent", "70"), of=private, by=boss, key="in-3")
            sold("M-1", by=boss, given=Decimal(2000))
            assert SaleLine.objects.get().snapshot["purchase_price"] == "700.0000"
            demand_balance()


class TestPaying:
    @pytest.fixture
    def bill(self, khalid, owner):
        memos.taken(memos.goods("M-1"), memos.goods("M-2"), of=khalid, by=owner)
        return sold("M-1", by=owner)

    def test_lowers_what_is_owed_under_a_number(self, bill, khalid, owner):
        payment = paid(khalid, "300", by=owner)

        assert (payment.code, payment.left) == ("1-MP000001", Decimal(400))
        assert memos.books("payable", party=khalid) == Decimal(-400)
        assert memos.books("bank") == Decimal(-300)
        row = Payment.objects.get(what="owner-payment")
        assert (row.direction, row.amount, row.reference) == ("out", Decimal(300), payment.code)
        demand_balance()
        found = statement_of(khalid.pk, **STATEMENT)
        assert (found.sold_sum, found.paid_sum, found.owed) == (700, 300, 400)
        assert ([line.piece.tag for line in found.here], len(found.sold)) == (["M-2"], 1)

    def test_sent_twice_pays_once(self, bill, khalid, owner):
        first = paid(khalid, "300", by=owner)

        assert paid(khalid, "300", by=owner) == first
        with pytest.raises(KeyOfAnother):
            paid(khalid, "200", by=owner)
        assert OwnerPayment.objects.count() == 1

    def test_pays_no_more_than_is_owed(self, bill, khalid, owner):
        with pytest.raises(MoreThanOwed, match="700"):
            paid(khalid, "700.01", by=owner)
        with pytest.raises(NothingPaid):
            pay_owner(owner=khalid.pk, tenders=[], reason="x", key="k", by=owner, at=make.NOON)
        with pytest.raises(TenderNotHere):
            paid(khalid, "5", by=owner, kind=TenderKind.CARD)

    def test_is_not_for_every_role(self, shop, bill, khalid):
        with pytest.raises(NotAllowed):
            paid(khalid, "5", by=make.member(of=shop, role="salesperson"))

    def test_who_was_merged_keeps_the_account(self, bill, khalid, owner):
        real = memos.dealer("Khalid Gems LLC", by=owner)
        Customer.objects.filter(pk=khalid.pk).update(merged_into=real, merged_at=make.NOON)

        assert statement_of(real.pk, **STATEMENT).owed == Decimal(700)
        assert statement_of(khalid.pk, **STATEMENT).owner == real
        paid(khalid, "700", by=owner)
        assert statement_of(real.pk, **STATEMENT).owed == 0
        sold("M-2", by=owner, key="sale-2")
        assert memos.books("payable", party=real) == Decimal(0)
        assert statement_of(real.pk, **STATEMENT).owed == Decimal(700)


class TestBuying:
    def test_makes_a_piece_ours(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1", "percent", "70"), of=khalid, by=owner)

        buy(code=memo.code, tag="m-1", price=Decimal(650), reason="nice", by=owner, at=make.NOON)

        piece = Piece.objects.get(tag="M-1")
        assert (piece.ownership, piece.cost, piece.state) == ("owned", Decimal(650), "in_stock")
        assert memos.books("stock") == Decimal(2150)
        assert memos.books("payable", party=khalid) == Decimal(-650)
        demand_balance()
        with pytest.raises(NotOnMemo):
            buy(code=memo.code, tag="M-1", price=Decimal(1), reason="x", by=owner, at=make.NOON)

    def test_one_that_was_lost_is_a_loss(self, khalid, owner):
        memo = memos.taken(memos.goods("M-1"), of=khalid, by=owner)
        lose(tags=["M-1"], reason="gone", by=owner, at=make.NOON, key="lose-1")
        assert statement_of(khalid.pk, **STATEMENT).gone

        buy(code=memo.code, tag="M-1", price=Decimal(700), reason="ours", by=owner, at=make.NOON)

        assert memos.books("shrinkage") == Decimal(700)
        assert memos.books("stock") == Decimal(1500)
        demand_balance()
