"""Printing tags: who may, what is remembered, what the printer gets."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from apps.core.paper.network import PrinterSilent
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import PieceNotFound
from apps.labels.models import LabelTemplate, PrintWay, TagPrint
from apps.labels.selectors import copies_of, without_tag
from apps.labels.services.printing import (
    NothingToPrint,
    PieceHasNoTag,
    TooManyTags,
    print_tags,
)
from apps.labels.services.templates import templates_to_choose
from apps.shops.approvals import ApprovalNeeded, Approver, ReasonMissing, set_pin
from apps.shops.models import Action, Approval, Member, Register
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.models import Printer, PrinterUse
from apps.till.printing import NoPrinter
from tests import make
from tests.labels.printers import printer_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scope")]


@pytest.fixture
def ring(owner):
    return make.piece(by=owner, tag="R10482", name="انگشتر یاقوت", hallmark="AB12CD")


@pytest.fixture
def barbell(shop):
    return templates_to_choose(shop)[0]


@pytest.fixture
def printed(barbell, owner, ring):
    def printed(tags=("R10482",), by=owner, way=PrintWay.FILE, **more):
        register = Register.objects.get()
        return print_tags(
            tags=tags, template=barbell, way=way, register=register, by=by, at=make.NOON, **more
        )

    return printed


class TestFirstTag:
    def test_is_remembered_with_who_and_when(self, printed, owner, ring):
        made = printed()
        (one,) = TagPrint.objects.all()
        assert (one.piece_id, one.copy, one.printed_by_id, one.way) == (
            ring.pk,
            1,
            owner.pk,
            "file",
        )
        assert one.approval is None
        assert made.tags == 1
        assert made.data.startswith(b"~SD20\n^XA")

    def test_says_nothing_of_the_cost(self, printed, ring):
        Piece.objects.filter(pk=ring.pk).update(cost=Decimal("98765.43"))
        assert b"98765" not in printed().data

    def test_the_same_tag_twice_in_a_list_is_printed_once(self, printed):
        assert printed(tags=["R10482", "R10482"]).tags == 1

    def test_pieces_without_a_tag_are_those_never_printed(self, printed, owner):
        make.piece(by=owner, tag="R2")
        assert set(without_tag().tags) == {"R10482", "R2"}
        printed()
        assert without_tag().tags == ["R2"]


class TestRefused:
    def test_an_empty_list_and_a_long_one(self, printed):
        with pytest.raises(NothingToPrint):
            printed(tags=[])
        with pytest.raises(TooManyTags):
            printed(tags=[f"R{n}" for n in range(201)])

    def test_a_tag_nobody_has_refuses_all_of_them(self, printed):
        with pytest.raises(PieceNotFound):
            printed(tags=["R10482", "R9\x00"])
        assert not TagPrint.objects.exists()

    def test_a_piece_that_was_sold(self, printed, ring):
        Piece.objects.filter(pk=ring.pk).update(state=PieceState.LOST, place=None)
        with pytest.raises(PieceHasNoTag) as refused:
            printed()
        assert "R10482" in str(refused.value)

    def test_a_tag_of_another_shop_is_no_tag(self, printed):
        other = make.shop(name="Zar")
        with pytest.raises(PieceNotFound), shop_scope(other.pk):
            printed(by=make.member(of=other))


class TestReprint:
    def test_wants_a_reason(self, printed):
        printed()
        with pytest.raises(ReasonMissing):
            printed(reason=" ")
        assert copies_of(["R10482"]) == {"R10482": 1}

    def test_of_a_clerk_wants_a_second_person_where_the_shop_says_so(self, printed, shop, owner):
        always = {Action.REPRINT.value: {"limit": "0"}}
        set_policy("approvals", always, by=owner, at=make.NOON)
        printed()
        clerk = make.member(of=shop, role="salesperson")
        with pytest.raises(ApprovalNeeded):
            printed(by=clerk, reason="torn")
        set_pin(member=Member.objects.get(pk=owner.pk), pin="2580")
        approver = Approver(username=owner.user.username, pin="2580")
        printed(by=clerk, reason="torn", approver=approver)
        again = TagPrint.objects.get(copy=2)
        assert again.approval.approved_by_id == owner.pk
        assert again.approval.action == Action.REPRINT
        assert again.approval.reason == "torn"

    def test_one_permission_covers_a_list(self, printed, owner):
        make.piece(by=owner, tag="R2")
        make.piece(by=owner, tag="R3")
        printed(tags=["R10482", "R2"])
        made = printed(tags=["R10482", "R2", "R3"], reason="ultrasonic bath")
        assert made.again == 2
        (permission,) = Approval.objects.filter(action=Action.REPRINT)
        assert permission.reference == "R10482 +1"
        assert TagPrint.objects.get(piece__tag="R3").approval is None

    def test_is_never_changed_by_the_serving_role(self, printed):
        printed()
        with pytest.raises(ProgrammingError), transaction.atomic():
            TagPrint.objects.update(copy=5)
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM labels_tagprint")


class TestPrinter:
    def test_gets_the_file(self, printed, label_printer):
        made = printed(way=PrintWay.PRINTER)
        assert label_printer.received() == made.data
        assert TagPrint.objects.get().way == "printer"

    def test_that_is_off_leaves_nothing_printed(self, printed):
        Printer.objects.create(
            register=Register.objects.get(), use=PrinterUse.LABEL, host="127.0.0.77", port=9107
        )
        with pytest.raises(PrinterSilent) as refused, transaction.atomic():
            printed(way=PrintWay.PRINTER)
        assert "127.0.0.77:9107" in str(refused.value)
        assert not TagPrint.objects.exists()

    def test_that_nobody_named_is_said(self, printed):
        with pytest.raises(NoPrinter) as refused, transaction.atomic():
            printed(way=PrintWay.PRINTER)
        assert "Till 1" in str(refused.value)
        assert not TagPrint.objects.exists()


@pytest.fixture
def label_printer():
    with printer_at() as printer:
        Printer.objects.create(
            register=Register.objects.get(),
            use=PrinterUse.LABEL,
            host=printer.host,
            port=printer.port,
        )
        yield printer


class TestTemplates:
    def test_a_shop_begins_with_two(self, shop):
        assert [one.stock for one in templates_to_choose(shop)] == ["barbell", "rat_tail"]
        assert [one.pk for one in templates_to_choose(shop)] == [
            one.pk for one in LabelTemplate.objects.order_by("-is_usual", "name")
        ]
