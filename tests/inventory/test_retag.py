"""One tag becomes several, several become one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.typed import parse_grams
from apps.inventory.models import Piece, PieceMetal, PieceOrigin, StockDocument
from apps.inventory.selectors import piece_by_tag, whole_pieces
from apps.inventory.services.new_pieces import NewMetal, NewStone
from apps.inventory.services.retag import (
    Part,
    PartsUnclear,
    StonesDoNotSum,
    WeightsDoNotSum,
    join,
    split,
)
from apps.inventory.services.sell import PieceNotForSale, mark_sold
from apps.inventory.services.writing import TagTaken
from apps.inventory.shares import share_out
from apps.ledger import chart
from apps.ledger.models import Entry
from apps.shops.approvals import NotAllowed, ReasonMissing
from apps.shops.models import Approval
from tests import make
from tests.inventory import stock
from tests.inventory.owned import not_ours
from tests.inventory.test_losing import balance

NOW = make.NOON
scoped = pytest.mark.usefixtures("scope")


def part(net, gross=None, *, stones=(), **named):
    return Part(
        net_g=(parse_grams(net),), gross_g=parse_grams(gross or net), stones=stones, **named
    )


def cut(owner, *parts, tag="R-1", key="k-1", **named):
    return split(tag=tag, parts=parts, by=owner, at=NOW, key=key, **named)


def fine(tag):
    return sum(PieceMetal.objects.filter(piece__tag=tag).values_list("fine_weight_g", flat=True))


@scoped
class TestSplit:
    def test_two_new_tags_share_weight_and_cost_to_the_last_digit(self, owner):
        chain = make.piece(by=owner, place=stock.place())

        paper = cut(owner, part("3.333"), part("6.667"))

        assert paper.code == "1-SP000001"
        assert stock.where("R-1") == ("retagged", None)
        assert stock.where("R-1-1") == stock.where("R-1-2") == ("in_stock", "Tray 7")
        costs = [Piece.objects.get(tag=tag).cost for tag in ("R-1-1", "R-1-2")]
        assert costs == [Decimal("166.65"), Decimal("333.35")]
        assert fine("R-1-1") + fine("R-1-2") == fine("R-1") == Decimal("9.160")
        assert Entry.objects.filter(what="retag").count() == 0
        assert balance(chart.STOCK) == {"AED": Decimal(500), "gold": Decimal("9.160")}
        assert stock.kinds(chain) == ["taken_in", "retagged"]
        new = Piece.objects.get(tag="R-1-1")
        assert (new.arrived_at, new.making_value) == (chain.arrived_at, Decimal(10))

    def test_knows_which_came_from_which(self, owner):
        chain = make.piece(by=owner)
        cut(owner, part("4"), part("6"))
        rows = PieceOrigin.objects.filter(parent=chain).order_by("child__tag")
        assert [row.child.tag for row in rows] == ["R-1-1", "R-1-2"]

    def test_takes_tags_that_were_written_and_never_one_twice(self, owner):
        make.piece(by=owner)
        make.piece(by=owner, tag="R-1-1")
        cut(owner, part("4", tag="NEW-1"), part("6"))
        assert stock.where("NEW-1")[0] == stock.where("R-1-2")[0] == "in_stock"
        make.piece(by=owner, tag="R-5")
        with pytest.raises(TagTaken, match="Tag R-1 is already on another piece"):
            cut(owner, part("4", tag="R-1"), part("6"), tag="R-5", key="k-2")
        assert stock.where("R-5")[0] == "in_stock"

    def test_sent_twice_it_splits_once(self, owner):
        make.piece(by=owner)
        assert cut(owner, part("4"), part("6")) == cut(owner, part("4"), part("6"))
        assert Piece.objects.count() == 3

    def test_reads_weights_in_three_scripts(self, owner):
        make.piece(by=owner)
        cut(owner, part("۳٫۳۳۳"), part("٦٫٦٦٧"))
        assert piece_by_tag(tag="R-1-2").net_weight_g == Decimal("6.667")

    def test_a_little_loss_is_posted_without_a_word(self, owner):
        make.piece(by=owner)
        cut(owner, part("3.990"), part("6.000"))
        assert balance(chart.SHRINKAGE) == {"gold": Decimal("0.009")}
        assert fine("R-1-1") + fine("R-1-2") == Decimal("9.151")
        assert balance(chart.STOCK)["gold"] == Decimal("9.151")
        assert not Approval.objects.exists()

    def test_a_large_loss_wants_a_reason_and_the_right(self, owner, clerk):
        make.piece(by=owner)
        with pytest.raises(ReasonMissing):
            cut(owner, part("3"), part("6"))
        with pytest.raises(NotAllowed):
            cut(clerk, part("3"), part("6"), reason="Cut")
        assert stock.where("R-1")[0] == "in_stock"
        paper = cut(owner, part("3"), part("6"), reason="Clasp taken")
        assert Approval.objects.get().reference == paper.code

    def test_a_large_loss_of_one_of_two_metals_is_enough(self, owner):
        silver = NewMetal(metal="silver", fineness=9250, net_weight_g=Decimal(4))
        make.piece(by=owner, metals=(make.gold(net_weight_g="6"), silver))
        parts = [
            Part(net_g=(Decimal(gold), Decimal(2)), gross_g=Decimal(4)) for gold in ("3", "2.5")
        ]
        with pytest.raises(ReasonMissing):
            cut(owner, *parts)
        assert stock.where("R-1")[0] == "in_stock"

    def test_weights_that_grow_are_refused(self, owner):
        make.piece(by=owner)
        with pytest.raises(
            WeightsDoNotSum,
            match=r"^The parts weigh 10\.001 g, and before it was 10\.000 g\. Weigh each again\.$",
        ):
            cut(owner, part("4.001"), part("6"))
        assert not StockDocument.objects.exists()

    @pytest.mark.parametrize("count", [0, 1, 13])
    def test_two_to_twelve_parts(self, owner, count):
        make.piece(by=owner)
        with pytest.raises(PartsUnclear):
            cut(owner, *[part("0.5")] * count)

    def test_a_sold_piece_is_not_split(self, owner):
        make.piece(by=owner)
        pieces = [whole.piece for whole in whole_pieces(tags=["R-1"], to_change=True)]
        mark_sold(pieces=pieces, by=owner, at=NOW, reference="1-000001")
        with pytest.raises(PieceNotForSale, match="R-1 was sold already"):
            cut(owner, part("4"), part("6"))

    def test_stones_go_by_number_and_a_certificate_with_all_of_them(self, owner):
        stones = (
            NewStone(kind="diamond", count=3, carats=Decimal("0.30"), certificate="GIA 1"),
            NewStone(kind="ruby", count=1, carats=Decimal("0.50"), certificate="GRS 2"),
        )
        make.piece(
            by=owner, metals=(make.gold(net_weight_g="9"),), gross_weight_g=Decimal("9.16"),
            stones=stones, hallmark="HUID1", hallmark_fee=Decimal(5),
        )  # fmt: skip

        cut(owner, part("4", "4.02", stones=(1, 0)), part("5", "5.14", stones=(2, 1)))

        one, two = piece_by_tag(tag="R-1-1"), piece_by_tag(tag="R-1-2")
        assert [(s.kind, s.count, s.carats, s.certificate) for s in one.stones] == [
            ("diamond", 1, Decimal("0.10000"), "")
        ]
        assert [(s.kind, s.count, s.carats, s.certificate) for s in two.stones] == [
            ("diamond", 2, Decimal("0.20000"), ""),
            ("ruby", 1, Decimal("0.50000"), "GRS 2"),
        ]
        # A hallmark ends with its tag.
        assert (one.piece.hallmark, one.piece.hallmark_fee) == ("", None)
        assert "grs 2" in two.piece.search_text

    def test_stones_that_do_not_sum_are_refused(self, owner):
        make.piece(
            by=owner, metals=(make.gold(net_weight_g="9"),),
            stones=(NewStone(kind="ruby", count=2, carats=Decimal(1)),),
        )  # fmt: skip
        with pytest.raises(StonesDoNotSum, match="ruby: there are 2, and the parts have 3"):
            cut(owner, part("4", "4.5", stones=(1,)), part("5", "5.5", stones=(2,)))

    def test_what_is_not_ours_stays_its_owners(self, owner):
        piece = not_ours("M-1", by=owner)
        cut(owner, part("4"), part("5.99"), tag="M-1")
        child = Piece.objects.get(tag="M-1-1")
        assert (child.ownership, child.owner) == ("memo_in", piece.owner)
        assert not Entry.objects.exists()


@scoped
class TestJoin:
    def put_together(self, owner, **named):
        return join(tags=["R-1", "R-2"], by=owner, at=NOW, key="k-1", **named)

    def test_one_new_tag_holds_what_they_held(self, owner):
        make.piece(by=owner, metals=(make.gold(net_weight_g="3.333"),))
        make.piece(by=owner, tag="R-2", cost=Decimal("200.50"))

        paper = self.put_together(owner, name="Pair", tag="SET-1")

        assert paper.code == "1-JN000001"
        pair = piece_by_tag(tag="SET-1")
        assert (pair.piece.name, pair.piece.cost) == ("Pair", Decimal("700.50"))
        assert pair.net_weight_g == Decimal("13.333")
        assert pair.piece.gross_weight_g == Decimal(20)
        assert fine("SET-1") == fine("R-1") + fine("R-2")
        assert stock.where("R-2") == ("retagged", None)
        assert not Entry.objects.filter(what="retag").exists()

    def test_metals_of_two_finenesses_stay_apart(self, owner):
        make.piece(by=owner)
        make.piece(by=owner, tag="R-2", metals=(make.gold(fineness="750"),))
        self.put_together(owner)
        assert [m.fineness for m in piece_by_tag(tag="R-1-1").metals] == [9160, 7500]

    def test_what_belongs_to_others_is_not_joined_with_ours(self, owner):
        make.piece(by=owner)
        not_ours("R-2", by=owner)
        with pytest.raises(PartsUnclear, match="do not belong to the same owner"):
            self.put_together(owner)

    def test_one_piece_is_not_joined_with_itself(self, owner):
        make.piece(by=owner)
        with pytest.raises(PartsUnclear, match="Two to 12 tags are joined"):
            join(tags=["R-1", "r-1"], by=owner, at=NOW, key="k-1")

    def test_a_split_and_a_join_come_back_to_the_same(self, owner):
        make.piece(by=owner, metals=(NewMetal(metal="gold", fineness=7500,
                   net_weight_g=Decimal("9.999")),))  # fmt: skip
        before = balance(chart.STOCK)
        cut(owner, part("3.333"), part("3.333"), part("3.333"))
        join(tags=["R-1-1", "R-1-2", "R-1-3"], by=owner, at=NOW, key="k-2", tag="AGAIN")
        assert fine("AGAIN") == fine("R-1")
        assert Piece.objects.get(tag="AGAIN").cost == Decimal(500)
        assert balance(chart.STOCK) == before


@given(
    amount=st.decimals(0, 10**6, places=3),
    weights=st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=12),
)
def test_what_is_shared_out_adds_up_and_none_is_below_zero(amount, weights):
    parts = share_out(amount, weights, Decimal("0.001"))
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    assert not any(part for part, weight in zip(parts, weights, strict=True) if not weight) or not (
        any(weights)
    )


@pytest.mark.django_db(transaction=True)
def test_two_who_split_one_piece_split_it_once():
    from apps.shops.scope import shop_scope

    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.piece(by=owner)

    told = stock.at_once(
        shop,
        lambda: cut(owner, part("4"), part("6"), key="a"),
        lambda: cut(owner, part("5"), part("5"), key="b"),
    )

    assert [type(each) for each in told if isinstance(each, Exception)] == [PieceNotForSale]
    with shop_scope(shop.pk):
        assert Piece.objects.count() == 3
        assert balance(chart.STOCK)["gold"] == Decimal("9.160")
