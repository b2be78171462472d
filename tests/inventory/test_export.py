"""The stock as a file, and back."""

import io
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from apps.inventory.models import Place
from apps.inventory.services.export import escaped, export_csv, export_rows, export_xlsx
from apps.inventory.services.intake.look import look
from apps.inventory.services.new_pieces import NewMetal, NewPiece, NewStone
from apps.inventory.services.take_in import take_in_all
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make


def exported(shop):
    return b"".join(export_csv(code=shop.currency))


def fresh_shop(currency="AED"):
    """A shop and its owner, with the places that pieces of these tests lie in."""
    shop = make.shop(currency=currency)
    with shop_scope(shop.pk):
        Place.objects.create(branch=Branch.objects.get(), name="=Tray", kind="tray")
    return shop, make.member(of=shop)


def take(content, shop, owner):
    found = look(content, shop=shop)
    assert not found.refused, found.refused[0]
    take_in_all(pieces=found.pieces, by=owner, at=make.NOON, reference="file")


def grams(lowest, highest):
    return st.decimals(lowest, highest, places=3)


def amounts(places, highest=10**9):
    return st.decimals(0, highest, places=places)


words = (
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30)
    | st.sampled_from(["=cmd|'/c calc'!A1", "'=x", "+1", "-1", "@a", "a,b;c\t\"d\"", "گردنبند"])
).map(str.strip).filter(bool)  # fmt: skip
tags = words.filter(lambda word: word.isprintable() and not {".", ".."} & {*word.split("/")})


@st.composite
def pieces(draw):
    metals = draw(
        st.lists(
            st.builds(
                NewMetal,
                metal=st.sampled_from(["gold", "silver", "platinum"]),
                fineness=st.integers(1, 10_000),
                net_weight_g=grams("0.001", "900"),
            ),
            max_size=3,
        )
    )
    stones = draw(
        st.lists(
            st.builds(
                NewStone,
                kind=words,
                count=st.integers(1, 99),
                carats=st.decimals(0, 9, places=5),
                certificate=words | st.just(""),
                price_mode=st.sampled_from(["per_carat", "per_piece", "fixed"]),
                price_value=amounts(2),
                certificate_lab=words.map(lambda text: text[:20].strip()) | st.just(""),
                certificate_fee=st.none() | amounts(2),
            ),
            max_size=2,
        )
    )
    making = draw(st.sampled_from(["none", "percent_of_metal", "per_gram", "per_piece"]))
    wastage = draw(st.sampled_from(["none", "percent_of_value", "percent_of_weight", "grams"]))
    weight = sum((metal.net_weight_g for metal in metals), Decimal(0)) + 4
    return NewPiece(
        tag=draw(tags),
        name=draw(words),
        category=draw(words | st.just("")),
        metals=tuple(metals),
        stones=tuple(stones),
        gross_weight_g=weight if metals or draw(st.booleans()) else None,
        making_mode=making,
        making_value=draw(amounts(2, 90)) if making != "none" else Decimal(0),
        making_basis=draw(
            st.sampled_from(["net", "gross", "chargeable"])
            if making == "per_gram"
            else st.sampled_from(["net", "metal", "metal_and_wastage"])
        ),
        wastage_mode=wastage,
        wastage_value=draw(amounts(2, 90)) if wastage != "none" else Decimal(0),
        fixed_price=None if metals else draw(st.decimals("0.01", 10**9, places=2)),
        profit_percent=draw(st.none() | amounts(2, 90)),
        tax_category=draw(st.sampled_from(["", "jewellery", "service"])),
        hallmark=draw(st.sampled_from(["", "AB12CD", "00417", "=HX"])),
        hallmark_fee=draw(st.none() | amounts(2)),
        cost=draw(amounts(2)),
    )


class TestRoundTrip:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(stock=st.lists(pieces(), min_size=1, max_size=6, unique_by=lambda piece: piece.tag))
    def test_another_shop_exports_the_same_bytes(self, db, stock):
        first, owner = fresh_shop()
        second, other_owner = fresh_shop()
        with shop_scope(first.pk):
            place = Place.objects.get()
            stock = [
                NewPiece(**{**{name: getattr(piece, name) for name in piece.__slots__},
                            "place": place})
                for piece in stock
            ]  # fmt: skip
            take_in_all(pieces=stock, by=owner, at=make.NOON, reference="made")
            written = exported(first)
            sheet = export_xlsx(code=first.currency)
        with shop_scope(second.pk):
            take(written, second, other_owner)
            assert exported(second) == written
        third, third_owner = fresh_shop()
        with shop_scope(third.pk):
            take(sheet, third, third_owner)
            assert exported(third) == written

    def test_holds_what_is_in_the_shop_and_not_what_was_sold(self, clerk, shop):
        make.piece(by=clerk, tag="R-1")
        sold = make.piece(by=clerk, tag="R-2")
        type(sold).objects.filter(pk=sold.pk).update(state="sold")

        assert [row[0] for row in export_rows(code=shop.currency)] == ["tag", "R-1"]

    def test_asks_no_more_queries_for_more_pieces(self, clerk, shop, django_assert_max_num_queries):
        for n in range(10):
            make.piece(by=clerk, tag=f"R-{n}")

        with django_assert_max_num_queries(4):
            exported(shop)


class TestSafety:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1"])
    def test_puts_an_apostrophe_before_what_a_spreadsheet_would_calculate(self, text):
        assert escaped(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["ring", "'tis", "a=b", "", "1-2", "گردنبند"])
    def test_leaves_everything_else_alone(self, text):
        assert escaped(text) == text

    def test_every_column_of_words_is_safe_to_open(self, clerk, shop):
        text = "=HYPERLINK(1)"
        tray = Place.objects.create(branch=Branch.objects.get(), name=text, kind="tray")
        stone = NewStone(kind=text, certificate=text)
        make.piece(by=clerk, tag=text, name=text, category=text, stones=(stone,), place=tray)

        _header, row = export_rows(code=shop.currency)

        assert [cell for cell in row if "HYPERLINK" in cell] == [f"'{text}"] * 6

    def test_writes_no_live_formula_into_a_workbook(self, clerk, shop):
        make.piece(by=clerk, tag="=1+1", name="=cmd|'/c calc'!A1", category="a\x01b")

        sheet = load_workbook(io.BytesIO(export_xlsx(code=shop.currency))).active

        cells = {cell.value: cell.data_type for cell in sheet[2] if cell.value is not None}
        assert cells["'=1+1"] == "s"
        assert "f" not in cells.values()
        assert cells["ab"] == "s"
        assert cells[10] == "n"
