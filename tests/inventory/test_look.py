"""Looking at a file: which rows would come in, and why the others would not."""

from pathlib import Path

import pytest

from apps.inventory.models import Piece, Place
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    PLAIN_FIELDS,
    STONE_FIELDS,
    choices,
    field_of,
    is_field,
    label_of,
)
from apps.inventory.services.intake.look import look
from apps.inventory.services.intake.read import MOST_COLUMNS, MOST_ROWS, FileUnreadable
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory.files import HEADER, csv_file, ring, shopify_file, xlsx_file


def seen(content, shop, **given):
    return look(content, shop=shop, **given)


def first_problem(content, shop):
    """Line, column, value and reason of the one thing that is wrong."""
    found = seen(content, shop)
    (row,) = found.refused
    (problem,) = row.problems
    return row.line, found.column_of(problem.field), problem.value, problem.reason


class TestColumns:
    @pytest.mark.parametrize(
        ("title", "field"),
        [
            ("tag", "tag"),
            ("Tag No.", "tag"),
            (" NET WT (g) ", "net_weight_g"),
            ("net_weight_g_2", "net_weight_g_2"),
            ("Metal 2", "metal_2"),
            ("metal2", "metal_2"),
            ("stone_1_kind", "stone_1_kind"),
            ("Stone 3 price mode", "stone_3_price_mode"),
            ("وزن خالص", "net_weight_g"),
            ("عيار", "fineness"),  # the Arabic yeh
            ("اجرت", "making_value"),
            ("tag_2", ""),
            ("metal_99", ""),
            ("colour of the box", ""),
            ("", ""),
        ],
    )
    def test_matches_titles_loosely(self, title, field):
        assert field_of(title) == field

    def test_every_choice_is_a_field_with_a_name(self):
        offered = choices({0: "stone_7_kind"})

        assert ("stone_7_kind", "Stone 7: kind") in offered
        assert all(is_field(field) and label_of(field) == label for field, label in offered)


class TestDocument:
    def test_names_every_column_and_the_bounds(self):
        text = Path("docs/reference/import-pieces.md").read_text()

        fields = [*PLAIN_FIELDS, *METAL_FIELDS, *(f"stone_1_{part}" for part in STONE_FIELDS)]
        assert [field for field in fields if f"| `{field}`" not in text] == []
        assert f"{MOST_ROWS:,} rows, {MOST_COLUMNS} columns" in text


