"""A part of a lot becomes a piece at average cost, and goes back: moves, balances and books."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.sell import mark_sold
from apps.inventory.services.steps import PieceElsewhere
from apps.inventory.services.take_in import TagTaken
from apps.ledger.models import Posting
from apps.lots.models import Lot, LotMove
from apps.lots.selectors import fine_of, held_by, sum_of_moves
from apps.lots.services import draw, put_back, take_more, write_off
from apps.lots.services.drawing import NotOfALot, NotWholeAnyMore
from apps.lots.services.writing import LotHoldsLess, QuantityImpossible
from apps.shops.scope import shop_scope
from tests import make
from tests.lots import lots


def books(account, commodity):
    found = Posting.objects.filter(account=account, commodity=commodity)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def part(lot, *, by, pieces=0, grams="0", carats="0", **more):
    return draw(
        lot=lot,
        grams=Decimal(grams),
        pieces=pieces,
        carats=Decimal(carats),
        by=by,
        at=make.NOON,
        **more,
    )


@pytest.mark.usefixtures("scope")
class TestDraw:
    def test_makes_a_piece_of_a_chain_at_average_cost(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="100", cost="3000")

        piece = part(lot, by=owner, grams="7.350")

        whole = piece_by_tag(tag="CH1-1")
        lot.refresh_from_db()
        assert whole.piece == piece
        assert (piece.cost, piece.making_mode, piece.making_value) == (
            Decimal("220.50"), "per_gram", Decimal(5),
        )  # fmt: skip
        assert whole.net_weight_g == Decimal("7.350")
        assert (lot.grams, lot.cost) == (Decimal("92.650"), Decimal("2779.50"))
        assert books("lots", "AED") == Decimal("2779.50")
        assert books("stock", "AED") == Decimal("220.50")
        assert books("opening", "AED") == Decimal(-3000)

    def test_the_last_part_takes_the_rest_of_the_cost_and_of_the_fine_grams(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="10.001", cost="100")

        for grams in ("3.333", "3.333", "3.335"):
            part(lot, by=owner, grams=grams)

        lot.refresh_from_db()
        assert (lot.grams, lot.cost) == (0, 0)
        assert [p.cost for p in Piece.objects.order_by("pk")] == [
            Decimal("33.33"), Decimal("33.33"), Decimal("33.34"),
        ]  # fmt: skip
        assert books("lots", "AED") == 0
        assert books("lots", "gold") == 0
        # 7.501 fine came in; three roundings made 2.500 + 2.500 + 2.501.
        assert books("stock", "gold") + books("shrinkage", "gold") == Decimal("7.501")

    def test_books_hold_the_fine_grams_of_the_whole_lot_after_every_part(self, owner):
        lot = lots.filled(lots.chain(by=owner, fineness="916"), by=owner, grams="50.007")

        for grams in ("1.117", "2.229", "0.333", "4.441"):
            part(lot, by=owner, grams=grams)
            lot.refresh_from_db()
            assert books("lots", "gold") == fine_of(lot)

        in_pieces = sum(
            (whole.metals[0].fine_weight_g for n in range(1, 5)
             for whole in [piece_by_tag(tag=f"CH1-{n}")]), Decimal(0),
        )  # fmt: skip
        assert books("stock", "gold") == in_pieces

    def test_a_milligram_that_two_roundings_leave_goes_to_lost_and_found(self, owner):
        """1.012 g of 916 are 0.927 fine; 0.006 g are 0.005, the 1.006 g left are 0.921."""
        lot = lots.filled(lots.chain(by=owner, fineness="916"), by=owner, grams="1.012")

        part(lot, by=owner, grams="0.006")

        lot.refresh_from_db()
        assert books("lots", "gold") == fine_of(lot) == Decimal("0.921")
        assert books("stock", "gold") == Decimal("0.005")
        assert books("shrinkage", "gold") == Decimal("0.001")

    def test_stones_become_a_piece_with_the_price_of_their_carats(self, owner):
        lot = lots.filled(lots.melee(by=owner), by=owner, pieces=200, carats="2.50000", cost="500")

        piece = part(lot, by=owner, pieces=10, carats="0.12345")

        whole = piece_by_tag(tag=piece.tag)
        assert piece.fixed_price == Decimal("49.38")  # 400 × 0.12345
        assert piece.gross_weight_g == Decimal("0.025")
        assert (whole.stones[0].count, whole.stones[0].carats) == (10, Decimal("0.12345"))
        assert piece.cost == Decimal("24.69")

    def test_pieces_alone_leave_with_their_average_weight(self, owner):
        lot = lots.filled(
            lots.chain(by=owner, mode="per_piece"), by=owner, pieces=3, grams="1.000", cost="10"
        )

        first = part(lot, by=owner, pieces=1)
        rest = part(lot, by=owner, pieces=2)

        assert first.gross_weight_g == Decimal("0.333")
        assert rest.gross_weight_g == Decimal("0.667")
        assert first.cost + rest.cost == Decimal(10)

    def test_a_tag_may_be_given_and_a_number_that_is_taken_is_passed_over(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="100")
        make.piece(by=owner, tag="CH1-1")

        assert part(lot, by=owner, grams="1", tag="N-9").tag == "N-9"
        assert part(lot, by=owner, grams="1").tag == "CH1-2"
        with pytest.raises(TagTaken), transaction.atomic():
            part(lot, by=owner, grams="1", tag="N-9")
        lot.refresh_from_db()
        assert lot.grams == Decimal(98)

    def test_a_request_sent_twice_draws_once(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="100")

        first = part(lot, by=owner, grams="1", key="k1")
        assert part(lot, by=owner, grams="1", key="k1") == first

        lot.refresh_from_db()
        assert lot.grams == Decimal(99)

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"grams": "100.001"}, LotHoldsLess),
            ({"grams": "0"}, QuantityImpossible),
            ({"grams": "-1"}, QuantityImpossible),
            ({"carats": "1"}, QuantityImpossible),
            ({"grams": "1", "pieces": 1}, QuantityImpossible),
        ],
    )
    def test_refuses_what_is_not_there_and_changes_nothing(self, owner, asked, refusal):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="100")

        with pytest.raises(refusal) as refused, transaction.atomic():
            part(lot, by=owner, **asked)

        lot.refresh_from_db()
        assert str(refused.value).endswith(".")
        assert lot.grams == Decimal(100)
        assert LotMove.objects.count() == 1

    def test_refuses_to_leave_pieces_without_weight(self, owner):
        lot = lots.filled(lots.melee(by=owner), by=owner, pieces=10, carats="1")

        for asked in ({"pieces": 9, "carats": "1"}, {"pieces": 10, "carats": "0.9"}):
            with pytest.raises(QuantityImpossible):
                part(lot, by=owner, **asked)


@pytest.mark.usefixtures("scope")
class TestPutBack:
    def test_undoes_the_draw_to_the_last_fils_and_milligram(self, owner):
        lot = lots.filled(lots.chain(by=owner, fineness="916"), by=owner, grams="50.007")
        before = {key: books(*key) for key in (("lots", "AED"), ("lots", "gold"))}
        piece = part(lot, by=owner, grams="3.331")

        put_back(piece=piece, by=owner, at=make.NOON)

        lot.refresh_from_db()
        piece.refresh_from_db()
        assert (lot.grams, lot.cost, piece.state) == (
            Decimal("50.007"), Decimal(1000), PieceState.RETAGGED,
        )  # fmt: skip
        assert {key: books(*key) for key in before} == before
        assert books("stock", "AED") == books("stock", "gold") == 0
        assert books("shrinkage", "gold") == 0
        assert sum_of_moves(lot) == (held_by(lot), lot.cost)
        assert part(lot, by=owner, grams="1").tag == "CH1-2"  # a tag is never used again

    def test_refuses_a_piece_that_was_sold_changed_or_no_part(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="50")
        sold, changed = part(lot, by=owner, grams="1"), part(lot, by=owner, grams="2")
        mark_sold(pieces=[sold], by=owner, at=make.NOON, reference="1-000001")
        changed.metals.update(net_weight_g=Decimal("1.9"), fine_weight_g=Decimal(1))

        with pytest.raises(PieceElsewhere):
            put_back(piece=sold, by=owner, at=make.NOON)
        with pytest.raises(NotWholeAnyMore):
            put_back(piece=changed, by=owner, at=make.NOON)
        with pytest.raises(NotOfALot):
            put_back(piece=make.piece(by=owner), by=owner, at=make.NOON)

    def test_refuses_it_twice(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="50")
        piece = part(lot, by=owner, grams="1")
        put_back(piece=piece, by=owner, at=make.NOON)

        with pytest.raises(PieceElsewhere):
            put_back(piece=piece, by=owner, at=make.NOON)


@pytest.mark.usefixtures("scope")
class TestWriteOff:
    def test_takes_it_out_at_average_cost(self, owner):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="100", cost="3000")

        write_off(lot=lot, lost=lots.quantity(grams="10"), by=owner, at=make.NOON, reference="CH1")

        lot.refresh_from_db()
        assert (lot.grams, lot.cost) == (Decimal(90), Decimal(2700))
        assert books("shrinkage", "AED") == Decimal(300)
        assert books("shrinkage", "gold") == Decimal("7.5")


@pytest.mark.django_db(transaction=True)
def test_two_tills_cannot_draw_the_same_grams():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        lot = lots.filled(lots.chain(by=owner), by=owner, grams="10", cost="100")

    def sell(_n):
        try:
            with shop_scope(shop.pk):
                return part(lot, by=owner, grams="4").tag
        except LotHoldsLess:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        tags = sorted(filter(None, pool.map(sell, range(3))))

    with shop_scope(shop.pk):
        lot.refresh_from_db()
        assert tags == ["CH1-1", "CH1-2"]
        assert (lot.grams, lot.cost) == (Decimal(2), Decimal(20))
        assert sum_of_moves(lot) == (held_by(lot), lot.cost)


@pytest.mark.usefixtures("scope")
def test_the_database_keeps_a_lot_from_going_below_nothing(owner):
    from django.db import IntegrityError

    lot = lots.filled(lots.chain(by=owner), by=owner, grams="10", cost="100")
    for change in ({"grams": Decimal(-1)}, {"cost": Decimal(-1)}, {"grams": Decimal(0)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Lot.objects.filter(pk=lot.pk).update(**change)


@pytest.mark.usefixtures("scope")
def test_taking_in_asks_for_what_the_lot_counts(owner):
    for lot, wrong in (
        (lots.chain(by=owner), {"pieces": 1, "grams": "1"}),
        (lots.chain(by=owner, code="CH2"), {}),
        (lots.melee(by=owner), {"carats": "1"}),
        (lots.melee(by=owner, code="ML2"), {"pieces": 3}),
    ):
        with pytest.raises(QuantityImpossible):
            take_more(
                lot=lot, given=lots.quantity(**wrong), cost=Decimal(1), by=owner, at=make.NOON
            )


@pytest.mark.usefixtures("scope")
def test_a_lot_is_named_with_the_joiner_of_persian_and_drawn(owner):
    lot = lots.filled(lots.chain(by=owner, name="زنجیر قرقره‌ای"), by=owner, grams="10")

    assert part(lot, by=owner, grams="2").name == "زنجیر قرقره‌ای"
