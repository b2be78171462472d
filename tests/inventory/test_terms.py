"""The terms of a piece's price: what it carries, what its shop adds, what no piece can say."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.inventory.models import Piece
from apps.inventory.prices import prices_today
from apps.inventory.selectors import piece_by_tag, whole_pieces_by_id
from apps.inventory.services.export import export_csv
from apps.inventory.services.intake.look import look
from apps.inventory.services.new_pieces import NewStone, PieceImpossible
from apps.inventory.services.take_in import take_in_all
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.making import set_table
from apps.pricing.selectors import board_at
from apps.shops.scope import shop_scope
from tests import make

D = Decimal
GIA = NewStone(kind="ruby", certificate="22", certificate_lab="GIA", certificate_fee=D(80))


def ruby(**more):
    return NewStone(kind="ruby", **more)


def terms(shop, tag="R-1"):
    return line_terms(piece_by_tag(tag=tag), board_at(shop=shop, at=make.NOON))


@pytest.mark.usefixtures("scope")
class TestCarried:
    def test_everything_a_piece_says_is_in_its_terms(self, owner, shop):
        make.rate(of=shop)
        make.piece(
            by=owner,
            making_basis="metal_and_wastage",
            wastage_mode="percent_of_value",
            wastage_value=D(8),
            profit_percent=D("7.5"),
            tax_category="service",
            hallmark="AB12CD",
            hallmark_fee=D(45),
            stones=(GIA,),
            gross_weight_g=D(11),
        )
        said = terms(shop)

        assert said.making == rules.MakingTerms(
            mode=rules.MakingMode.PERCENT_OF_METAL,
            value=D(10),
            basis=rules.MakingBasis.METAL_AND_WASTAGE,
        )
        assert (said.profit_percent, said.tax_category) == (D("7.5"), "service")
        assert [(one.kind, one.label, one.amount) for one in said.extras] == [
            (rules.FeeKind.HALLMARK, "hallmark", 45),
            (rules.FeeKind.CERTIFICATE, "GIA", 80),
        ]

    @pytest.mark.parametrize("basis", ["net", "gross", "chargeable", "metal"])
    def test_a_weight_beside_a_percent_means_the_metal(self, owner, shop, basis):
        make.rate(of=shop)
        make.piece(by=owner, making_basis=basis)
        assert terms(shop).making.basis is None

    def test_a_second_hand_piece_is_sold_under_the_margin_scheme(self):
        shop = make.shop(currency="GBP", tax_pack="GB")
        with shop_scope(shop.pk):
            make.piece(by=make.member(of=shop), fixed_price=D(2000), margin_purchase_price=D(1500))
            (price,) = prices_today([piece_by_tag(tag="R-1")], shop=shop, at=make.NOON)
            assert (price.total, price.line.tax, price.line.unshown_tax) == (2000, 0, D("83.33"))

    def test_both_ways_of_reading_pieces_read_the_same(self, owner):
        piece = make.piece(by=owner, stones=(GIA, NewStone(kind="opal")), gross_weight_g=D(11))
        assert whole_pieces_by_id(ids=[piece.pk])[0].stones == piece_by_tag(tag="R-1").stones
        assert [stone.certificate_fee for stone in piece_by_tag(tag="R-1").stones] == [80, None]


@pytest.mark.usefixtures("scope")
class TestRefused:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"profit_percent": D(-1)}, "profit_percent"),
            ({"profit_percent": D("1000.01")}, "profit_percent"),
            ({"hallmark": "H" * 21}, "hallmark"),
            ({"hallmark_fee": D(-1)}, "hallmark_fee"),
            ({"hallmark_fee": D(10) ** 13}, "hallmark_fee"),
            ({"hallmark_fee": D("1.005")}, "hallmark_fee"),
            ({"margin_purchase_price": D(-1)}, "margin_purchase_price"),
            ({"margin_purchase_price": D(400)}, "margin_purchase_price"),  # not in this pack
            ({"tax_category": "gold"}, "tax_category"),
            ({"making_mode": "slab"}, "making.table"),
            ({"making_mode": "slab", "making_table": "chains"}, "making.table"),
            ({"making_table": "chains"}, "making.table"),
            ({"making_mode": "per_gram", "making_basis": "metal"}, "making.basis"),
            ({"making_basis": "milyem"}, "making.basis"),
            ({"stones": (ruby(certificate_fee=D(-1)),)}, "stones.0.certificate_fee"),
            ({"stones": (ruby(certificate_lab="G" * 21),)}, "stones.0.certificate_lab"),
        ],
        ids=str,
    )  # fmt: skip
    def test_says_what_cannot_be(self, owner, change, field):
        with pytest.raises(PieceImpossible) as refused:
            make.piece(by=owner, **change)
        assert refused.value.field == field
        assert refused.value.reason[-1] == "."
        assert not Piece.objects.exists()

    def test_a_table_of_another_shop_is_none(self, owner, shop):
        other = make.shop()
        with shop_scope(other.pk):
            set_table(
                code="chains",
                name="Chains",
                by_what="rate",
                fineness=None,
                slabs=[rules.Slab(start=D(0), mode=rules.MakingMode.PER_PIECE, value=D(5))],
                key=uuid4(),
                by=make.member(of=other),
                at=make.NOON,
            )
        with pytest.raises(PieceImpossible, match="no making table chains"):
            make.piece(by=owner, making_mode="slab", making_table="chains")

    @pytest.mark.parametrize(
        "change",
        [
            {"making_mode": "slab"},
            {"making_table": "chains"},
            {"profit_percent": D(-1)},
            {"hallmark_fee": D(-1)},
            {"margin_purchase_price": D(-1)},
        ],
        ids=str,
    )
    def test_the_database_keeps_out_what_the_services_would(self, owner, change):
        piece = make.piece(by=owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            Piece.objects.filter(pk=piece.pk).update(**change)


def test_the_page_shows_what_a_piece_carries(client, shop):
    client.force_login(make.member(of=shop).user)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=make.NOON)
        make.piece(
            by=make.member(of=shop),
            profit_percent=D("7.5"),
            hallmark="AB12CD",
            tax_category="service",
            stones=(GIA,),
            gross_weight_g=D(11),
        )
    page = client.get("/stock/piece/R-1/").content.decode()
    for word in ("AB12CD", "7.5%", "service", "GIA"):
        assert word in page
    assert (
        "AB12CD" in client.get("/stock/?search=ab12").content.decode()
        or "R-1" in client.get("/stock/?search=ab12").content.decode()
    )


def test_the_form_and_the_api_take_the_same_piece(client, shop):
    owner = make.member(of=shop)
    client.force_login(owner.user)
    given = {
        "tag": "R-9", "name": "Ring", "metal": "gold", "fineness": "916", "net_weight_g": "10",
        "gross_weight_g": "11", "making_mode": "percent_of_metal", "making_value": "10",
        "making_basis": "metal_and_wastage", "profit_percent": "۷٫۵", "hallmark": "AB12CD",
        "hallmark_fee": "45", "tax_category": "service", "stone_1_kind": "ruby",
        "stone_1_lab": "GIA", "stone_1_certificate_fee": "80",
    }  # fmt: skip
    assert client.post("/stock/new/", given).status_code == 302
    sent = {
        "tag": "R-8", "name": "Ring", "gross_weight_g": "11",
        "metals": [{"metal": "gold", "fineness": "916", "net_weight_g": "10"}],
        "making": {"mode": "percent_of_metal", "value": "10", "basis": "metal_and_wastage"},
        "profit_percent": "7.5", "hallmark": "AB12CD", "hallmark_fee": "45",
        "tax_category": "service",
        "stones": [{"kind": "ruby", "certificate_lab": "GIA", "certificate_fee": "80"}],
    }  # fmt: skip
    with shop_scope(shop.pk):
        token = make.token(of=owner)
    answer = client.post(
        "/api/v1/pieces",
        sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201, answer.content
    with shop_scope(shop.pk):
        pages, api = piece_by_tag(tag="R-9"), piece_by_tag(tag="R-8")
        assert pages.stones == api.stones
        for name in (
            "making_basis", "making_table", "profit_percent", "hallmark", "hallmark_fee",
            "tax_category", "margin_purchase_price",
        ):  # fmt: skip
            assert getattr(pages.piece, name) == getattr(api.piece, name), name


def test_a_file_brings_every_term_in_and_an_export_takes_it_out_again(db):
    def fresh():
        shop = make.shop(currency="GBP", tax_pack="GB")
        owner = make.member(of=shop)
        with shop_scope(shop.pk):
            set_table(
                code="chains",
                name="Chains",
                by_what="weight",
                fineness=None,
                slabs=[rules.Slab(start=D(0), mode=rules.MakingMode.PER_GRAM, value=D(5))],
                key=uuid4(),
                by=owner,
                at=make.NOON,
            )
        return shop, owner

    def bring_in(content, shop, owner):
        found = look(content, shop=shop)
        assert not found.refused, found.refused[0]
        take_in_all(pieces=found.pieces, by=owner, at=make.NOON, reference="file")
        return b"".join(export_csv(code=shop.currency))

    header = (
        "tag,name,metal,fineness,net_weight_g,gross_weight_g,making_table,profit_percent,HUID,"
        "hallmark_fee,tax_category,margin_purchase_price,stone_1_kind,stone_1_lab,"
        "stone_1_certificate_fee\n"
    )
    row = "R-1,Chain,gold,750,10,10.5,chains,7.5,AB12CD,12.50,jewellery,400,ruby,GIA,80\n"
    first, owner = fresh()
    with shop_scope(first.pk):
        written = bring_in((header + row).encode(), first, owner)
        whole = piece_by_tag(tag="R-1")
        piece, (stone,) = whole.piece, whole.stones
        assert (piece.making_mode, piece.making_table) == ("slab", "chains")
        assert (piece.profit_percent, piece.hallmark, piece.hallmark_fee) == (
            D("7.5"),
            "AB12CD",
            D("12.5"),
        )
        assert (piece.tax_category, piece.margin_purchase_price) == ("jewellery", 400)
        assert (stone.certificate_lab, stone.certificate_fee) == ("GIA", 80)
    second, other = fresh()
    with shop_scope(second.pk):
        assert bring_in(written, second, other) == written


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("making_table", "chains"),
        ("tax_category", "gold"),
        ("margin_purchase_price", "400"),
        ("hallmark", "H" * 21),
        ("stone_1_lab", "G" * 21),
        ("stone_1_certificate_fee", "-1"),
        ("profit_percent", "1001"),
    ],
)
def test_a_file_is_told_the_column_of_what_its_shop_does_not_know(shop, column, value):
    text = f"tag,name,metal,fineness,net_weight_g,gross_weight_g,stone_1_kind,{column}\n"
    text += f"R-1,Ring,gold,750,10,10,ruby,{value}\n"
    (row,) = look(text.encode(), shop=shop).refused
    assert [problem.field for problem in row.problems] == [column]
