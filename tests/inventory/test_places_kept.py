"""Places are renamed, closed and entrusted; what should lie in each."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.inventory.models import Custody, Place
from apps.inventory.selectors import place_facts, places, whole_pieces
from apps.inventory.selectors.lying import custodies_of
from apps.inventory.services.moving import move
from apps.inventory.services.places import (
    PlaceNameTaken,
    PlaceNotEmpty,
    PlaceUnknown,
    close_place,
    entrust,
    open_again,
    rename_place,
)
from apps.inventory.services.sell import mark_sold
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.inventory.owned import not_ours

pytestmark = pytest.mark.usefixtures("scope")
NOW = make.NOON


def test_a_place_takes_another_name_and_its_own_again():
    tray = stock.place()
    stock.place("Safe", kind="safe")

    assert rename_place(place=tray.pk, name=" Tray  9", kind="window").name == "Tray 9"
    assert rename_place(place=tray.pk, name="TRAY 9", kind="tray").name == "TRAY 9"
    with pytest.raises(PlaceNameTaken):
        rename_place(place=tray.pk, name="safe", kind="tray")


def test_one_of_another_shop_is_not_found():
    tray = stock.place()
    other = make.shop(name="Other")
    with shop_scope(other.pk), pytest.raises(PlaceUnknown):
        rename_place(place=tray.pk, name="Mine", kind="tray")


def test_only_an_empty_place_is_closed(owner):
    make.piece(by=owner)
    tray = stock.place()
    move(tags=["R-1"], place=tray, by=owner, at=NOW)

    with pytest.raises(
        PlaceNotEmpty,
        match=r"^1 piece lies in Tray 7\. Move it first, then close the place\.$",
    ):
        close_place(place=tray.pk, at=NOW)
    pieces = [whole.piece for whole in whole_pieces(tags=["R-1"], to_change=True)]
    mark_sold(pieces=pieces, by=owner, at=NOW, reference="1-000001")
    close_place(place=tray.pk, at=NOW)

    assert places() == []
    assert stock.where("R-1") == ("sold", None)
    open_again(place=tray.pk)
    assert places() == [tray]


def test_a_closed_place_keeps_its_name():
    close_place(place=stock.place().pk, at=NOW)
    with pytest.raises(PlaceNameTaken):
        stock.place("tray 7")


def test_who_answers_for_a_place_is_a_row_each(owner, clerk):
    tray = stock.place()

    entrust(place=tray.pk, to=clerk, by=owner, at=NOW)
    entrust(place=tray.pk, to=clerk, by=owner, at=NOW)
    entrust(place=tray.pk, to=None, by=owner, at=NOW + timedelta(hours=1))

    assert [row.custodian for row in custodies_of(tray)] == [None, clerk]
    assert Custody.objects.count() == 2
    assert place_facts([tray])[0].custodian is None


def test_says_what_should_lie_in_each(owner, clerk):
    tray, safe = stock.place(), stock.place("Safe", kind="safe")
    for tag in ("R-1", "R-2"):
        make.piece(by=owner, tag=tag)
    not_ours("M-1", by=owner)
    move(tags=["R-1", "R-2", "M-1"], place=tray, by=owner, at=NOW)
    entrust(place=tray.pk, to=clerk, by=owner, at=NOW)

    in_tray, in_safe = place_facts([tray, safe])

    assert (in_tray.pieces, in_tray.not_ours, in_tray.custodian) == (3, 1, clerk)
    assert in_tray.gross_g == Decimal(30)
    assert in_tray.fine_g == [("gold", Decimal("27.480"))]
    assert (in_safe.pieces, in_safe.gross_g, in_safe.custodian) == (0, 0, None)


def test_as_many_queries_for_many_places(django_assert_num_queries):
    made = [stock.place(f"Tray {n}") for n in range(5)]
    with django_assert_num_queries(3):
        place_facts(made)
    assert Place.objects.count() == 5
