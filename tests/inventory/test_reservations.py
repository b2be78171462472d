"""A piece is kept for a customer until a day."""

from datetime import date, timedelta

import pytest

from apps.inventory.models import Movement, Reservation
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.reservations import (
    DayImpossible,
    NotReserved,
    expire,
    let_go,
    reserve_for,
    reserved_for,
)
from apps.inventory.services.sell import (
    PieceNotForSale,
    PieceReserved,
    demand_for_sale,
    mark_sold,
)
from apps.inventory.services.ways import reserve
from apps.inventory.services.writing_off import write_off
from tests import make
from tests.inventory import stock
from tests.inventory.owned import customer

pytestmark = pytest.mark.usefixtures("scope")

NOW = make.NOON
LAST = date(2026, 1, 20)


@pytest.fixture
def nadia(owner):
    return customer(by=owner)


def keep(owner, who, *, tag="R-1", until=LAST, at=NOW):
    return reserve_for(tag=tag, customer=who.pk, until=until, by=owner, at=at)


def locked(tag="R-1"):
    return [whole.piece for whole in whole_pieces(tags=[tag], to_change=True)]


def test_it_is_for_sale_to_nobody_else(owner, nadia):
    ring = make.piece(by=owner)
    keep(owner, nadia)

    with pytest.raises(
        PieceReserved, match=r"^R-1 is reserved for Nadia Rahman until 20 January 2026\.$"
    ):
        demand_for_sale(locked())
    with pytest.raises(PieceReserved):
        demand_for_sale(locked(), buyer=nadia.pk + 1)
    demand_for_sale(locked(), buyer=nadia.pk)
    assert reserved_for([ring.pk])[ring.pk].customer == nadia
    assert stock.kinds(ring) == ["taken_in", "reserved"]


def test_a_sale_to_the_customer_ends_it(owner, nadia):
    keep_of = make.piece(by=owner)
    made = keep(owner, nadia)

    mark_sold(pieces=locked(), by=owner, at=NOW, reference="1-000001")

    made.refresh_from_db()
    assert (made.ending, made.ended_by) == ("sold", owner)
    assert reserved_for([keep_of.pk]) == {}


def test_sent_twice_it_is_one_reservation(owner, nadia):
    make.piece(by=owner)
    assert keep(owner, nadia) == keep(owner, nadia)
    assert Movement.objects.filter(kind="reserved").count() == 1


def test_another_day_is_a_new_row(owner, nadia):
    make.piece(by=owner)
    first = keep(owner, nadia)
    second = keep(owner, nadia, until=date(2026, 2, 1))

    first.refresh_from_db()
    assert (first.ending, second.until) == ("released", date(2026, 2, 1))
    assert Reservation.objects.filter(ended_at=None).get() == second


def test_two_customers_do_not_share_a_piece(owner, nadia):
    make.piece(by=owner)
    keep(owner, nadia)
    with pytest.raises(PieceReserved, match="reserved for Nadia Rahman"):
        keep(owner, customer("Sara", by=owner))


@pytest.mark.parametrize("until", [date(2026, 1, 14), date(2027, 2, 1)])
def test_a_day_that_is_none_is_refused(owner, nadia, until):
    make.piece(by=owner)
    with pytest.raises(DayImpossible):
        keep(owner, nadia, until=until)
    assert stock.where("R-1")[0] == "in_stock"


def test_what_was_sold_is_not_kept(owner, nadia):
    make.piece(by=owner)
    mark_sold(pieces=locked(), by=owner, at=NOW, reference="1-000001")
    with pytest.raises(PieceNotForSale):
        keep(owner, nadia)
    assert not Reservation.objects.exists()


def test_it_is_let_go_by_hand_once(owner, nadia):
    ring = make.piece(by=owner)
    keep(owner, nadia)

    let_go(tag="R-1", by=owner, at=NOW)

    assert stock.where("R-1")[0] == "in_stock"
    assert stock.kinds(ring) == ["taken_in", "reserved", "released"]
    with pytest.raises(NotReserved, match="R-1 is not reserved for anybody"):
        let_go(tag="R-1", by=owner, at=NOW)


def test_what_lies_aside_for_a_document_is_not_let_go_here(owner):
    make.piece(by=owner)
    reserve(pieces=locked(), by=owner, at=NOW, reference="1-D000001")
    with pytest.raises(NotReserved):
        let_go(tag="R-1", by=owner, at=NOW)
    with pytest.raises(
        PieceNotForSale, match=r"R-1 is reserved\. Take it off the bill, or release"
    ):
        demand_for_sale(locked())


def test_its_day_ends_it(shop, owner, nadia):
    make.piece(by=owner)
    make.piece(by=owner, tag="R-2")
    made = keep(owner, nadia)
    keep(owner, nadia, tag="R-2", until=date(2026, 1, 21))
    late = NOW + timedelta(days=5)

    assert expire(shop=shop, at=late) == []
    freed = expire(shop=shop, at=late + timedelta(days=1))

    assert [piece.tag for piece in freed] == ["R-1"]
    made.refresh_from_db()
    assert (made.ending, made.ended_by) == ("expired", None)
    assert stock.where("R-1")[0] == "in_stock"
    assert stock.where("R-2")[0] == "reserved"
    assert expire(shop=shop, at=late + timedelta(days=1)) == []


def test_a_reserved_piece_that_is_written_off_is_kept_no_more(owner, nadia):
    make.piece(by=owner)
    made = keep(owner, nadia)
    write_off(pieces=locked(), by=owner, at=NOW, reference="1-WO000001")
    made.refresh_from_db()
    assert made.ending == "released"
