"""Parcels between branches."""

from datetime import timedelta

import pytest

from apps.inventory.models import Movement, Transfer, TransferReceipt
from apps.inventory.selectors import PieceNotFound, whole_pieces
from apps.inventory.selectors.transfers import TransferNotFound
from apps.inventory.services.losing import lose
from apps.inventory.services.moving import PlaceClosed, move
from apps.inventory.services.sell import PieceNotForSale, mark_sold
from apps.inventory.services.transfers import (
    NotInBranch,
    NotInParcel,
    PackedAlready,
    ParcelEmpty,
    ParcelNotOpen,
    ReceivedAlready,
    SameBranch,
    WrongBranch,
    begin,
    give_up,
    pack,
    receive,
    send,
    unpack,
)
from apps.ledger.models import Entry
from apps.shops.approvals import ApprovalNeeded, Rule, set_rules
from apps.shops.models import Action, Approval, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock

NOW = make.NOON + timedelta(hours=1)


class Parcel:
    """A parcel of two rings from the main branch to Marina, and a tray at each end."""

    def __init__(self, owner):
        self.owner = owner
        self.here, self.there = stock.main_branch(), stock.second_branch()
        self.tray = stock.place("Tray 1", branch=self.here)
        self.window = stock.place("Window", kind="window", branch=self.there)
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        move(tags=["R-1", "R-2"], place=self.tray, by=owner, at=make.NOON)
        self.pk = begin(source=self.here, target=self.there, by=owner, at=NOW, key="p-1").pk

    @property
    def row(self):
        return Transfer.objects.get(pk=self.pk)

    def pack(self, *tags):
        return pack(transfer=self.pk, tags=tags or ["R-1", "R-2"])

    def send(self, by=None, **named):
        return send(transfer=self.pk, reason="For the window", by=by or self.owner, at=NOW, **named)

    def receive(self, *tags, key="r-1", place=None, at=NOW, by=None):
        return receive(
            transfer=self.pk,
            tags=tags or ["R-1", "R-2"],
            place=place or self.window,
            by=by or self.owner,
            at=at,
            key=key,
        )


@pytest.fixture
def parcel(scope, owner):
    return Parcel(owner)


class TestPack:
    def test_lists_pieces_and_moves_none(self, parcel):
        parcel.pack()

        assert stock.where("R-1") == ("in_stock", "Tray 1")
        assert parcel.row.state == "draft"
        assert parcel.row.code == ""

    def test_takes_one_off_the_list_again(self, parcel):
        parcel.pack()
        unpack(transfer=parcel.pk, tag="R-1")
        parcel.send()
        assert stock.where("R-1") == ("in_stock", "Tray 1")
        assert stock.where("R-2") == ("in_transit", None)

    def test_refuses_what_is_packed(self, parcel):
        parcel.pack("R-1")
        with pytest.raises(PackedAlready, match=r"^R-1 is in the parcel already\.$"):
            parcel.pack("r-1")

    def test_refuses_what_lies_in_another_branch(self, parcel, owner):
        make.piece(by=owner, tag="W-1", place=parcel.window)
        with pytest.raises(NotInBranch, match="W-1 lies in Marina"):
            parcel.pack("W-1")

    def test_refuses_a_tag_of_another_shop(self, parcel):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk):
            make.piece(by=stranger, tag="X-1")
        with pytest.raises(PieceNotFound, match="X-1 is no tag of this shop"):
            parcel.pack("X-1")

    def test_two_branches_are_needed(self, parcel, owner):
        with pytest.raises(SameBranch):
            begin(source=parcel.here, target=parcel.here, by=owner, at=NOW, key="p-2")

    def test_the_form_sent_twice_begins_one(self, parcel, owner):
        again = begin(source=parcel.here, target=parcel.there, by=owner, at=NOW, key="p-1")
        assert again.pk == parcel.pk


