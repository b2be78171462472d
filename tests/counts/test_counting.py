"""Sheets and scans: what is expected, what was read, and whose hands are on it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.counts.models import CountExpected, CountScan, CountSheet
from apps.counts.refusals import (
    CountEnded,
    LotsNotWeighed,
    NothingToCount,
    PlaceCountedAlready,
    PlacesOfTwoBranches,
    SheetClosed,
    SheetNotBegun,
    SheetTaken,
)
from apps.counts.results import Done, Found
from apps.counts.selectors import result_of, standing_of
from apps.counts.services.approving import approve
from apps.counts.services.scanning import Verdict
from apps.counts.services.sheets import Way, begin, count_again, finish
from apps.counts.services.starting import cancel
from apps.counts.services.weighing import weigh
from apps.inventory.models import Piece
from apps.inventory.services.moving import move
from apps.inventory.services.sell import mark_sold
from apps.inventory.services.ways import reserve
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make
from tests.counts import counts
from tests.lots import lots

pytestmark = pytest.mark.usefixtures("scope")


def verdicts(heard):
    return [each.verdict for each in heard]


def found(count, kind):
    result = result_of(count, code="AED")
    return [line.tag for _sheet, line in result.lines if line.found == kind]


class TestStart:
    def test_numbers_without_a_gap_and_once_for_a_key(self, owner):
        first = counts.count(counts.tray(), by=owner, key="a")
        again = counts.count(counts.tray(name="Tray 2"), by=owner, key="a")
        second = counts.count(counts.tray(name="Tray 3"), by=owner, key="b")

        assert again == first
        assert [first.code, second.code] == ["K000001", "K000002"]

    def test_refuses_nothing_two_branches_and_a_tray_in_another_count(self, owner):
        tray = counts.tray()
        far = counts.tray(name="Far", branch=Branch.objects.create(name="Mall"))
        first = counts.count(tray, by=owner)

        with pytest.raises(NothingToCount):
            counts.count(by=owner)
        with pytest.raises(PlacesOfTwoBranches):
            counts.count(tray, far, by=owner)
        with pytest.raises(PlaceCountedAlready, match="K000001"):
            counts.count(tray, by=owner)
        cancel(count=first, by=owner, at=make.NOON)
        assert counts.count(tray, by=owner).number == 2


class TestBegin:
    def test_expects_what_lies_there_reserved_too_and_sold_not(self, owner):
        tray, other = counts.tray(), counts.tray(name="Tray 2")
        a, b, c = counts.pieces("A-1", "A-2", "A-3", by=owner, place=tray)
        counts.pieces("B-1", by=owner, place=other)
        reserve(pieces=[a], by=owner, at=make.NOON, reference="x")
        mark_sold(pieces=[b], by=owner, at=make.NOON, reference="1-000001")

        sheet = counts.begun(counts.count(tray, by=owner), by=owner)

        expected = CountExpected.objects.filter(sheet=sheet)
        assert set(expected.values_list("tag", flat=True)) == {a.tag, c.tag}
        assert standing_of(sheet).expected_g == Decimal(20)

    def test_a_second_person_is_told_who_counts_and_joins_or_takes_over(self, shop, owner):
        tray = counts.tray()
        counts.pieces("A-1", "A-2", "A-3", by=owner, place=tray)
        sheet = counts.begun(counts.count(tray, by=owner), by=owner)
        second, third = make.member(of=shop), make.member(of=shop)
        counts.read(sheet, "A-1", by=owner)

        with pytest.raises(SheetTaken, match=str(owner.user)):
            begin(sheet=sheet, by=second, at=make.NOON)
        with pytest.raises(SheetTaken):
            counts.read(sheet, "A-2", by=second)
        begin(sheet=sheet, by=second, at=make.NOON, way=Way.JOIN)
        counts.read(sheet, "A-2", by=second)
        begin(sheet=sheet, by=third, at=make.NOON, way=Way.OVER)
        with pytest.raises(SheetTaken, match=str(third.user)):
            counts.read(sheet, "A-3", by=owner)

        assert standing_of(sheet).seen == 2

    def test_interrupted_it_goes_on_where_it_stood(self, owner):
        tray = counts.tray()
        counts.pieces("A-1", "A-2", by=owner, place=tray)
        count = counts.count(tray, by=owner)
        sheet = counts.begun(count, by=owner)
        counts.read(sheet, "A-1", by=owner)
        counts.pieces("A-3", by=owner, place=tray)

        sheet = counts.begun(count, by=owner, at=make.NOON + timedelta(hours=5))

        standing = standing_of(sheet)
        assert (standing.seen, standing.expected) == (1, 2)
        assert sheet.started_at == make.NOON


class TestScan:
    @pytest.fixture
    def tray(self, owner):
        tray = counts.tray()
        counts.pieces("A-1", "A-2", "A-3", by=owner, place=tray)
        return tray

    @pytest.fixture
    def sheet(self, owner, tray):
        return counts.begun(counts.count(tray, by=owner), by=owner)

    def test_tells_each_tag_what_it_is(self, owner, tray, sheet):
        counts.pieces("B-1", by=owner, place=counts.tray(name="Tray 2"))
        sold = make.piece(by=owner, tag="S-1")
        mark_sold(pieces=[sold], by=owner, at=make.NOON, reference="1-000001")
        lots.chain(by=owner)

        heard = counts.read(
            sheet, "A-1", "a-2", " A-۳ ", "A-1", "B-1", "S-1", "Z-9", "CH1", "x" * 300, "\x00",
            by=owner,
        )  # fmt: skip

        seen, again, extra = Verdict.SEEN, Verdict.AGAIN, Verdict.EXTRA
        assert verdicts(heard) == [
            seen, seen, seen, again, extra, extra, Verdict.UNKNOWN, Verdict.LOT,
            Verdict.UNREADABLE, Verdict.UNREADABLE,
        ]  # fmt: skip
        assert "Tray 2" in heard[4].said
        assert "sold" in heard[5].said
        assert standing_of(sheet).seen == 3
        assert CountScan.objects.count() == 6

    def test_a_tag_of_another_shop_is_no_tag(self, owner, sheet):
        other = make.shop()
        with shop_scope(other.pk):
            make.piece(by=make.member(of=other), tag="X-7")

        assert verdicts(counts.read(sheet, "X-7", by=owner)) == [Verdict.UNKNOWN]

    def test_sent_again_it_is_answered_as_before_and_counted_once(self, owner, sheet):
        first = counts.read(sheet, "A-1", "Z-9", by=owner, client="c")
        resent = counts.read(sheet, "A-1", "Z-9", by=owner, client="c")
        anew = counts.read(sheet, "A-1", by=owner, client="c", start=9)

        assert verdicts(first) == verdicts(resent) == [Verdict.SEEN, Verdict.UNKNOWN]
        assert verdicts(anew) == [Verdict.AGAIN]
        assert CountScan.objects.count() == 2

    def test_is_refused_before_it_is_begun_after_it_is_counted_and_after_the_count(
        self, owner, tray, sheet
    ):
        finish(sheet=sheet, by=owner, at=make.NOON)
        with pytest.raises(SheetClosed):
            counts.read(sheet, "A-1", by=owner)
        cancel(count=sheet.count, by=owner, at=make.NOON)
        with pytest.raises(CountEnded):
            counts.read(sheet, "A-1", by=owner)
        waiting = counts.count(counts.tray(name="Tray 9"), by=owner).sheets.get()
        with pytest.raises(SheetNotBegun):
            counts.read(waiting, "A-1", by=owner)

    def test_scans_of_the_database_are_never_changed(self, owner, sheet):
        from django.db import ProgrammingError, transaction

        counts.read(sheet, "A-1", by=owner)
        for change in (
            lambda: CountScan.objects.update(tag="other"),
            lambda: CountScan.objects.all().delete(),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


class TestFound:
    def test_what_was_sold_or_moved_meanwhile_is_not_missing(self, owner):
        tray, other = counts.tray(), counts.tray(name="Tray 2")
        a, b, _c, d = counts.pieces("A-1", "A-2", "A-3", "A-4", by=owner, place=tray)
        counts.pieces("B-1", "B-2", by=owner, place=other)
        count = counts.count(tray, by=owner)
        sheet = counts.begun(count, by=owner)
        counts.read(sheet, "A-1", "B-1", by=owner)

        mark_sold(pieces=[a, b], by=owner, at=make.NOON, reference="1-000007")
        move(tags=["A-3"], place=other, by=owner, at=make.NOON)
        move(tags=["B-1"], place=tray, by=owner, at=make.NOON)

        result = result_of(count, code="AED")
        assert found(count, Found.LEFT) == ["A-2", "A-3"]
        assert found(count, Found.MISSING) == [d.tag]
        assert found(count, Found.CAME) == ["B-1"]
        assert result.sheets[0].seen == 1
        assert "1-000007" in next(line.said for _s, line in result.lines if line.tag == "A-2")

    def test_what_was_away_meanwhile_is_looked_for_and_not_written_off(self, owner):
        tray, window = counts.tray(), counts.tray(name="Window")
        shown, kept, _gone = counts.pieces("A-1", "A-2", "A-3", by=owner, place=tray)
        count = counts.count(tray, by=owner)
        sheet = counts.begun(count, by=owner)
        for place, minutes in ((window, 1), (tray, 5)):
            move(tags=["A-1"], place=place, by=owner, at=make.NOON + timedelta(minutes=minutes))
        reserve(pieces=[kept], by=owner, at=make.NOON + timedelta(minutes=2), reference="1-R000001")
        finish(sheet=sheet, by=owner, at=make.NOON + timedelta(minutes=9))

        lines = {line.tag: line for _sheet, line in result_of(count, code="AED").lines}
        assert lines["A-1"].found == Found.MISSING
        assert lines["A-1"].choices == (Done.LOOK_FOR,)
        assert "Moved during the count" in lines["A-1"].said
        for tag in ("A-2", "A-3"):
            assert lines[tag].choices == (Done.LOOK_FOR, Done.WRITE_OFF)
            assert lines[tag].said == "Nobody saw it"

        approve(
            count=count,
            choices={line.piece: Done.WRITE_OFF for line in lines.values()},
            reason="Counted",
            by=owner,
            at=make.NOON + timedelta(minutes=10),
        )

        shown.refresh_from_db()
        assert (shown.state, shown.place) == ("in_stock", tray)
        assert Piece.objects.filter(state="lost").count() == 2

    def test_what_was_away_before_the_tray_was_begun_again_is_missing(self, owner):
        tray, window = counts.tray(), counts.tray(name="Window")
        counts.pieces("A-1", by=owner, place=tray)
        count = counts.count(tray, by=owner)
        sheet = counts.begun(count, by=owner)
        for place, minutes in ((window, 1), (tray, 5)):
            move(tags=["A-1"], place=place, by=owner, at=make.NOON + timedelta(minutes=minutes))
        finish(sheet=sheet, by=owner, at=make.NOON + timedelta(minutes=9))

        again = count_again(sheet=sheet, by=owner, at=make.NOON + timedelta(minutes=10))
        finish(sheet=again, by=owner, at=make.NOON + timedelta(minutes=11))

        (line,) = [line for _sheet, line in result_of(count, code="AED").lines]
        assert line.choices == (Done.LOOK_FOR, Done.WRITE_OFF)

    def test_a_piece_read_in_another_tray_of_the_count_is_misplaced_and_not_lost(self, owner):
        tray, other = counts.tray(), counts.tray(name="Tray 2")
        counts.pieces("A-1", "A-2", by=owner, place=tray)
        count = counts.count(tray, other, by=owner)
        counts.counted(count, tray, "A-1", by=owner)
        counts.counted(count, other, "A-2", "A-1", by=owner)

        result = result_of(count, code="AED")
        missing = next(line for _s, line in result.lines if line.found == Found.MISSING)
        assert (missing.tag, missing.seen_at, missing.choices) == ("A-2", "Tray 2", ())
        # A-1 was read in its own tray too: nothing to settle.
        assert found(count, Found.MISPLACED) == ["A-2"]

    def test_a_piece_of_another_branch_is_not_simply_moved(self, owner):
        tray = counts.tray()
        far = counts.tray(name="Far", branch=Branch.objects.create(name="Mall"))
        counts.pieces("F-1", by=owner, place=far)
        count = counts.count(tray, by=owner)
        counts.counted(count, tray, "F-1", by=owner)

        assert found(count, Found.OTHER_BRANCH) == ["F-1"]


class TestRounds:
    def test_counted_again_is_a_new_round_of_that_tray_alone(self, owner):
        tray, other = counts.tray(), counts.tray(name="Tray 2")
        counts.pieces("A-1", "A-2", by=owner, place=tray)
        counts.pieces("B-1", by=owner, place=other)
        count = counts.count(tray, other, by=owner)
        first = counts.counted(count, tray, "A-1", by=owner)
        counts.counted(count, other, "B-1", by=owner)

        second = count_again(sheet=first, by=owner, at=make.NOON)
        assert count_again(sheet=first, by=owner, at=make.NOON) == second
        counts.read(second, "A-1", "A-2", by=owner)
        finish(sheet=second, by=owner, at=make.NOON)

        result = result_of(count, code="AED")
        assert result.agrees
        assert [sheet.round for sheet in result.sheets] == [2, 1]
        assert CountSheet.objects.count() == 3


class TestLots:
    def test_lots_of_the_tray_are_weighed_before_it_is_finished(self, owner):
        tray = counts.tray()
        lot = lots.filled(lots.chain(by=owner, place=tray), by=owner, grams="100", cost="3000")
        count = counts.count(tray, by=owner)
        sheet = counts.begun(count, by=owner)

        with pytest.raises(LotsNotWeighed, match="CH1"):
            finish(sheet=sheet, by=owner, at=make.NOON)
        for weight in ("98", "99.5"):
            weigh(sheet=sheet, lot=lot, pieces=None, weight=Decimal(weight), by=owner, at=make.NOON)
        finish(sheet=sheet, by=owner, at=make.NOON)

        (line,) = result_of(count, code="AED").sheets[0].lots
        assert (line.found.grams, line.cost) == (Decimal("99.5"), Decimal("-15.00"))
