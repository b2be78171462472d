"""Rows that somebody works on do not keep those waiting who only write their names."""

from threading import Event, Thread

import pytest
from django.db import connection

from apps.inventory.models import Place, TransferLine
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.moving import PlaceClosed
from apps.inventory.services.places import close_place, entrust
from apps.inventory.services.transfers import begin, pack, receive, send, unpack
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.waiting import PATIENCE_S, until_somebody_waits

# The threads have scopes of their own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    return make.shop()


@pytest.fixture
def owner(shop):
    return make.member(of=shop)


def test_two_who_change_a_piece_and_name_the_others_do_not_lock_each_other_out(shop, owner):
    """Each is at work on a piece, and puts the other's into a parcel: a deadlock, were the
    piece's row held against those who only refer to it."""
    with shop_scope(shop.pk):
        branches = stock.main_branch(), stock.second_branch()
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        parcels = [
            begin(source=branches[0], target=branches[1], by=owner, at=make.NOON, key=key).pk
            for key in ("p-1", "p-2")
        ]

    told = stock.crossing(
        shop,
        (
            lambda: whole_pieces(tags=["R-1"], to_change=True),
            lambda: pack(transfer=parcels[0], tags=["R-2"]),
        ),
        (
            lambda: whole_pieces(tags=["R-2"], to_change=True),
            lambda: pack(transfer=parcels[1], tags=["R-1"]),
        ),
    )

    assert told == [None, None]


def test_two_who_pack_a_parcel_and_name_the_others_do_not_lock_each_other_out(shop, owner):
    with shop_scope(shop.pk):
        branches = stock.main_branch(), stock.second_branch()
        pieces = [make.piece(by=owner, tag=tag) for tag in ("R-1", "R-2")]
        first, second = (
            begin(source=branches[0], target=branches[1], by=owner, at=make.NOON, key=key)
            for key in ("p-1", "p-2")
        )

    told = stock.crossing(
        shop,
        (
            lambda: unpack(transfer=first.pk, tag="R-1"),
            lambda: TransferLine.objects.create(transfer=second, piece=pieces[0]),
        ),
        (
            lambda: unpack(transfer=second.pk, tag="R-2"),
            lambda: TransferLine.objects.create(transfer=first, piece=pieces[1]),
        ),
    )

    assert told == [None, None]


def test_a_place_that_is_entrusted_does_not_lock_out_who_writes_a_piece_into_it(shop, owner):
    with shop_scope(shop.pk):
        trays = [stock.place("Tray 1"), stock.place("Tray 2")]

    told = stock.crossing(
        shop,
        (
            lambda: entrust(place=trays[0].pk, to=owner, by=owner, at=make.NOON),
            lambda: make.piece(by=owner, tag="R-1", place=trays[1]),
        ),
        (
            lambda: entrust(place=trays[1].pk, to=owner, by=owner, at=make.NOON),
            lambda: make.piece(by=owner, tag="R-2", place=trays[0]),
        ),
    )

    assert told == [None, None]


class Arriving:
    """A parcel with one ring that is on its way to a tray of Marina."""

    def __init__(self, owner):
        self.owner = owner
        far = stock.second_branch()
        self.tray = stock.place("Tray 9", branch=far)
        make.piece(by=owner, tag="R-1")
        self.pk = begin(
            source=stock.main_branch(), target=far, by=owner, at=make.NOON, key="p-1"
        ).pk
        pack(transfer=self.pk, tags=["R-1"])
        send(transfer=self.pk, reason="For the window", by=owner, at=make.NOON)

    def receive(self):
        return receive(
            transfer=self.pk,
            tags=["R-1"],
            place=self.tray,
            by=self.owner,
            at=make.NOON,
            key="r-1",
        )


def test_a_parcel_is_not_received_into_a_place_that_was_closed_since_it_was_chosen(shop, owner):
    with shop_scope(shop.pk):
        parcel = Arriving(owner)  # its tray was read when it was open
        close_place(place=parcel.tray.pk, at=make.NOON)

        with pytest.raises(PlaceClosed, match="Tray 9 is closed"):
            parcel.receive()

        assert stock.where("R-1") == ("in_transit", None)


def test_a_parcel_that_is_received_while_its_place_is_closed_is_told_so(shop, owner):
    with shop_scope(shop.pk):
        parcel = Arriving(owner)
    closed = Event()

    def close():
        try:
            with shop_scope(shop.pk):
                close_place(place=parcel.tray.pk, at=make.NOON)
                closed.set()
                until_somebody_waits()
        finally:
            connection.close()

    closing = Thread(target=close)
    closing.start()
    assert closed.wait(timeout=PATIENCE_S)
    with pytest.raises(PlaceClosed), shop_scope(shop.pk):
        parcel.receive()
    closing.join(timeout=PATIENCE_S)

    with shop_scope(shop.pk):
        assert Place.objects.get(pk=parcel.tray.pk).closed_at is not None
        assert stock.where("R-1") == ("in_transit", None)