class TestSend:
    def test_pieces_are_on_the_way_ours_and_nowhere(self, parcel):
        parcel.pack()
        entries = Entry.objects.count()

        sent = parcel.send()

        assert (sent.code, sent.state) == ("1-TR000001", "sent")
        assert stock.where("R-1") == ("in_transit", None)
        assert Entry.objects.count() == entries
        assert Movement.objects.filter(kind="sent", reference="1-TR000001").count() == 2
        assert Approval.objects.get().reference == "1-TR000001"

    def test_what_is_on_the_way_is_not_for_sale_nor_moved_nor_sent_again(self, parcel, owner):
        parcel.pack()
        parcel.send()
        second = begin(source=parcel.here, target=parcel.there, by=owner, at=NOW, key="p-2")
        with pytest.raises(
            PieceNotForSale,
            match=r"^R-1 is on the way to another branch\. Take it off the bill\.$",
        ):
            pack(transfer=second.pk, tags=["R-1"])

    def test_sent_twice_it_is_sent_once(self, parcel):
        parcel.pack()
        assert parcel.send() == parcel.send()
        assert Movement.objects.filter(kind="sent").count() == 2

    def test_another_member_hears_that_it_is_gone(self, parcel, shop):
        parcel.pack()
        parcel.send()
        with pytest.raises(ParcelNotOpen, match="1-TR000001 is on the way"):
            parcel.send(by=make.member(of=shop))

    def test_an_empty_one_has_no_number(self, parcel):
        with pytest.raises(ParcelEmpty):
            parcel.send()
        parcel.pack()
        assert parcel.send().code == "1-TR000001"

    def test_a_piece_sold_meanwhile_keeps_the_parcel_here(self, parcel, owner):
        parcel.pack()
        pieces = [whole.piece for whole in whole_pieces(tags=["R-2"], to_change=True)]
        mark_sold(pieces=pieces, by=owner, at=NOW, reference="1-000001")

        with pytest.raises(PieceNotForSale, match="R-2 was sold already"):
            parcel.send()
        assert stock.where("R-1") == ("in_stock", "Tray 1")
        assert parcel.row.state == "draft"

    def test_a_clerk_needs_a_second_person_above_the_limit(self, parcel, shop, owner):
        rule = Rule(roles=tuple(Role.values), limit=make.RING_TOTAL)
        set_rules({Action.TRANSFER: rule}, by=owner, at=make.NOON)
        clerk = make.member(of=shop, role="salesperson")
        parcel.pack("R-1")
        assert parcel.send(by=clerk).state == "sent"
        set_rules({Action.TRANSFER: Rule(rule.roles, limit=0)}, by=owner, at=make.NOON)
        second = begin(source=parcel.here, target=parcel.there, by=clerk, at=NOW, key="p-2")
        pack(transfer=second.pk, tags=["R-2"])
        with pytest.raises(ApprovalNeeded):
            send(transfer=second.pk, reason="x", by=clerk, at=NOW)
        assert stock.where("R-2") == ("in_stock", "Tray 1")

    def test_given_up_it_is_sent_no_more(self, parcel):
        parcel.pack()
        give_up(transfer=parcel.pk, at=NOW)
        with pytest.raises(ParcelNotOpen, match="The parcel was given up"):
            parcel.send()

    def test_on_the_way_it_is_not_given_up(self, parcel):
        parcel.pack()
        parcel.send()
        with pytest.raises(ParcelNotOpen):
            give_up(transfer=parcel.pk, at=NOW)

    def test_one_of_another_shop_is_not_found(self, parcel):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk), pytest.raises(TransferNotFound):
            send(transfer=parcel.pk, reason="x", by=stranger, at=NOW)


