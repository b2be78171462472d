"""A piece is described or weighed anew."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.inventory.models import Movement, Piece, PieceChange, PieceMetal
from apps.inventory.selectors import piece_by_tag, whole_pieces
from apps.inventory.services.editing import (
    ChangedMeanwhile,
    edit,
    terms_of,
    version_of,
)
from apps.inventory.services.moving import OtherBranch, PlaceClosed, move
from apps.inventory.services.new_pieces import NewMetal, NewStone, PieceImpossible
from apps.inventory.services.places import close_place
from apps.inventory.services.retag import Part, split
from apps.inventory.services.sell import mark_sold
from apps.inventory.services.steps import PieceElsewhere
from apps.ledger import chart
from apps.ledger.models import Entry
from apps.shops.approvals import NotAllowed, ReasonMissing
from apps.shops.models import Approval
from tests import make
from tests.inventory import stock
from tests.inventory.owned import not_ours
from tests.inventory.test_losing import balance

pytestmark = pytest.mark.usefixtures("scope")
NOW = make.NOON


def change(owner, *, tag="R-1", reason="Weighed again", version=None, **terms):
    whole = piece_by_tag(tag=tag)
    return edit(
        tag=tag,
        terms=replace(terms_of(whole), **terms),
        version=version_of(whole.piece) if version is None else version,
        by=owner,
        at=NOW,
        reason=reason,
    )


def metal(net, fineness=9160):
    return (NewMetal(metal="gold", fineness=fineness, net_weight_g=Decimal(net)),)


def test_a_description_is_changed_without_a_reason_and_found_under_its_new_words(owner):
    ring = make.piece(by=owner)

    change(owner, name="Rose ring", hallmark="HUID77", reason="")

    ring.refresh_from_db()
    assert (ring.name, ring.search_text) == ("Rose ring", "r-1 rose ring ring huid77")
    assert stock.kinds(ring) == ["taken_in", "changed"]
    assert list(PieceChange.objects.order_by("field").values_list("field", "before", "after")) == [
        ("hallmark", "", "HUID77"),
        ("name", "Ring", "Rose ring"),
    ]
    assert not Approval.objects.exists()
    assert not Entry.objects.exclude(what="intake").exists()


def test_a_weight_moves_the_fine_grams_of_the_books(owner):
    make.piece(by=owner)

    change(owner, metals=metal("9.5"))

    assert balance(chart.STOCK) == {"AED": Decimal(500), "gold": Decimal("8.702")}
    assert balance(chart.SHRINKAGE) == {"gold": Decimal("0.458")}
    assert Entry.objects.get(what="piece-changed").reference == "R-1"
    assert Approval.objects.get().reason == "Weighed again"
    assert Piece.objects.get().made_of == "gold"


def test_another_metal_and_another_cost_are_posted_too(owner):
    make.piece(by=owner)
    silver = NewMetal(metal="silver", fineness=9250, net_weight_g=Decimal(10))

    change(owner, metals=(silver,), cost=Decimal(450))

    assert balance(chart.STOCK) == {"AED": Decimal(450), "silver": Decimal("9.250")}
    assert Piece.objects.get().made_of == "silver"


def test_fine_grams_that_a_split_shared_out_stay_while_the_weight_stays(owner):
    """Typed in again, 3.333 g of 750 are 2.500 g fine; the split gave the last part 2.499 g."""
    make.piece(by=owner, metals=metal("9.999", 7500))
    third = Part(net_g=(Decimal("3.333"),), gross_g=Decimal("3.333"))
    split(tag="R-1", parts=[third] * 3, by=owner, at=NOW, key="k-1")
    tags = ["R-1-1", "R-1-2", "R-1-3"]

    for tag in tags:
        change(owner, tag=tag, metals=metal("3.333", 7500), making_value=Decimal(7))

    assert balance(chart.STOCK) == {"AED": Decimal(500), "gold": Decimal("7.499")}
    assert not Entry.objects.filter(what="piece-changed").exists()
    held = PieceMetal.objects.filter(piece__tag__in=tags).values_list("fine_weight_g", flat=True)
    assert sum(held) == Decimal("7.499")


def test_stones_and_their_certificates_are_searched_for(owner):
    ring = make.piece(by=owner, metals=metal("9"))
    stones = (NewStone(kind="diamond", carats=Decimal("0.5"), certificate="GIA 77"),)

    change(owner, stones=stones)

    ring.refresh_from_db()
    assert "gia 77" in ring.search_text
    assert piece_by_tag(tag="R-1").stones[0].carats == Decimal("0.5")


def test_what_is_not_ours_is_not_posted(owner):
    not_ours("M-1", by=owner)
    change(owner, tag="M-1", metals=metal("9.5"), cost=Decimal(1))
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "terms", [{"metals": metal("9.5")}, {"making_value": Decimal(1)}, {"cost": Decimal(1)}]
)
def test_a_term_wants_a_reason_and_the_right(owner, clerk, terms):
    ring = make.piece(by=owner)

    with pytest.raises(ReasonMissing):
        change(owner, reason=" ", **terms)
    with pytest.raises(NotAllowed):
        change(clerk, **terms)
    assert stock.kinds(ring) == ["taken_in"]


def test_nothing_changed_is_nothing_written(owner):
    ring = make.piece(by=owner)
    change(owner, reason="", version=0)
    assert stock.kinds(ring) == ["taken_in"]


def test_the_second_clerk_hears_who_was_first(owner):
    make.piece(by=owner)
    version = version_of(Piece.objects.get())
    change(owner, name="Rose ring")

    with pytest.raises(
        ChangedMeanwhile,
        match=rf"^{owner.user} did something with R-1 today 12:00\. Look at it again",
    ):
        change(owner, version=version, name="Tulip ring")
    assert Piece.objects.get().name == "Rose ring"
    # The form of the first, sent twice, has nothing more to change.
    change(owner, version=version, name="Rose ring")


def test_a_move_is_seen_by_who_changes_the_place(owner):
    make.piece(by=owner)
    version = version_of(Piece.objects.get())
    move(tags=["R-1"], place=stock.place(), by=owner, at=NOW)
    with pytest.raises(ChangedMeanwhile):
        change(owner, version=version, place=stock.place("Safe", kind="safe"))


def test_what_was_sold_stays_as_it_was(owner):
    make.piece(by=owner)
    pieces = [whole.piece for whole in whole_pieces(tags=["R-1"], to_change=True)]
    mark_sold(pieces=pieces, by=owner, at=NOW, reference="1-000001")
    with pytest.raises(PieceElsewhere, match="R-1 is sold"):
        change(owner, name="x")


def test_what_no_piece_can_be_is_refused(owner):
    make.piece(by=owner)
    with pytest.raises(PieceImpossible, match=r"Net 11 g is more than gross 10\.000 g"):
        change(owner, metals=metal("11"))
    assert Movement.objects.count() == 1


def test_the_tag_stays(owner):
    make.piece(by=owner)
    change(owner, tag="R-1", name="Other")
    whole = piece_by_tag(tag="R-1")
    edit(
        tag="R-1",
        terms=replace(terms_of(whole), tag="R-2", name="Third"),
        version=version_of(whole.piece),
        by=owner,
        at=NOW,
    )
    assert Piece.objects.get().tag == "R-1"


def test_a_piece_gets_into_another_branch_by_a_parcel_alone(owner):
    make.piece(by=owner, place=stock.place("Tray 1"))
    far = stock.place(branch=stock.second_branch())

    with pytest.raises(OtherBranch, match="Send it with a transfer"):
        change(owner, place=far)

    assert stock.where("R-1") == ("in_stock", "Tray 1")


def test_a_piece_is_not_put_into_a_place_that_was_closed_since_it_was_chosen(owner):
    make.piece(by=owner)
    tray = stock.place("Tray 1")
    close_place(place=tray.pk, at=NOW)

    with pytest.raises(PlaceClosed):
        change(owner, place=tray)
