"""Moves between places: by scan, from a list, at the same moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.inventory.models import Movement, Piece, PieceState
from apps.inventory.selectors import PieceNotFound
from apps.inventory.services.moving import MovedMeanwhile, OtherBranch, PlaceClosed, move
from apps.inventory.services.sell import mark_sold
from apps.inventory.services.steps import PieceElsewhere
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock

NOW = make.NOON + timedelta(hours=1)


@pytest.mark.usefixtures("scope")
class TestMove:
    def test_puts_pieces_into_the_place_and_writes_a_row_each(self, owner):
        rings = [make.piece(by=owner, tag=tag) for tag in ("R-2", "R-1")]
        tray = stock.place()

        moved = move(tags=["R-2", "R-1", "r-1"], place=tray, by=owner, at=NOW)

        assert [piece.tag for piece in moved] == ["R-2", "R-1"]
        assert stock.where("R-1") == ("in_stock", "Tray 7")
        last = Movement.objects.filter(piece=rings[0]).latest("pk")
        assert (last.kind, last.place, last.moved_by) == ("moved", tray, owner)

    def test_reads_tags_in_three_scripts(self, owner):
        make.piece(by=owner, tag="P15042")
        make.piece(by=owner, tag="P15043")
        tray = stock.place()

        moved = move(tags=["p۱۵۰۴۲", "P١٥٠٤٣"], place=tray, by=owner, at=NOW)

        assert [piece.tag for piece in moved] == ["P15042", "P15043"]

    def test_writes_nothing_for_what_lies_there_already(self, owner):
        ring, tray = make.piece(by=owner), stock.place()
        move(tags=["R-1"], place=tray, by=owner, at=NOW)

        move(tags=["R-1"], place=tray, by=owner, at=NOW)

        assert stock.kinds(ring) == ["taken_in", "moved"]

    def test_moves_a_reserved_piece_and_leaves_it_reserved(self, owner):
        ring, tray = make.piece(by=owner), stock.place()
        Piece.objects.filter(pk=ring.pk).update(state=PieceState.RESERVED)

        move(tags=["R-1"], place=tray, by=owner, at=NOW)

        assert stock.where("R-1") == ("reserved", "Tray 7")

    def test_moves_all_or_none(self, owner):
        make.piece(by=owner)
        sold = make.piece(by=owner, tag="R-2")
        mark_sold(pieces=[sold], by=owner, at=make.NOON, reference="1-000001")
        tray = stock.place()

        with pytest.raises(PieceElsewhere, match=r"^R-2 is sold\. Look at its history\.$"):
            move(tags=["R-1", "R-2"], place=tray, by=owner, at=NOW)
        assert stock.where("R-1") == ("in_stock", None)

    @pytest.mark.parametrize("tag", ["R-9", "x" * 31, "R-1\x00", ""])
    def test_refuses_what_is_no_tag_of_this_shop(self, owner, tag):
        make.piece(by=owner)

        with pytest.raises(PieceNotFound):
            move(tags=["R-1", tag], place=stock.place(), by=owner, at=NOW)
        assert stock.where("R-1") == ("in_stock", None)

    def test_does_not_know_a_tag_of_another_shop(self, owner):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk):
            make.piece(by=stranger, tag="X-1")

        with pytest.raises(PieceNotFound, match="X-1 is no tag of this shop"):
            move(tags=["X-1"], place=stock.place(), by=owner, at=NOW)

    def test_refuses_a_closed_place(self, owner):
        make.piece(by=owner)
        tray = stock.place()
        type(tray).objects.filter(pk=tray.pk).update(closed_at=make.NOON)

        with pytest.raises(PlaceClosed, match=r"^Tray 7 is closed\."):
            move(tags=["R-1"], place=tray, by=owner, at=NOW)

    def test_goes_to_another_branch_by_a_transfer_alone(self, owner, shop):
        make.piece(by=owner)
        move(tags=["R-1"], place=stock.place(), by=owner, at=NOW)
        away = stock.place("Window", kind="window", branch=stock.second_branch())

        with pytest.raises(
            OtherBranch, match=rf"^R-1 is in {shop.name}, and Window is not\. Send it with"
        ):
            move(tags=["R-1"], place=away, by=owner, at=NOW)

    def test_refuses_from_a_list_what_was_moved_since_it_was_read(self, owner):
        ring, tray = make.piece(by=owner), stock.place()
        move(tags=["R-1"], place=tray, by=owner, at=timezone.now())
        safe = stock.place("Safe", kind="safe")

        with pytest.raises(
            MovedMeanwhile, match=rf"^R-1 was put into Tray 7 by {owner.user}, today"
        ):
            move(tags=["R-1"], place=safe, by=owner, at=timezone.now(), seen={"R-1": None})
        move(tags=["R-1"], place=safe, by=owner, at=NOW, seen={"R-1": tray.pk})
        assert stock.kinds(ring) == ["taken_in", "moved", "moved"]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_move_the_same_pieces_both_leave_a_row():
    """The last scan tells where a piece lies; no move is lost, and neither clerk waits for ever."""
    shop = make.shop()
    clerks = [make.member(of=shop), make.member(of=shop)]
    with shop_scope(shop.pk):
        ring = make.piece(by=clerks[0])
        make.piece(by=clerks[0], tag="R-2")
        trays = [stock.place("Tray 1"), stock.place("Tray 2")]

    told = stock.at_once(
        shop,
        lambda: move(tags=["R-1", "R-2"], place=trays[0], by=clerks[0], at=NOW),
        lambda: move(tags=["R-2", "R-1"], place=trays[1], by=clerks[1], at=NOW),
    )

    assert not [error for error in told if isinstance(error, Exception)]
    with shop_scope(shop.pk):
        assert stock.kinds(ring) == ["taken_in", "moved", "moved"]
        last = Movement.objects.filter(piece=ring).latest("pk")
        assert stock.where("R-1") == stock.where("R-2") == ("in_stock", last.place.name)
