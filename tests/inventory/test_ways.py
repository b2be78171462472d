"""Pieces go aside, come back, and end as old gold."""

import pytest

from apps.inventory.models import Movement, Piece
from apps.inventory.services.sell import PieceNotForSale, mark_sold
from apps.inventory.services.ways import PieceElsewhere, release, reserve, scrap, take_back
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring(owner, scope):
    return make.piece(by=owner)


def go(way, piece, owner, reference="1-D000001"):
    piece.refresh_from_db()
    way(pieces=[piece], by=owner, at=make.NOON, reference=reference)
    piece.refresh_from_db()
    return piece.state


def test_a_reserved_piece_is_not_for_sale_until_it_is_released(ring, owner):
    assert go(reserve, ring, owner) == "reserved"
    with pytest.raises(PieceNotForSale):
        go(reserve, ring, owner)
    assert go(release, ring, owner) == "in_stock"
    kinds = list(Movement.objects.filter(piece=ring).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["taken_in", "reserved", "released"]


def test_what_is_not_reserved_cannot_be_released(ring, owner):
    with pytest.raises(PieceElsewhere, match="R-1 is in stock"):
        go(release, ring, owner)


@pytest.mark.parametrize(("way", "state"), [(take_back, "in_stock"), (scrap, "scrapped")])
def test_only_what_was_sold_comes_back_and_only_once(ring, owner, way, state):
    with pytest.raises(PieceElsewhere):
        go(way, ring, owner)
    mark_sold(pieces=[ring], by=owner, at=make.NOON, reference="1-000001")
    assert go(way, ring, owner, "1-R000001") == state
    with pytest.raises(PieceElsewhere):
        go(way, ring, owner)
    assert Movement.objects.filter(reference="1-R000001").count() == 1
    assert Piece.objects.get().state == state