class TestRows:
    def test_takes_a_row_as_it_is_written(self, clerk, shop):
        (piece,) = seen(csv_file([ring()]), shop).pieces

        assert piece == make.new_piece(
            tag="R-1",
            name="Plain ring",
            category="Ring",
            metals=(make.gold(net_weight_g="3.850"),),
            gross_weight_g=make.Decimal("3.900"),
            making_mode="none",
            making_value=0,
        )

    def test_takes_two_metals_and_stones(self, clerk, shop):
        header = [
            *HEADER, "metal_2", "fineness_2", "net_weight_g_2", "stone_1_kind", "stone_1_carats",
            "stone_1_price", "stone_2_kind", "stone_2_price_mode", "stone_2_price",
        ]  # fmt: skip
        row = [*ring(gross_weight_g="6"), "Platinum", "950", "1.5", "diamond", "0.5", "300",
               "ruby", "per carat", "80"]  # fmt: skip

        (piece,) = seen(csv_file([row], header=header), shop).pieces

        assert [metal.metal for metal in piece.metals] == ["gold", "platinum"]
        assert [(s.kind, s.price_mode, s.price_value) for s in piece.stones] == [
            ("diamond", "fixed", 300),
            ("ruby", "per_carat", 80),
        ]

    def test_folds_digits_of_three_alphabets(self, clerk, shop):
        (piece,) = seen(
            csv_file([ring(net_weight_g="۳٫۸۵۰", gross_weight_g="٣٫٩", cost="۱٬۲۰۴٫۵")]), shop
        ).pieces

        assert (piece.metals[0].net_weight_g, piece.gross_weight_g, piece.cost) == (
            make.Decimal("3.850"),
            make.Decimal("3.9"),
            make.Decimal("1204.5"),
        )

    def test_keeps_a_formula_as_text_and_takes_our_apostrophe_off(self, clerk, shop):
        names = ["=cmd|'/c calc'!A1", "'=cmd", "''=cmd", "'tis", "+1", "@me"]
        rows = [ring(tag=f"R-{n}", name=name) for n, name in enumerate(names)]

        assert [piece.name for piece in seen(csv_file(rows), shop).pieces] == [
            "=cmd|'/c calc'!A1",
            "=cmd",
            "'=cmd",
            "'tis",
            "+1",
            "@me",
        ]

    def test_finds_the_place_by_its_name(self, clerk, shop):
        tray = Place.objects.create(branch=Branch.objects.get(), name="Tray 3", kind="tray")
        content = csv_file([[*ring(), "Tray 3"]], header=[*HEADER, "Location"])

        assert seen(content, shop).pieces[0].place == tray

    @pytest.mark.parametrize(
        ("cells", "column", "reason"),
        [
            ({"tag": ""}, "tag", "empty"),
            ({"tag": "R" * 31}, "tag", "31 characters; 30 is the most"),
            ({"name": ""}, "name", "no name"),
            ({"name": "a\x00b"}, "name", "control character"),
            ({"net_weight_g": "-3"}, "net_weight_g", "below zero"),
            ({"net_weight_g": "3,850"}, "net_weight_g", "has a comma"),
            ({"net_weight_g": "3.8501"}, "net_weight_g", "four decimals"),
            ({"net_weight_g": "4.2"}, "gross_weight_g", "more than gross"),
            ({"net_weight_g": "about 3"}, "net_weight_g", "is no number"),
            ({"net_weight_g": ""}, "net_weight_g", "belong together"),
            ({"metal": "mithril"}, "metal", "none of gold"),
            ({"fineness": "17K"}, "fineness", "No mark of gold is struck for 17K"),
            ({"metal": "silver", "fineness": "18K"}, "fineness", "only gold has"),
            ({"fineness": "1001"}, "fineness", "no fineness"),
            ({"gross_weight_g": "999999999"}, "gross_weight_g", "cannot be the weight"),
            ({"gross_weight_g": ""}, "gross_weight_g", "missing"),
            ({"cost": "1.005"}, "cost", "three decimals"),
            ({"cost": "1e3"}, "cost", "is no number"),
        ],
        ids=str,
    )
    def test_names_line_column_value_and_reason(self, clerk, shop, cells, column, reason):
        line, named, value, why = first_problem(csv_file([ring(**cells)]), shop)

        assert (line, named) == (2, column)
        assert reason in why
        assert value == next(iter(cells.values())) or column != next(iter(cells))

    def test_takes_karats_of_gold_for_their_marks_and_remembers_which(self, clerk, shop):
        written = ["18K", "22 ct", "۱۸ عیار", "18K", "750"]
        found = seen(
            csv_file([ring(tag=f"K-{n}", fineness=text) for n, text in enumerate(written)]), shop
        )

        assert [piece.metals[0].fineness for piece in found.pieces] == [
            7500,
            9160,
            7500,
            7500,
            7500,
        ]
        assert found.karats == {"18K": 7500, "22 ct": 9160, "۱۸ عیار": 7500}

    def test_names_every_cell_of_a_row_that_cannot_be_read(self, clerk, shop):
        (row,) = seen(csv_file([ring(metal="tin", cost="?")]), shop).refused

        assert {problem.field for problem in row.problems} == {"metal", "fineness", "cost"} - {
            "fineness"
        }

    def test_refuses_a_comma_where_semicolons_part_the_columns(self, clerk, shop):
        content = csv_file([ring(cost="1,250")], delimiter=";")

        assert "has a comma" in first_problem(content, shop)[3]

    def test_refuses_a_tag_that_is_twice_in_the_file(self, clerk, shop):
        content = csv_file([ring(), ring(tag="R-2"), ring()])

        assert first_problem(content, shop)[0] == 4
        assert "on line 2 already" in first_problem(content, shop)[3]

    def test_refuses_a_tag_that_the_shop_has(self, clerk, shop):
        make.piece(by=clerk, tag="R-1")

        assert "already on another piece" in first_problem(csv_file([ring()]), shop)[3]

    def test_refuses_a_file_of_which_no_column_is_known(self, clerk, shop):
        with pytest.raises(FileUnreadable, match="No column"):
            seen(b"foo,bar\n1,2\n", shop)

    def test_follows_a_persons_columns(self, clerk, shop):
        content = csv_file([["R-9", "Ring"]], header=["foo", "bar"])

        found = seen(content, shop, columns={0: "tag", 1: "name"})

        assert found.refused[0].problems[0].field == "metal"  # the tag was read

    def test_writes_nothing(self, clerk, shop):
        seen(csv_file([ring()]), shop)

        assert not Piece.objects.exists()

    def test_reads_a_sheet_like_a_csv(self, clerk, shop):
        row = ["R-1", "Plain ring", "Ring", "gold", 916, 3.85, 3.9, 500]

        assert seen(xlsx_file([row]), shop).pieces == seen(csv_file([ring()]), shop).pieces


