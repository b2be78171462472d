"""Sales that are held: they keep their pieces, wait at any till, and are finished once."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.inventory.models import Piece
from apps.sales.held_list import held_list
from apps.sales.held_refusals import (
    CashInOtherDrawer,
    HeldSalePaid,
    NothingToHold,
    PieceHeld,
    SaleNotHeld,
    SaleOnHold,
)
from apps.sales.models import OpenSale, Sale, TenderKind
from apps.sales.open_sales import held_count
from apps.sales.refusals import SaleNotOpen
from apps.sales.services.counter import take_off
from apps.sales.services.customer import Customer, name_customer
from apps.sales.services.finish import Seen, finish
from apps.sales.services.hold import discard, hold
from apps.shops.models import Branch, Register
from tests import make
from tests.sales.desks import Desk, minutes


@pytest.fixture
def desk(clerk):
    return Desk(Register.objects.get(), clerk)


@pytest.fixture
def second(desk, clerk):
    till = Register.objects.create(branch=desk.till.branch, code="2", name="Till 2")
    return Desk(till, clerk)


@pytest.fixture
def stock(shop, clerk):
    make.rate(of=shop)
    for tag in ("R-1", "R-2", "R-3"):
        make.piece(by=clerk, tag=tag)


class TestHolding:
    def test_clears_the_counter_and_keeps_the_pieces(self, stock, desk, second):
        desk.put_on("R-1")
        desk.hold(minutes(1))

        assert desk.now().open_sale is None
        with pytest.raises(PieceHeld) as refusal:
            second.put_on("R-1", minutes(2))
        assert "R-1 is held for R-1 on Till 1 since" in str(refusal.value)
        with pytest.raises(PieceHeld):
            desk.put_on("R-1", minutes(2))

    def test_is_named_by_its_customer(self, stock, desk, clerk):
        desk.put_on("R-1")
        name_customer(
            customer=Customer(name="Nadia Rahman"), register=desk.till, by=clerk, at=make.NOON
        )
        desk.hold()

        with pytest.raises(PieceHeld, match="held for Nadia Rahman on Till 1"):
            desk.put_on("R-1")

    def test_holds_several_of_one_till(self, stock, desk):
        for number in (1, 2, 3):
            desk.put_on(f"R-{number}")
            desk.hold(minutes(number))

        assert held_count(branch=desk.till.branch) == 3
        assert OpenSale.objects.filter(register=desk.till).count() == 3

    def test_lets_one_sale_at_a_time_be_worked_on(self, stock, desk, clerk):
        desk.put_on("R-1")

        with pytest.raises(IntegrityError, match="sales_opensale_register"), transaction.atomic():
            OpenSale.objects.create(register=desk.till, opened_at=make.NOON, opened_by=clerk)

    def test_done_again_changes_nothing(self, stock, desk, clerk):
        desk.put_on("R-1")
        sale = desk.hold(minutes(1))

        again = hold(key=sale.key, register=desk.till, by=clerk, at=minutes(9))

        assert (again.pk, again.held_at) == (sale.pk, minutes(1))

    def test_refuses_nothing_and_what_is_not_there(self, stock, desk, clerk):
        line = desk.put_on("R-1")
        take_off(line=line.pk, register=desk.till)

        with pytest.raises(NothingToHold):
            desk.hold()
        with pytest.raises(SaleNotOpen):
            hold(key=uuid4(), register=desk.till, by=clerk, at=make.NOON)

    def test_refuses_a_piece_that_another_held_sale_keeps(self, stock, desk, second):
        desk.put_on("R-1")
        second.put_on("R-1")
        desk.hold()

        assert "is held for" in second.now().lines[0].trouble
        assert not second.now().ready
        with pytest.raises(PieceHeld):
            second.hold()


class TestFinishing:
    def test_a_held_sale_is_not_finished(self, stock, desk, clerk):
        desk.put_on("R-1")
        desk.pay()
        now = desk.now()
        desk.hold()

        with pytest.raises(SaleOnHold):
            finish(
                key=now.open_sale.key,
                shown=Seen(pieces=now.pieces_seen, total=now.total),
                register=desk.till,
                by=clerk,
                at=make.NOON,
            )
        assert not Sale.objects.exists()

    def test_its_own_key_finishes_it_once_wherever_it_went(self, stock, desk, second):
        desk.put_on("R-1")
        held = desk.hold()
        second.resume(held)
        second.pay()

        done = second.finish()
        again = second.finish(key=held.key) if second.now().open_sale else None

        assert again is None
        assert done.sale.register == second.till
        seen = Seen(pieces="", total=Decimal(0))
        once_more = finish(
            key=held.key, shown=seen, register=second.till, by=second.clerk, at=make.NOON
        )
        assert once_more.sale.pk == done.sale.pk
        assert Sale.objects.count() == 1

    def test_a_piece_of_a_held_sale_is_sold_by_nobody_else(self, stock, desk, second):
        second.put_on("R-1")
        second.pay()
        desk.put_on("R-1")
        desk.hold()

        now = second.now()
        with pytest.raises(PieceHeld), transaction.atomic():
            finish(
                key=now.open_sale.key,
                shown=Seen(pieces=str(now.kept[0].pk), total=make.RING_TOTAL),
                register=second.till,
                by=second.clerk,
                at=make.NOON,
            )
        assert Piece.objects.get(tag="R-1").state == "in_stock"
        assert not Sale.objects.exists()


class TestResuming:
    def test_brings_it_to_any_till_of_the_branch(self, stock, desk, second):
        desk.put_on("R-1")
        held = desk.hold()

        second.resume(held)

        assert [line.tag for line in second.now().kept] == ["R-1"]
        assert desk.now().open_sale is None
        assert held_count(branch=desk.till.branch) == 0

    def test_holds_what_lies_on_the_counter_first(self, stock, desk):
        desk.put_on("R-1")
        first = desk.hold(minutes(1))
        desk.put_on("R-2", minutes(2))

        desk.resume(first, minutes(3))

        assert [line.tag for line in desk.now().kept] == ["R-1"]
        waiting = held_list(shop=desk.clerk.shop, branch=desk.till.branch, at=minutes(4))
        assert [(row.tags, row.held_at) for row in waiting] == [(("R-2",), minutes(3))]

    def test_throws_an_empty_sale_of_the_till_away(self, stock, desk):
        desk.put_on("R-1")
        first = desk.hold()
        line = desk.put_on("R-2")
        take_off(line=line.pk, register=desk.till)

        desk.resume(first)

        assert OpenSale.objects.count() == 1

    def test_tells_where_it_went_meanwhile(self, stock, desk, second):
        desk.put_on("R-1")
        held = desk.hold()
        second.resume(held)

        with pytest.raises(SaleNotHeld, match="resumed on Till 2"):
            desk.resume(held)

    def test_leaves_cash_in_the_drawer_that_took_it(self, stock, desk, second):
        desk.put_on("R-1")
        desk.pay()
        held = desk.hold()

        with pytest.raises(CashInOtherDrawer, match="drawer of Till 1"):
            second.resume(held)
        assert desk.resume(held).held_at is None

    def test_takes_a_card_payment_along(self, stock, desk, second):
        desk.put_on("R-1")
        desk.pay(kind=TenderKind.CARD)

        second.resume(desk.hold())

        assert second.now().ready

    def test_is_not_for_another_branch(self, stock, desk, clerk):
        other = Branch.objects.create(name="Airport")
        till = Register.objects.create(branch=other, code="9", name="Airport till")
        desk.put_on("R-1")
        held = desk.hold()

        with pytest.raises(SaleNotHeld):
            Desk(till, clerk).resume(held)

    def test_shows_a_piece_that_was_sold_in_between(self, stock, desk, second):
        second.put_on("R-1")
        second.pay()
        second.finish()
        desk.put_on("R-2")
        held = desk.hold()
        Piece.objects.filter(tag="R-2").update(state="sold")

        desk.resume(held)

        assert desk.now().unsold


class TestDiscarding:
    def test_frees_the_pieces(self, stock, desk, second):
        desk.put_on("R-1")
        held = desk.hold()

        discard(pk=held.pk, register=desk.till)

        assert second.put_on("R-1")
        with pytest.raises(SaleNotHeld):
            discard(pk=held.pk, register=desk.till)

    def test_refuses_one_with_payments(self, stock, desk):
        desk.put_on("R-1")
        desk.pay(kind=TenderKind.CARD)
        held = desk.hold()

        with pytest.raises(HeldSalePaid):
            discard(pk=held.pk, register=desk.till)

    def test_refuses_one_that_is_worked_on(self, stock, desk):
        desk.put_on("R-1")

        with pytest.raises(SaleNotHeld):
            discard(pk=desk.now().open_sale.pk, register=desk.till)


def test_the_list_says_name_till_pieces_and_total(stock, desk, clerk):
    desk.put_on("R-1")
    desk.put_on("R-2", minutes(1))
    desk.hold(minutes(2))

    (row,) = held_list(shop=clerk.shop, branch=desk.till.branch, at=minutes(3))

    assert (row.name, row.till, row.tags) == ("Ring", "Till 1", ("R-1", "R-2"))
    assert row.total == make.RING_TOTAL * 2
    assert row.paid == 0
