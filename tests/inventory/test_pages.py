"""Pages of the stock: works · part for htmx · wrong role · another shop · query count."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from procrastinate.contrib.django.models import ProcrastinateJob

from apps.inventory import tasks
from apps.inventory.models import Piece, PieceImport, PieceMetal
from apps.inventory.services.places import add_place
from apps.inventory.services.sell import mark_sold
from apps.inventory.services.take_in import take_in_all
from apps.shops.scope import shop_scope
from apps.shops.selectors import branch_named
from tests import make
from tests.inventory.files import HEADER, csv_file, ring, rings, shopify_file

LIST = "/stock/"
NEW = "/stock/new/"
IMPORT = "/stock/import/"


@pytest.fixture
def signed_in(client, shop):
    """The owner of the shop, in a browser."""
    member = make.member(of=shop)
    client.force_login(member.user)
    client.member = member
    return client


@pytest.fixture
def stranger(client, db):
    """The owner of another shop."""
    client.force_login(make.member(of=make.shop()).user)
    return client


def as_role(client, shop, role):
    client.force_login(make.member(of=shop, role=role).user)
    return client


def stock(shop, member, *tags, **terms):
    with shop_scope(shop.pk):
        for tag in tags:
            make.piece(by=member, tag=tag, **terms)


def page(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


class TestList:
    def test_shows_pieces_with_their_price_today(self, signed_in, shop, at_noon):
        stock(shop, signed_in.member, "R-1")
        with shop_scope(shop.pk):
            make.rate(of=shop)

        shown = page(signed_in.get(LIST))

        # 10 g of 916 at 100 a gram of 1000: 916, making 10 %, VAT 5 % on both.
        assert "1,057.98" in shown
        assert reverse("inventory:piece", args=["R-1"]) in shown
        assert "In stock" in shown

    def test_says_where_there_is_no_rate(self, signed_in, shop):
        stock(shop, signed_in.member, "R-1")

        assert "no rate" in page(signed_in.get(LIST))

    def test_shows_no_price_of_today_for_what_was_sold(self, signed_in, shop, at_noon):
        with shop_scope(shop.pk):
            tray = add_place(name="Tray 7", kind="tray", branch=branch_named())
            make.rate(of=shop)
            for tag in ("R-1", "R-2"):
                make.piece(by=signed_in.member, tag=tag, place=tray)
            sold = Piece.objects.get(tag="R-1")
            mark_sold(pieces=[sold], by=signed_in.member, at=make.NOON, reference="1-000001")

        alone, mixed = (signed_in.get(LIST, {"state": state}) for state in ("sold", "all"))

        shown = page(alone)
        assert "R-1" in shown
        for absent in ("1,057.98", "Price today", "no rate", "price today"):
            assert absent not in shown
        assert [row.price is None for row in mixed.context["rows"]] == [False, True]
        # Once in the table and once in the phone's list, for the one that is here.
        assert (page(mixed).count("1,057"), page(mixed).count("Tray 7</td>")) == (2, 1)

    def test_gives_htmx_the_result_alone_and_the_address_of_it(self, signed_in, shop):
        stock(shop, signed_in.member, "R-1", "C-2")

        answer = signed_in.get(LIST, {"search": "c-2", "metal": ""}, headers={"HX-Request": "true"})
        shown = page(answer)

        assert shown.startswith("<div") or 'id="result"' in shown[:300]
        assert "<html" not in shown
        assert ("C-2" in shown, "R-1" in shown) == (True, False)
        assert answer["HX-Push-Url"] == "/stock/?search=c-2"

    @pytest.mark.parametrize(
        ("query", "sentence", "way_on"),
        [
            ({}, "No piece is in the shop yet.", "/stock/import/"),
            ({"search": "emerald"}, "No piece in the shop matches “emerald”.", "/stock/"),
            (
                {"search": "emerald", "metal": "gold"},
                "No piece under these filters matches “emerald”.",
                "/stock/?search=emerald&amp;state=all",
            ),
            ({"state": "sold"}, "No piece is under these filters.", "/stock/"),
        ],
        ids=str,
    )
    def test_says_what_was_searched_and_how_to_widen(self, signed_in, query, sentence, way_on):
        shown = page(signed_in.get(LIST, query))

        assert sentence in shown
        assert f'href="{way_on}"' in shown

    def test_pages_by_fifty_both_ways(self, signed_in, shop):
        with shop_scope(shop.pk):
            pieces = [make.new_piece(tag=f"R-{n:03}") for n in range(60)]
            take_in_all(pieces=pieces, by=signed_in.member, at=make.NOON, reference="many")

        first = signed_in.get(LIST)
        second = signed_in.get(first.context["next_url"])

        assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 10)
        assert "Next" in page(first)
        assert signed_in.get(second.context["previous_url"]).context["rows"][0].piece.tag == "R-059"

    @pytest.mark.parametrize(
        "query",
        [
            {"metal": "mithril"},
            {"place": "x"},
            {"place": "9" * 40},
            {"state": "lost"},
            {"category": "\x00"},
            {"search": "\x00😀" + "x" * 500},
            {"order": "sideways"},
        ],
        ids=repr,
    )
    def test_takes_a_filter_that_is_none_for_no_filter_or_finds_nothing(self, signed_in, query):
        assert signed_in.get(LIST, query).status_code == 200

    def test_refuses_a_torn_address_in_a_sentence(self, signed_in):
        assert "marks no place in the list" in page(signed_in.get(LIST, {"after": "12"}), 422)

    def test_adds_up_the_whole_result_in_a_second_request(self, signed_in, shop):
        stock(shop, signed_in.member, "R-1", "R-2")

        assert 'hx-trigger="load"' in page(signed_in.get(LIST))
        for address in ("/stock/facts/", "/stock/?exact=1"):
            shown = page(signed_in.get(address))
            assert "18.320" in shown  # g fine gold
            assert "20.000" in shown  # g net

    def test_asks_the_same_queries_for_one_piece_and_for_fifty(
        self, signed_in, shop, django_assert_num_queries
    ):
        with shop_scope(shop.pk):
            make.rate(of=shop)
        counts = []
        for tags in (["R-0"], [f"R-{n}" for n in range(1, 40)]):
            stock(shop, signed_in.member, *tags)
            with CaptureQueriesContext(connection) as queries:
                signed_in.get(LIST)
            counts.append(len(queries))

        assert counts[0] == counts[1]
        assert counts[1] <= 18

    def test_is_empty_for_another_shop(self, stranger, shop):
        stock(shop, make.member(of=shop), "R-1")

        assert "R-1" not in page(stranger.get(LIST))

    def test_sends_a_stranger_to_sign_in(self, client, db):
        assert client.get(LIST).status_code == 302

    @pytest.mark.parametrize(("role", "offered"), [("manager", True), ("cashier", False)])
    def test_offers_adding_to_those_who_may(self, client, shop, role, offered):
        assert (NEW in page(as_role(client, shop, role).get(LIST))) is offered


@pytest.fixture
def at_noon(monkeypatch):
    """The clock of the doors stands at make.NOON, when the rates of tests are of today."""
    monkeypatch.setattr(timezone, "now", lambda: make.NOON + timedelta(hours=1))


class TestPiece:
    def test_opens_the_price_into_its_parts_and_tells_the_history(self, signed_in, shop, at_noon):
        stock(shop, signed_in.member, "R-1")
        with shop_scope(shop.pk):
            make.rate(of=shop)

        shown = page(signed_in.get(reverse("inventory:piece", args=["R-1"])))

        for part in ("916.00", "91.60", "50.38", "1,057.98", "Taken in", "Cost"):
            assert part in shown

    def test_once_sold_tells_its_state_and_history_alone(self, signed_in, shop, at_noon):
        with shop_scope(shop.pk):
            tray = add_place(name="Tray 7", kind="tray", branch=branch_named())
            make.rate(of=shop)
            piece = make.piece(by=signed_in.member, tag="R-1", place=tray)
            mark_sold(pieces=[piece], by=signed_in.member, at=make.NOON, reference="1-000001")

        shown = page(signed_in.get("/stock/piece/R-1/"))

        for absent in ("Price today", "No price today", "1,057", "<dt>Place</dt>"):
            assert absent not in shown
        for told in ("Sold", "1-000001", "Taken in · Tray 7"):
            assert told in shown

    def test_says_why_there_is_no_price(self, signed_in, shop):
        stock(shop, signed_in.member, "R-1")

        assert "has no rate today" in page(signed_in.get("/stock/piece/R-1/"))

    @pytest.mark.parametrize(("role", "shown"), [("manager", True), ("salesperson", False)])
    def test_shows_the_cost_to_owners_and_managers(self, client, shop, role, shown):
        stock(shop, make.member(of=shop), "R-1", cost=make.Decimal("4321"))

        content = page(as_role(client, shop, role).get("/stock/piece/R-1/"))

        assert ("4,321" in content) is shown

    def test_opens_whatever_the_tag_is(self, signed_in, shop):
        stock(shop, signed_in.member, "new", "a/b", "ر ۱")

        for tag in ("new", "a/b", "ر ۱"):
            assert tag in page(signed_in.get(reverse("inventory:piece", args=[tag])))

    def test_is_not_found_in_another_shop(self, stranger, shop):
        stock(shop, make.member(of=shop), "R-1")

        assert stranger.get("/stock/piece/R-1/").status_code == 404

    @pytest.mark.parametrize("tag", ["R1O482", "%00", "😀"])
    def test_says_that_a_tag_is_none(self, signed_in, tag):
        assert "is no tag of this shop" in page(signed_in.get(f"/stock/piece/{tag}/"), 404)


class TestNewPiece:
    GIVEN = {
        "tag": "R-9", "name": "Ring", "category": "Ring", "metal": "gold", "fineness": "۹۱۶",
        "net_weight_g": "۳٫۸۵", "gross_weight_g": "3.9", "making_mode": "percent_of_metal",
        "making_value": "10", "making_basis": "net", "wastage_mode": "none",
        "stone_1_price_mode": "none", "cost": "1,250.50",
    }  # fmt: skip

    def test_takes_it_in_and_shows_it(self, signed_in, shop):
        answer = signed_in.post(NEW, self.GIVEN, follow=True)

        assert "R-9 is in the stock." in page(answer)
        with shop_scope(shop.pk):
            piece = Piece.objects.get()
            assert (piece.cost, piece.gross_weight_g) == (
                make.Decimal("1250.50"),
                make.Decimal("3.9"),
            )

    def test_takes_a_karat_for_its_mark(self, signed_in, shop):
        answer = signed_in.post(NEW, {**self.GIVEN, "fineness": "۱۸ عیار"}, follow=True)

        assert "R-9 is in the stock." in page(answer)
        with shop_scope(shop.pk):
            assert PieceMetal.objects.get().fineness == 7500

    def test_leads_to_the_places_where_there_are_none(self, signed_in, shop):
        assert 'href="/stock/places/"' in page(signed_in.get(NEW))
        with shop_scope(shop.pk):
            add_place(name="Tray 7", kind="tray", branch=branch_named())

        assert 'href="/stock/places/"' not in page(signed_in.get(NEW))

    def test_takes_a_piece_with_a_tag_price_and_no_metal(self, signed_in, shop):
        signed_in.post(NEW, {"tag": "T-1", "name": "Brooch", "metal": "gold", "fixed_price": "80"})

        with shop_scope(shop.pk):
            assert Piece.objects.get().made_of == ""

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"tag": ""}, "tag"),
            ({"tag": "R" * 31}, "tag"),
            ({"tag": "R-1"}, "tag"),
            ({"name": "a\x00b"}, "name"),
            ({"name": "a" * 201}, "name"),
            ({"category": "a" * 41}, "category"),
            ({"place": "Attic"}, "place"),
            ({"net_weight_g": "-1"}, "net_weight_g"),
            ({"net_weight_g": "12.5100"}, "net_weight_g"),
            ({"gross_weight_g": "1"}, "gross_weight_g"),
            ({"fineness": "17K"}, "fineness"),
            ({"metal": "silver", "fineness": "22K"}, "fineness"),
            ({"cost": "1.005"}, "cost"),
            ({"metal": "mithril"}, "metal"),
            ({"making_mode": "slab"}, "making_mode"),
            ({"making_mode": "per_gram", "making_basis": "metal"}, "making_basis"),
            ({"profit_percent": "1001"}, "profit_percent"),
            ({"hallmark": "H" * 21}, "hallmark"),
            ({"hallmark_fee": "1.005"}, "hallmark_fee"),
            ({"tax_category": "gold"}, "tax_category"),
            ({"margin_purchase_price": "400"}, "margin_purchase_price"),
            ({"stone_1_kind": "ruby", "stone_1_lab": "G" * 21}, "stone_1_lab"),
            (
                {"stone_1_kind": "ruby", "stone_1_certificate_fee": "1.005"},
                "stone_1_certificate_fee",
            ),
        ],
        ids=str,
    )
    def test_says_at_the_field_what_cannot_be(self, signed_in, shop, change, field):
        stock(shop, signed_in.member, "R-1")

        answer = signed_in.post(NEW, {**self.GIVEN, **change})

        assert list(answer.context["form"].errors) == [field]
        assert "R-9" not in page(answer, 422) or 'value="R-9"' in page(answer, 422)
        with shop_scope(shop.pk):
            assert Piece.objects.count() == 1

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_is_for_owners_and_managers(self, client, shop, role):
        for address in (NEW, IMPORT, "/stock/export.csv"):
            assert as_role(client, shop, role).get(address).status_code == 403
        assert client.post(NEW, self.GIVEN).status_code == 403


class TestImport:
    def upload(self, client, content, name="stock.csv"):
        return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)}, follow=True)

    def kept(self, shop):
        with shop_scope(shop.pk):
            return PieceImport.objects.get()

    def test_shows_counts_and_every_refused_row_before_anything_comes_in(self, signed_in, shop):
        shown = page(self.upload(signed_in, csv_file([*rings(3), ring(tag="X", metal="tin")])))

        for part in ("1 of 4 rows was refused.", "tin is none of gold", "Bring in 3 pieces"):
            assert part in shown
        with shop_scope(shop.pk):
            assert not Piece.objects.exists()

    def test_says_which_marks_karats_were_taken_for(self, signed_in):
        shown = page(self.upload(signed_in, csv_file([ring(fineness="18K"), ring(tag="R-2")])))

        (said,) = re.findall(r'<p class="small dim" id="karats">(.*?)</p>', shown)
        assert "Karats were taken for the marks of gold: 18K → Gold 750" in " ".join(
            strip_tags(said).split()
        )
        assert 'id="karats"' not in page(self.upload(signed_in, csv_file([ring()])))

    def test_says_in_which_encoding_a_file_was_read(self, signed_in):
        shown = page(self.upload(signed_in, csv_file([ring(name="گردنبند")], encoding="cp1256")))

        assert "read as Windows-1256" in shown
        assert "read as UTF-8" in page(self.upload(signed_in, csv_file([ring()])))

    def test_recognises_shopify(self, signed_in):
        content = shopify_file(
            [{"Handle": "a", "Title": "A", "Variant SKU": "A-1", "Variant Price": "10.00"}]
        )

        assert "Product export of Shopify" in page(self.upload(signed_in, content))

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"foo,bar\n1,2\n"])
    def test_says_that_a_file_is_no_table_of_pieces(self, signed_in, shop, content):
        answer = self.upload(signed_in, content)

        assert answer.context["form"].errors["file"]
        assert answer.status_code == 422
        with shop_scope(shop.pk):
            assert not PieceImport.objects.exists()

    def test_says_that_no_file_was_chosen(self, signed_in):
        assert "No file was chosen." in page(signed_in.post(IMPORT), 422)

    def test_lets_a_person_correct_the_columns(self, signed_in, shop):
        self.upload(signed_in, csv_file(rings(2), header=["foo", *HEADER[1:]]))
        kept = self.kept(shop)
        named = {f"column-{index}": field for index, field in enumerate(HEADER)}

        answer = signed_in.post(
            reverse("inventory:import-columns", args=[kept.pk]), named, follow=True
        )

        assert "Bring in 2 pieces" in page(answer)

    def test_brings_in_by_a_job_and_once_for_two_presses(self, signed_in, shop):
        self.upload(signed_in, csv_file(rings(2)))
        kept = self.kept(shop)
        address = reverse("inventory:import-bring-in", args=[kept.pk])

        shown = page(signed_in.post(address, follow=True))
        signed_in.post(address)
        assert "<progress" in shown
        assert f"/stock/import/{kept.pk}/progress/" in shown
        part = signed_in.get(f"/stock/import/{kept.pk}/progress/", headers={"HX-Request": "true"})
        assert "<progress" in page(part)

        self.run_jobs(shop, kept)
        done = signed_in.get(f"/stock/import/{kept.pk}/progress/", headers={"HX-Request": "true"})
        assert done["HX-Refresh"] == "true"
        assert "2 pieces were brought in." in page(signed_in.get(f"/stock/import/{kept.pk}/"))
        with shop_scope(shop.pk):
            assert Piece.objects.count() == 2

    def run_jobs(self, shop, kept):
        job = ProcrastinateJob.objects.get(task_name="inventory.bring_in")
        with shop_scope(shop.pk):
            tasks.uploads.bring_in(upload_id=job.args["upload_id"], at=make.NOON)

    def test_keeps_the_whole_file_out_unless_refused_rows_are_left_out(self, signed_in, shop):
        self.upload(signed_in, csv_file([*rings(2), ring(tag="")]))
        address = reverse("inventory:import-bring-in", args=[self.kept(shop).pk])

        assert "1 of 3 rows was refused" in page(signed_in.post(address), 422)
        assert signed_in.post(address, {"leave_out": "on"}).status_code == 302
        assert self.kept(shop).state == "running"

    def test_gives_the_refused_rows_as_a_file_that_is_safe_to_open(self, signed_in, shop):
        self.upload(signed_in, csv_file([*rings(2), ring(tag="", name="=cmd|'/c calc'!A1")]))

        answer = signed_in.get(reverse("inventory:import-refused", args=[self.kept(shop).pk]))

        header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert header[-2:] == ["line", "reason"]
        assert (row[1], row[-2]) == ("'=cmd|'/c calc'!A1", "4")

    def test_is_not_found_in_another_shop(self, signed_in, shop):
        self.upload(signed_in, csv_file(rings(1)))
        kept = self.kept(shop)
        signed_in.force_login(make.member(of=make.shop()).user)

        for name in ("import-preview", "import-progress", "import-refused"):
            assert signed_in.get(reverse(f"inventory:{name}", args=[kept.pk])).status_code == 404
        for name in ("import-columns", "import-bring-in"):
            assert signed_in.post(reverse(f"inventory:{name}", args=[kept.pk])).status_code == 404

    def test_refuses_200_megabytes_before_they_are_read(self, signed_in):
        class Unread(io.RawIOBase):
            def read(self, *args):
                raise AssertionError("the upload was read")

        answer = signed_in.generic(
            "POST",
            IMPORT,
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(200 * 1024 * 1024),
            **{"wsgi.input": Unread()},
        )

        assert "Split it into smaller files" in page(answer, 413)

    def test_exports_what_it_reads(self, signed_in, shop):
        stock(shop, signed_in.member, "R-1")

        answer = signed_in.get("/stock/export.csv")

        assert answer["Content-Disposition"] == 'attachment; filename="stock.csv"'
        assert b"\r\nR-1,Ring,ring,gold,916,10.000," in answer.content
