"""Taking pieces into the stock."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from apps.inventory.models import Movement, Piece, PieceMetal
from apps.inventory.services.new_pieces import NewStone, PieceImpossible
from apps.inventory.services.take_in import TagTaken, take_in_all
from apps.ledger.models import Posting
from tests import make


class TestTakeIn:
    def test_writes_the_piece_its_metal_and_its_first_movement(self, clerk):
        piece = make.piece(by=clerk, tag="R-1")

        metal = PieceMetal.objects.get(piece=piece)
        assert (metal.fineness, metal.net_weight_g, metal.fine_weight_g) == (
            9160,
            Decimal("10.000"),
            Decimal("9.160"),
        )
        assert Movement.objects.get(piece=piece).kind == "taken_in"

    def test_posts_cost_and_fine_grams_to_the_stock(self, clerk):
        make.piece(by=clerk)

        assert set(Posting.objects.values_list("account", "commodity", "amount")) == {
            ("stock", "AED", Decimal(500)),
            ("opening", "AED", Decimal(-500)),
            ("stock", "gold", Decimal("9.16")),
            ("opening", "gold", Decimal("-9.16")),
        }

    def test_refuses_a_tag_that_is_taken(self, clerk):
        make.piece(by=clerk, tag="R-1")

        with pytest.raises(TagTaken, match="R-1"):
            make.piece(by=clerk, tag="R-1")

    def test_takes_in_none_when_one_is_impossible(self, clerk):
        pieces = [make.new_piece(tag="R-1"), make.new_piece(tag="R-2", gross_weight_g=Decimal(9))]

        with pytest.raises(PieceImpossible) as refused:
            take_in_all(pieces=pieces, by=clerk, at=make.NOON, reference="two")

        assert str(refused.value) == "Net 10 g is more than gross 9 g. Check both."
        assert not Piece.objects.exists()

    def test_refuses_costs_that_the_books_cannot_hold_together(self, clerk):
        dear = make.new_piece(cost=Decimal("9999999999999.99"))

        with pytest.raises(PieceImpossible, match="together") as refused:
            take_in_all(pieces=[dear] * 1001, by=clerk, at=make.NOON, reference="dear")

        assert refused.value.field == "cost"

    @pytest.mark.parametrize(
        ("field", "terms"),
        [
            ("tag", {"tag": ""}),
            ("tag", {"tag": "R" * 31}),
            ("tag", {"tag": "R\x001"}),
            ("tag", {"tag": "R\n1"}),
            ("tag", {"tag": "R\u202e1"}),
            ("tag", {"tag": ".."}),
            ("tag", {"tag": "R/../1"}),
            ("name", {"name": " "}),
            ("cost", {"cost": Decimal(-1)}),
            ("cost", {"cost": Decimal(10) ** 13}),
            ("gross_weight_g", {"gross_weight_g": Decimal("-1")}),
            ("gross_weight_g", {"gross_weight_g": Decimal("1e9")}),
            ("gross_weight_g", {"gross_weight_g": None}),
            ("metals.0.net_weight_g", {"metals": (make.gold(net_weight_g="0"),)}),
            ("metals.0.net_weight_g", {"metals": (make.gold(net_weight_g="1.0001"),)}),
            ("metals", {"metals": ()}),
            ("making.mode", {"making_mode": "by_mood"}),
            ("stones.0.pieces", {"stones": (NewStone(kind="ruby", count=0),)}),
            ("gross_weight_g", {"stones": (NewStone(kind="ruby", carats=Decimal(1)),)}),
        ],
    )
    def test_names_the_field_that_cannot_be(self, clerk, field, terms):
        with pytest.raises(PieceImpossible) as refused:
            make.piece(by=clerk, **terms)

        assert refused.value.field == field


class TestTheDatabaseItself:
    def test_refuses_a_piece_lighter_than_its_metal(self, clerk):
        piece = make.piece(by=clerk)

        def make_its_metal_heavier():
            with transaction.atomic(), connection.cursor() as cursor:
                PieceMetal.objects.filter(piece=piece).update(net_weight_g=Decimal("10.001"))
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with pytest.raises(IntegrityError, match="weighs"):
            make_its_metal_heavier()

    @pytest.mark.parametrize(
        "columns",
        [{"gross_weight_g": -1}, {"cost": -1}, {"state": "lost?"}, {"tag": ""}],
        ids=str,
    )
    def test_refuses_what_no_piece_can_be(self, clerk, columns):
        piece = make.piece(by=clerk)

        with pytest.raises(IntegrityError), transaction.atomic():
            Piece.objects.filter(pk=piece.pk).update(**columns)

    def test_refuses_a_cost_that_is_no_number(self, clerk):
        make.piece(by=clerk)

        with (
            pytest.raises(IntegrityError, match="money_possible"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE inventory_piece SET cost = 'NaN'")
