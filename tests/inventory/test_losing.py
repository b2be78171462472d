"""Pieces are written off and found again: paper, permission, books."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.inventory.models import Ownership, Piece, StockDocument
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.losing import find, lose
from apps.inventory.services.numbers import KeyOfAnother
from apps.inventory.services.steps import PieceElsewhere
from apps.inventory.services.writing_off import write_off
from apps.ledger import chart
from apps.ledger.models import Entry, Posting
from apps.shops.approvals import (
    ApprovalNeeded,
    Approver,
    NotAllowed,
    ReasonMissing,
    Rule,
    set_pin,
    set_rules,
)
from apps.shops.models import Action, Approval, Role
from tests import make
from tests.inventory import stock
from tests.inventory.owned import not_ours

NOW = make.NOON + timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("scope")


def lost(owner, *tags, key="k-1", reason="Not in the tray", **named):
    return lose(tags=tags or ["R-1"], reason=reason, by=owner, at=NOW, key=key, **named)


def balance(account):
    sums = {}
    for posting in Posting.objects.filter(account=account):
        sums[posting.commodity] = sums.get(posting.commodity, Decimal(0)) + posting.amount
    return {commodity: amount for commodity, amount in sums.items() if amount}


class TestLose:
    def test_takes_it_out_of_the_stock_and_of_the_books(self, owner):
        ring = make.piece(by=owner)
        paper = lost(owner)

        assert paper.code == "1-WO000001"
        assert stock.where("R-1") == ("lost", None)
        assert stock.kinds(ring) == ["taken_in", "lost"]
        assert balance(chart.STOCK) == {}
        assert balance(chart.SHRINKAGE) == {"AED": Decimal(500), "gold": Decimal("9.160")}
        assert Approval.objects.get().reference == "1-WO000001"

    def test_sent_twice_it_writes_off_once(self, owner):
        make.piece(by=owner)

        assert lost(owner) == lost(owner)
        assert Entry.objects.filter(what="write-off").count() == 1

    def test_a_key_of_another_paper_is_refused(self, owner):
        make.piece(by=owner)
        lost(owner)
        with pytest.raises(KeyOfAnother):
            find(tags=["R-1"], place=stock.place(), reason="x", by=owner, at=NOW, key="k-1")

    def test_needs_a_reason(self, owner):
        make.piece(by=owner)
        with pytest.raises(ReasonMissing):
            lost(owner, reason=" ")
        assert stock.where("R-1") == ("in_stock", None)
        assert not StockDocument.objects.exists()

    def test_a_clerk_may_not(self, clerk, owner):
        make.piece(by=owner)
        with pytest.raises(NotAllowed):
            lost(clerk)
        assert stock.where("R-1") == ("in_stock", None)

    def test_above_the_limit_a_second_person_says_yes(self, shop, clerk, owner):
        make.piece(by=owner)
        rule = Rule(roles=tuple(Role.values), limit=Decimal(499))
        set_rules({Action.WRITE_OFF: rule}, by=owner, at=make.NOON)
        with pytest.raises(ApprovalNeeded):
            lost(clerk)
        set_pin(member=owner, pin="4711")

        paper = lost(clerk, approver=Approver(username=owner.user.username, pin="4711"))

        assert Approval.objects.get(reference=paper.code).approved_by == owner

    def test_writes_nothing_off_twice(self, owner):
        make.piece(by=owner)
        lost(owner)
        with pytest.raises(PieceElsewhere, match="R-1 is written off"):
            lost(owner, key="k-2")
        assert StockDocument.objects.count() == 1

    def test_posts_nothing_for_what_is_not_ours(self, owner):
        not_ours("M-1", by=owner)
        lost(owner, "M-1")

        assert stock.where("M-1") == ("lost", None)
        assert balance(chart.SHRINKAGE) == {}
        assert Approval.objects.get().amount == 0


class TestFind:
    def test_brings_it_back_into_a_place_and_the_books(self, owner):
        ring, tray = make.piece(by=owner), stock.place()
        lost(owner)

        paper = find(tags=["R-1"], place=tray, reason="Lay under", by=owner, at=NOW, key="k-2")

        assert paper.code == "1-FA000001"
        assert stock.where("R-1") == ("in_stock", "Tray 7")
        assert stock.kinds(ring) == ["taken_in", "lost", "found"]
        assert balance(chart.SHRINKAGE) == {}
        assert balance(chart.STOCK) == {"AED": Decimal(500), "gold": Decimal("9.160")}

    def test_only_what_was_written_off_is_found(self, owner):
        make.piece(by=owner)
        with pytest.raises(PieceElsewhere, match="R-1 is in stock"):
            find(tags=["R-1"], place=stock.place(), reason="x", by=owner, at=NOW, key="k")


def test_other_documents_write_off_under_their_own_name(owner):
    make.piece(by=owner)
    pieces = [whole.piece for whole in whole_pieces(tags=["R-1"], to_change=True)]

    write_off(pieces=pieces, by=owner, at=NOW, reference="1-Q000001", what="count")

    assert Entry.objects.get(what="count").reference == "1-Q000001"
    assert Piece.objects.get().ownership == Ownership.OWNED