class TestShopify:
    RING = {
        "Handle": "halo-ring", "Title": "Halo ring", "Type": "Ring", "Option1 Value": "52",
        "Variant SKU": "HR-52", "Variant Grams": "4", "Variant Price": "349.00",
        "Cost per item": "120.50",
    }  # fmt: skip

    def test_takes_each_variant_as_a_piece_with_a_tag_price(self, clerk, shop):
        found = seen(
            shopify_file(
                [
                    self.RING,
                    {
                        "Handle": "halo-ring",
                        "Option1 Value": "54",
                        "Variant SKU": "HR-54",
                        "Variant Grams": "0",
                        "Variant Price": "359.00",
                    },
                    {"Handle": "halo-ring", "Image Src": "https://cdn.example/2.jpg"},
                    {
                        "Handle": "chain",
                        "Title": "Chain",
                        "Option1 Value": "Default Title",
                        "Variant SKU": "'00123",
                        "Variant Grams": "7",
                        "Variant Price": "80.00",
                    },
                ]
            ),
            shop,
        )

        assert found.is_shopify
        assert not found.refused
        assert [
            (p.tag, p.name, p.category, p.gross_weight_g, p.fixed_price, p.cost, p.metals)
            for p in found.pieces
        ] == [
            ("HR-52", "Halo ring (52)", "Ring", 4, 349, make.Decimal("120.5"), ()),
            ("HR-54", "Halo ring (54)", "Ring", None, 359, 0, ()),
            ("00123", "Chain", "", 7, 80, 0, ()),
        ]

    def test_names_a_variant_without_sku_by_the_columns_of_the_export(self, clerk, shop):
        row = {**self.RING, "Variant SKU": ""}

        line, column, _value, reason = first_problem(shopify_file([row]), shop)

        assert (line, column) == (2, "Variant SKU")
        assert "empty" in reason

    def test_refuses_a_price_of_nothing(self, clerk, shop):
        row = {**self.RING, "Variant Price": "0.00"}

        assert first_problem(shopify_file([row]), shop)[1] == "Variant Price"

    def test_takes_whole_amounts_where_the_currency_has_no_decimals(self, db):
        tokyo = make.shop(currency="JPY", tax_pack="JP")
        with shop_scope(tokyo.pk):
            found = seen(
                shopify_file(
                    [{**self.RING, "Variant Price": "30000.00", "Cost per item": "9000.00"}]
                ),
                tokyo,
            )

        assert [(p.fixed_price, p.cost) for p in found.pieces] == [(30000, 9000)]
