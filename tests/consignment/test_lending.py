"""Lending out: the paper, the stock, the books, coming back, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from apps.consignment.models import LineState, Memo, MemoDay, MemoLine, MemoReturn
from apps.consignment.refusals import (
    BackAlready,
    DayImpossible,
    EndedOtherwise,
    KeyOfAnother,
    MemoNotFound,
    NothingOnMemo,
    NotOnMemo,
    NotOurs,
    OtherDirection,
    TagTwice,
    TermsImpossible,
)
from apps.consignment.selectors.memos import memos as memos_listed
from apps.consignment.selectors.memos import overdue, sums_of
from apps.consignment.services.coming_back import come_back, give_back
from apps.consignment.services.lending import agree_on_day
from apps.inventory.models import Piece
from apps.inventory.selectors import PieceNotFound
from apps.inventory.services.losing import find, lose
from apps.inventory.services.moving import PlaceClosed
from apps.inventory.services.places import close_place
from apps.inventory.services.sell import PieceNotForSale
from apps.inventory.services.steps import PieceElsewhere
from apps.returns.services.void import void
from apps.sales.held_refusals import PieceHeld
from apps.sales.refusals import PieceOnCounter
from apps.shops.approvals import NotAllowed, ReasonMissing
from apps.shops.models import Approval, Register
from apps.shops.scope import shop_scope
from tests import make
from tests.consignment import memos
from tests.inventory.stock import kinds, place, where
from tests.returns.days import asked, sold
from tests.sales.desks import Desk


def returned(memo, *tags, by, key="back-1", at=make.NOON, to=None):
    return come_back(code=memo.code, tags=tags, place=to, key=key, by=by, at=at)


class TestLending:
    def test_writes_a_paper_and_lets_the_pieces_go_out(self, nadia, owner):
        before = memos.books("stock")

        memo = memos.lent(
            "R-1", memos.agreed("R-2", "total", "950"), to=nadia, by=owner, note=" two  rings "
        )

        assert (memo.code, memo.party, memo.due, memo.note) == (
            "1-MO000001", nadia, memos.DUE, "two rings",
        )  # fmt: skip
        first, second = memo.lines.order_by("pk")
        assert (first.terms, first.value, first.price_then) == ("day", None, make.RING_TOTAL)
        assert (second.terms, second.value) == ("total", Decimal(950))
        assert where("R-1") == ("on_memo", None)
        assert kinds(first.piece) == ["taken_in", "lent"]
        # Still ours: nothing is posted.
        assert memos.books("stock") == before == Decimal(1500)
        approval = Approval.objects.get()
        assert (approval.reference, approval.amount) == (memo.code, Decimal(1000))

    def test_sent_twice_lends_once(self, nadia, owner):
        first = memos.lent("R-1", to=nadia, by=owner)

        assert memos.lent("R-1", to=nadia, by=owner) == first
        assert Memo.objects.count() == 1

    def test_a_key_of_another_paper_is_refused(self, nadia, khalid, owner):
        memos.taken(memos.goods(), of=khalid, by=owner, key="same")

        with pytest.raises(KeyOfAnother):
            memos.lent("R-1", to=nadia, by=owner, key="same")

    def test_numbers_have_no_gap_after_a_refusal(self, nadia, owner):
        with pytest.raises(ReasonMissing), transaction.atomic():
            memos.lent("R-1", to=nadia, by=owner, reason=" ")

        assert memos.lent("R-1", to=nadia, by=owner).code == "1-MO000001"

    def test_a_tag_is_read_in_any_digits(self, nadia, owner):
        memo = memos.lent("r-۱", to=nadia, by=owner)

        assert memo.lines.get().piece.tag == "R-1"

    @pytest.mark.parametrize(
        ("day", "possible"),
        [
            (date(2026, 1, 14), False),
            (date(2026, 1, 15), True),
            (date(2027, 1, 16), True),
            (date(2027, 1, 17), False),
        ],
    )
    def test_a_memo_ends_within_a_year(self, nadia, owner, day, possible):
        if possible:
            assert memos.lent("R-1", to=nadia, by=owner, due=day).due == day
        else:
            with pytest.raises(DayImpossible):
                memos.lent("R-1", to=nadia, by=owner, due=day)

    @pytest.mark.parametrize(
        ("terms", "value"),
        [
            ("total", None),
            ("total", "0"),
            ("total", "-1"),
            ("total", "NaN"),
            ("total", "1.005"),
            ("making", "-0.01"),
            ("day", "5"),
            ("fixed", "5"),
            ("percent", "5"),
        ],
    )
    def test_refuses_what_is_no_price(self, nadia, owner, terms, value):
        with pytest.raises(TermsImpossible, match="R-1"):
            memos.lent(memos.agreed("R-1", terms, value), to=nadia, by=owner)

    @pytest.mark.parametrize("tags", [(), ("R-1", "r-1")])
    def test_refuses_no_tag_and_one_twice(self, nadia, owner, tags):
        with pytest.raises((NothingOnMemo, TagTwice)):
            memos.lent(*tags, to=nadia, by=owner)

    def test_is_not_for_every_role(self, shop, nadia, owner):
        clerk = make.member(of=shop, role="salesperson")

        with pytest.raises(NotAllowed), transaction.atomic():
            memos.lent("R-1", to=nadia, by=clerk)

        assert where("R-1")[0] == "in_stock"

    def test_all_or_none(self, nadia, owner):
        sold("R-2", by=owner)

        with pytest.raises(PieceNotForSale, match="R-2"), transaction.atomic():
            memos.lent("R-1", "R-2", to=nadia, by=owner)

        assert where("R-1")[0] == "in_stock"
        assert not Memo.objects.exists()

    def test_another_shops_tag_is_none(self, nadia, owner):
        other = make.shop(name="Zar")
        with shop_scope(other.pk):
            make.piece(by=make.member(of=other), tag="Z-9")
        with shop_scope(owner.shop_id), pytest.raises(PieceNotFound, match="Z-9"):
            memos.lent("Z-9", to=nadia, by=owner)

    def test_what_is_not_ours_is_not_lent(self, nadia, khalid, owner):
        memos.taken(memos.goods("M-1"), of=khalid, by=owner)

        with pytest.raises(NotOurs, match="M-1 belongs to Khalid Gems"):
            memos.lent("M-1", to=nadia, by=owner)

    def test_a_piece_of_an_open_or_held_sale_is_not_lent(self, nadia, owner):
        desk = Desk(Register.objects.get(), owner)
        desk.put_on("R-1")
        with pytest.raises(PieceOnCounter, match="R-1 lies on the counter of Till 1"):
            memos.lent("R-1", to=nadia, by=owner)

        desk.hold()

        with pytest.raises(PieceHeld, match="R-1 is held"):
            memos.lent("R-2", "R-1", to=nadia, by=owner)

    def test_a_line_is_never_changed_but_in_what_became_of_it(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)

        for change in ("terms = 'total', value = 5", "price_then = 1", "memo_id = memo_id"):
            refused = pytest.raises(Exception, match="permission denied")
            with refused, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE consignment_memoline SET {change}")  # noqa: S608
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            Memo.objects.filter(pk=memo.pk)._raw_delete("default")

    def test_the_database_keeps_one_open_line_of_a_piece(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)

        with pytest.raises(IntegrityError, match="one_open"), transaction.atomic():
            MemoLine.objects.create(memo=memo, piece=memo.lines.get().piece, terms="day")


class TestComingBack:
    def test_a_part_comes_back_then_the_rest(self, nadia, owner):
        tray = place("Tray 1")
        memo = memos.lent("R-1", "R-2", to=nadia, by=owner)

        paper = returned(memo, "r-1", by=owner, to=tray)

        assert paper.code == "1-MR000001"
        assert where("R-1") == ("in_stock", "Tray 1")
        assert where("R-2") == ("on_memo", None)
        assert kinds(Piece.objects.get(tag="R-1")) == ["taken_in", "lent", "came_back"]
        assert list(memos_listed("out").values_list("open_count", "line_count")) == [(1, 2)]
        returned(memo, "R-2", by=owner, key="back-2")
        assert not memos_listed("out")
        assert list(memos_listed("out", ended=True)) == [memo]

    def test_it_asks_no_permission(self, shop, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)

        returned(memo, "R-1", by=make.member(of=shop, role="salesperson"))

        assert where("R-1")[0] == "in_stock"

    def test_twice_is_refused_by_name_and_the_same_scan_is_not(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        first = returned(memo, "R-1", by=owner)

        assert returned(memo, "R-1", by=owner) == first
        with pytest.raises(BackAlready, match="R-1 of memo 1-MO000001 came back already"):
            returned(memo, "R-1", by=owner, key="back-2")
        assert MemoReturn.objects.count() == 1

    def test_a_tag_that_is_not_on_the_memo_is_refused_and_nothing_comes_back(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)

        with pytest.raises(NotOnMemo, match="R-2 is not on memo"), transaction.atomic():
            returned(memo, "R-1", "R-2", by=owner)

        assert where("R-1")[0] == "on_memo"

    def test_a_tag_of_another_memo_is_refused(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        memos.lent("R-2", to=nadia, by=owner, key="lend-2")

        with pytest.raises(NotOnMemo):
            returned(memo, "R-2", by=owner)

    def test_goes_into_no_place_that_is_closed(self, nadia, owner):
        tray = place("Tray 1")
        memo = memos.lent("R-1", to=nadia, by=owner)
        close_place(place=tray.pk, at=make.NOON)
        tray.refresh_from_db()

        with pytest.raises(PlaceClosed):
            returned(memo, "R-1", by=owner, to=tray)

    def test_needs_a_tag_and_a_memo_of_this_direction(self, nadia, khalid, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        other = memos.taken(memos.goods(), of=khalid, by=owner)

        with pytest.raises(NothingOnMemo):
            returned(memo, by=owner)
        with pytest.raises(OtherDirection):
            returned(other, "M-1", by=owner)
        with pytest.raises(OtherDirection):
            give_back(code=memo.code, tags=["R-1"], key="b", by=owner, at=make.NOON)
        with pytest.raises(MemoNotFound):
            come_back(code="1-MO999999", tags=["R-1"], place=None, key="b", by=owner, at=make.NOON)

    def test_what_was_written_off_is_found_first(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        lose(tags=["R-1"], reason="stolen there", by=owner, at=make.NOON, key="lose-1")

        assert not memos_listed("out")
        with pytest.raises(PieceElsewhere), transaction.atomic():
            returned(memo, "R-1", by=owner)

        tray = place("Tray 1")
        find(tags=["R-1"], place=tray, reason="found", by=owner, at=make.NOON, key="find-1")
        again = memos.lent("R-1", to=nadia, by=owner, key="lend-2")
        assert memo.lines.get().state == LineState.LOST
        assert again.lines.get().state == LineState.OPEN
        with pytest.raises(EndedOtherwise, match="written off"):
            # Its line of the first memo ended; it is on the second.
            returned(memo, "R-1", by=owner, key="back-9")

    def test_what_was_found_again_ends_its_line_where_it_lies(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        lose(tags=["R-1"], reason="stolen there", by=owner, at=make.NOON, key="lose-1")
        tray = place("Tray 1")
        find(tags=["R-1"], place=tray, reason="found", by=owner, at=make.NOON, key="find-1")

        returned(memo, "R-1", by=owner)

        assert memo.lines.get().state == LineState.BACK
        assert where("R-1") == ("in_stock", "Tray 1")

    def test_a_void_of_what_they_kept_lets_it_be_in_the_stock(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        bill = sold("R-1", by=owner, customer=nadia.pk)
        assert memo.lines.get().state == LineState.SOLD

        void(asked=asked(bill), by=owner, at=make.NOON)

        assert where("R-1")[0] == "in_stock"
        assert memo.lines.get().state == LineState.BACK


class TestDays:
    def test_another_day_is_written_beside_the_first(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)

        agree_on_day(code=memo.code, due=date(2026, 2, 10), by=owner, at=make.NOON)
        agree_on_day(code=memo.code, due=date(2026, 2, 10), by=owner, at=make.NOON)

        memo.refresh_from_db()
        assert memo.due == date(2026, 2, 10)
        day = MemoDay.objects.get()
        assert (day.before, day.due) == (memos.DUE, date(2026, 2, 10))

    def test_is_not_for_every_role(self, shop, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        clerk = make.member(of=shop, role="salesperson")

        with pytest.raises(NotAllowed):
            agree_on_day(code=memo.code, due=date(2026, 2, 10), by=clerk, at=make.NOON)

    def test_yesterday_is_none(self, nadia, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)

        with pytest.raises(DayImpossible):
            agree_on_day(code=memo.code, due=date(2026, 1, 14), by=owner, at=make.NOON)


class TestOverdue:
    def test_counts_memos_whose_day_is_past_and_nothing_else(self, nadia, khalid, owner):
        memo = memos.lent("R-1", to=nadia, by=owner)
        memos.lent("R-2", to=nadia, by=owner, key="lend-2", due=date(2026, 2, 20))
        memos.taken(memos.goods(), of=khalid, by=owner)

        assert overdue(day=memos.DUE) == {}
        assert overdue(day=date(2026, 1, 30)) == {"out": 1, "in": 1}
        assert memos_listed("out")[0] == memo
        assert sums_of("out").pieces == 2
        assert sums_of("out").fine_g == [("gold", Decimal("18.320"))]
        returned(memo, "R-1", by=owner)
        assert overdue(day=date(2026, 1, 30)) == {"in": 1}
