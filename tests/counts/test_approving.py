"""The approval: what is missing and too much is settled at once, for good, by who may."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Sum

from apps.counts.models import CountFound, CountState, StockCount
from apps.counts.refusals import CountEnded, NotMissed, ReasonNeeded, SheetsOpen
from apps.counts.results import CountResult, Done, Found
from apps.counts.selectors import result_of
from apps.counts.services.approving import approve
from apps.counts.services.finding import found_later
from apps.counts.services.weighing import weigh
from apps.inventory.models import Movement, Piece, PieceState
from apps.inventory.services.sell import mark_sold
from apps.inventory.services.writing_off import write_off
from apps.ledger.models import Posting
from apps.shops.approvals import ApprovalNeeded, Approver, NotAllowed, Rule, set_pin, set_rules
from apps.shops.models import Action, Approval
from apps.shops.scope import shop_scope
from tests import make
from tests.counts import counts
from tests.lots import lots


def books(account, commodity="AED"):
    found = Posting.objects.filter(account=account, commodity=commodity)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def choices(count, **by_tag):
    lines = {line.tag: line.piece for _s, line in result_of(count, code="AED").lines}
    return {lines[tag.replace("_", "-")]: done for tag, done in by_tag.items()}


def settle(count, *, by, reason="The tray was dropped.", approver=None, **by_tag):
    return approve(
        count=count,
        choices=choices(count, **by_tag),
        reason=reason,
        by=by,
        at=make.NOON,
        approver=approver,
    )


@pytest.fixture
def tray(owner, scope):
    tray = counts.tray()
    counts.pieces("A-1", "A-2", "A-3", by=owner, place=tray)
    return tray


@pytest.mark.usefixtures("scope")
class TestApprove:
    def test_writes_off_keeps_looking_moves_and_finds(self, owner, tray):
        other = counts.tray(name="Tray 2")
        _b, gone = counts.pieces("B-1", "L-1", by=owner, place=other)
        write_off(pieces=[gone], by=owner, at=make.NOON, reference="w")
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", "B-1", "L-1", "Z-9", by=owner)

        settle(count, by=owner, A_2=Done.WRITE_OFF, A_3=Done.LOOK_FOR, B_1=Done.MOVE, L_1=Done.FIND)

        states = dict(Piece.objects.values_list("tag", "state"))
        places = dict(Piece.objects.values_list("tag", "place__name"))
        assert states["A-2"] == PieceState.LOST
        assert states["A-3"] == states["L-1"] == PieceState.IN_STOCK
        assert places["B-1"] == places["L-1"] == "Tray 1"
        # Two written off, one of them found again: a piece costs 500 and holds 9.160 fine.
        assert (books("shrinkage"), books("shrinkage", "gold")) == (500, Decimal("9.160"))
        assert Movement.objects.filter(piece__tag="A-2", reference="K000001").exists()
        count.refresh_from_db()
        record = CountResult.read(count.result)
        done = {line.tag: line.done for _s, line in record.lines}
        assert done == {
            "A-2": Done.WRITE_OFF, "A-3": Done.LOOK_FOR, "B-1": Done.MOVE, "L-1": Done.FIND,
            "Z-9": Done.NOTHING,
        }  # fmt: skip
        assert Approval.objects.get().amount == Decimal(1000)

    def test_what_is_not_named_is_left_to_be_looked_for(self, owner, tray):
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, by=owner)

        settle(count, by=owner)

        assert not Piece.objects.exclude(state=PieceState.IN_STOCK).exists()
        assert books("shrinkage") == 0

    def test_what_was_sold_since_the_choice_is_not_written_off(self, owner, tray):
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        chosen = choices(count, A_2=Done.WRITE_OFF, A_3=Done.WRITE_OFF)
        sold = Piece.objects.get(tag="A-2")
        mark_sold(pieces=[sold], by=owner, at=make.NOON, reference="1-000001")

        approve(count=count, choices=chosen, reason="Lost.", by=owner, at=make.NOON)

        sold.refresh_from_db()
        assert sold.state == PieceState.SOLD
        assert Piece.objects.get(tag="A-3").state == PieceState.LOST

    def test_lots_are_set_to_the_scale_and_parts_drawn_since_stay_drawn(self, owner, tray):
        from apps.lots.services import draw

        lot = lots.filled(lots.chain(by=owner, place=tray), by=owner, grams="100", cost="3000")
        count = counts.count(tray, by=owner)
        sheet = counts.begun(count, by=owner)
        counts.read(sheet, "A-1", "A-2", "A-3", by=owner)
        weigh(sheet=sheet, lot=lot, pieces=None, weight=Decimal(99), by=owner, at=make.NOON)
        draw(lot=lot, grams=Decimal(10), pieces=0, carats=Decimal(0), by=owner, at=make.NOON)
        counts.finish(sheet=sheet, by=owner, at=make.NOON)

        settle(count, by=owner)

        lot.refresh_from_db()
        assert (lot.grams, lot.cost) == (Decimal(89), Decimal(2670))
        assert books("shrinkage") == Decimal(30)
        assert books("lots", "gold") == Decimal("66.750")

    def test_asks_for_every_tray_a_reason_and_the_permission(self, shop, owner, tray):
        second = counts.tray(name="Tray 2")
        count = counts.count(tray, second, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        clerk = make.member(of=shop, role="salesperson")

        with pytest.raises(SheetsOpen, match="Tray 2"):
            settle(count, by=owner)
        counts.counted(count, second, by=owner)
        with pytest.raises(ReasonNeeded):
            settle(count, by=owner, reason=" ")
        with pytest.raises(NotAllowed):
            settle(count, by=clerk)

        assert StockCount.objects.get().state == CountState.COUNTING

    def test_a_count_that_agrees_needs_no_reason(self, owner, tray):
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", "A-2", "A-3", by=owner)

        assert settle(count, by=owner, reason="").state == CountState.POSTED

    def test_above_the_limit_a_second_person_types_a_pin(self, shop, owner, tray):
        clerk = make.member(of=shop, role="salesperson")
        limited = Rule(roles=("owner", "manager", "salesperson"), limit=Decimal(400))
        set_rules({Action.COUNT: limited}, by=owner, at=make.NOON)
        set_pin(member=owner, pin="4071")
        count = counts.count(tray, by=clerk)
        counts.counted(count, tray, "A-1", "A-2", by=clerk)

        with pytest.raises(ApprovalNeeded), transaction.atomic():
            settle(count, by=clerk, A_3=Done.WRITE_OFF)
        assert Piece.objects.get(tag="A-3").state == PieceState.IN_STOCK
        settle(
            count,
            by=clerk,
            A_3=Done.WRITE_OFF,
            approver=Approver(username=owner.user.username, pin="4071"),
        )

        assert Approval.objects.get().approved_by == owner

    def test_an_ended_count_is_never_changed_not_even_by_hand(self, owner, tray):
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        settle(count, by=owner)

        with pytest.raises(CountEnded):
            settle(count, by=owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            StockCount.objects.update(reason="another")
        with pytest.raises(ProgrammingError), transaction.atomic():
            StockCount.objects.update(number=7)


@pytest.mark.usefixtures("scope")
class TestFoundLater:
    def test_brings_back_what_was_written_off_and_places_what_was_looked_for(self, owner, tray):
        safe = counts.tray(name="Safe", kind="safe")
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        settle(count, by=owner, A_2=Done.WRITE_OFF, A_3=Done.LOOK_FOR)
        count.refresh_from_db()

        for tag in ("a-2", "A-۳", "A-2"):
            found_later(count=count, tag=tag, place=safe, by=owner, at=make.NOON)

        assert set(Piece.objects.filter(place=safe).values_list("tag", "state")) == {
            ("A-2", "in_stock"), ("A-3", "in_stock"),
        }  # fmt: skip
        assert books("shrinkage") == 0
        assert CountFound.objects.count() == 2

    def test_what_was_written_off_comes_back_by_who_may_approve(self, owner, clerk, tray):
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        settle(count, by=owner, A_2=Done.WRITE_OFF, A_3=Done.LOOK_FOR)
        count.refresh_from_db()
        asked = {"count": count, "place": tray, "by": clerk, "at": make.NOON}

        with pytest.raises(NotAllowed):
            found_later(tag="A-2", **asked)
        found_later(tag="A-3", **asked)  # that one stayed in the books
        rule = Rule(roles=("salesperson",), limit=Decimal(1))
        set_rules({Action.COUNT: rule}, by=owner, at=make.NOON)
        with pytest.raises(ApprovalNeeded):
            found_later(tag="A-2", **asked)
        assert Piece.objects.get(tag="A-2").state == PieceState.LOST

        set_pin(member=owner, pin="4711")
        yes = Approver(username=owner.user.username, pin="4711")
        found_later(tag="A-2", approver=yes, **asked)

        assert Piece.objects.get(tag="A-2").state == PieceState.IN_STOCK
        assert Approval.objects.get(reference="A-2").approved_by == owner

    def test_refuses_what_was_not_missed(self, owner, tray):
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        settle(count, by=owner)
        count.refresh_from_db()

        for tag in ("A-1", "Z-9", "x" * 300, "\x00"):
            with pytest.raises(NotMissed):
                found_later(count=count, tag=tag, place=tray, by=owner, at=make.NOON)


@pytest.mark.usefixtures("scope")
def test_the_record_says_what_the_result_said(owner, tray):
    lot = lots.filled(lots.melee(by=owner, place=tray), by=owner, pieces=9, carats="1.5")
    count = counts.count(tray, by=owner)
    sheet = counts.begun(count, by=owner)
    counts.read(sheet, "A-1", "Z-9", by=owner)
    weigh(sheet=sheet, lot=lot, pieces=8, weight=Decimal("1.4"), by=owner, at=make.NOON)

    result = result_of(count, code="AED")

    assert CountResult.read(result.as_json()) == result
    assert {line.found for _s, line in result.lines} == {Found.MISSING, Found.UNKNOWN}
    assert all(line.said for _s, line in result.lines)


@pytest.mark.django_db(transaction=True)
def test_approved_twice_at_once_it_is_posted_once():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        tray = counts.tray()
        counts.pieces("A-1", "A-2", by=owner, place=tray)
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        chosen = choices(count, A_2=Done.WRITE_OFF)

    def work(_n):
        try:
            with shop_scope(shop.pk):
                approve(count=count, choices=chosen, reason="Lost.", by=owner, at=make.NOON)
                return "posted"
        except CountEnded:
            return "ended"
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(work, range(3)))

    assert answers == ["ended", "ended", "posted"]
    with shop_scope(shop.pk):
        assert books("shrinkage") == Decimal(500)
        assert Approval.objects.count() == 1