class TestReceive:
    @pytest.fixture
    def sent(self, parcel):
        parcel.pack()
        parcel.send()
        return parcel

    def test_all_of_it_ends_the_parcel(self, sent):
        sent.receive()

        assert stock.where("R-1") == ("in_stock", "Window")
        assert (sent.row.state, sent.row.ended_at) == ("received", NOW)

    def test_a_part_leaves_the_rest_on_the_way(self, sent):
        sent.receive("R-1")

        assert sent.row.state == "part"
        assert stock.where("R-2") == ("in_transit", None)

    def test_the_same_scan_twice_receives_once(self, sent):
        assert sent.receive("R-1") == sent.receive("R-1")
        assert Movement.objects.filter(kind="received").count() == 1

    def test_received_twice_says_who_and_when(self, sent, owner):
        sent.receive("R-1")
        with pytest.raises(
            ReceivedAlready,
            match=rf"^R-1 of 1-TR000001 was received by {owner.user}, today 13:00\.$",
        ):
            sent.receive("R-1", key="r-2")
        sent.receive("R-2", key="r-3")
        with pytest.raises(ReceivedAlready):
            sent.receive(key="r-4")
        assert TransferReceipt.objects.count() == 2

    def test_what_is_not_on_the_list_is_refused_and_nothing_taken(self, sent, owner):
        make.piece(by=owner, tag="E-1")
        with pytest.raises(NotInParcel, match="E-1 is not on the list of 1-TR000001"):
            sent.receive("R-1", "E-1")
        assert stock.where("R-1") == ("in_transit", None)
        assert not TransferReceipt.objects.exists()

    def test_what_is_missed_can_be_written_off_and_ends_the_parcel(self, sent, owner):
        sent.receive("R-1")

        lose(tags=["R-2"], reason="Courier", by=owner, at=NOW, key="l-1")

        assert sent.row.state == "closed"
        with pytest.raises(NotInParcel):
            sent.receive("R-2", key="r-2")

    def test_what_was_left_behind_comes_back_to_where_it_was(self, sent):
        sent.receive("R-1", place=sent.tray)
        assert stock.where("R-1") == ("in_stock", "Tray 1")

    def test_only_places_of_the_two_branches_take_it(self, sent):
        third = stock.place("Third", branch=stock.second_branch("Third", "3"))
        with pytest.raises(WrongBranch):
            sent.receive(place=third)

    def test_a_closed_place_takes_nothing(self, sent):
        type(sent.window).objects.filter(pk=sent.window.pk).update(closed_at=NOW)
        sent.window.refresh_from_db()
        with pytest.raises(PlaceClosed):
            sent.receive()

    def test_a_draft_is_not_received(self, parcel):
        parcel.pack()
        with pytest.raises(ParcelNotOpen, match="was not sent yet"):
            parcel.receive()


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    @pytest.fixture
    def shop(self):
        return make.shop()

    def test_two_who_send_one_piece_send_it_once(self, shop):
        owner = make.member(of=shop)
        with shop_scope(shop.pk):
            first = Parcel(owner)
            second = begin(source=first.here, target=first.there, by=owner, at=NOW, key="p-2").pk
            first.pack()
            pack(transfer=second, tags=["R-2", "R-1"])

        told = stock.at_once(
            shop,
            first.send,
            lambda: send(transfer=second, reason="x", by=owner, at=NOW),
        )

        refused = [each for each in told if isinstance(each, Exception)]
        assert [type(each) for each in refused] == [PieceNotForSale]
        with shop_scope(shop.pk):
            assert Movement.objects.filter(kind="sent").count() == 2
            # The refused one gave its number back.
            assert list(Transfer.objects.exclude(code="").values_list("code", flat=True)) == [
                "1-TR000001"
            ]

    def test_two_who_receive_one_parcel_receive_it_once(self, shop):
        owner, other = make.member(of=shop), make.member(of=shop)
        with shop_scope(shop.pk):
            parcel = Parcel(owner)
            parcel.pack()
            parcel.send()

        told = stock.at_once(
            shop,
            lambda: parcel.receive(key="a"),
            lambda: parcel.receive("R-2", "R-1", key="b", by=other),
        )

        refused = [each for each in told if isinstance(each, Exception)]
        assert [type(each) for each in refused] == [ReceivedAlready]
        with shop_scope(shop.pk):
            assert Movement.objects.filter(kind="received").count() == 2
            assert parcel.row.state == "received"

    def test_writing_off_and_receiving_one_piece_does_one_of_them(self, shop):
        owner = make.member(of=shop)
        with shop_scope(shop.pk):
            parcel = Parcel(owner)
            parcel.pack()
            parcel.send()

        told = stock.at_once(
            shop,
            lambda: parcel.receive(key="a"),
            lambda: lose(tags=["R-2"], reason="Gone", by=owner, at=NOW, key="l"),
        )

        with shop_scope(shop.pk):
            state, _place = stock.where("R-2")
            if isinstance(told[0], Exception):
                assert isinstance(told[0], NotInParcel)
                assert (state, parcel.row.state) == ("lost", "sent")
            else:  # received first, then lost out of the window
                assert (state, parcel.row.state) == ("lost", "received")
