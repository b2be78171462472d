"""manage.py import_pieces and export_pieces."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.inventory.models import Piece
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory.files import csv_file, ring, rings


@pytest.fixture
def member(shop):
    return make.member(of=shop)


@pytest.fixture
def run(shop, member):
    def run(path, *options, who=member):
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command(
                "import_pieces", str(path), *options,
                shop=shop.slug, member=who.user.username, stdout=out, stderr=err,
            )  # fmt: skip
        except CommandError as error:
            return out.getvalue(), err.getvalue(), str(error)
        return out.getvalue(), err.getvalue(), ""

    return run


def pieces(shop):
    with shop_scope(shop.pk):
        return Piece.objects.count()


class TestImport:
    def test_brings_a_file_in_and_shows_how_far_it_is(self, run, shop, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file(rings(1500)))

        out, err, failure = run(path)

        assert (out, failure) == ("1,500 pieces brought in · 0 rows left out\n", "")
        assert "Read as CSV in utf-8: 1,500 rows." in err
        assert " 66%  1,000 of 1,500" in err
        assert "100%  1,500 of 1,500" in err
        assert pieces(shop) == 1500

    def test_brings_in_none_and_names_each_bad_row(self, run, shop, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(
            csv_file([*rings(3), ring(tag="X", cost="-1"), ring(tag="Y", metal="tin")])
        )

        out, err, failure = run(path)

        assert "line 5, cost, “-1”: -1 is below zero. Write it without the minus." in err
        assert "line 6, metal, “tin”: tin is none of gold" in err
        assert "2 of 5 rows were refused. Nothing has been brought in." in failure
        assert (out, pieces(shop)) == ("", 0)

    def test_leaves_refused_rows_out_when_told(self, run, shop, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file([*rings(3), ring(tag="X", metal="tin")]))

        out, _err, failure = run(path, "--leave-out-refused")

        assert (out, failure) == ("3 pieces brought in · 1 row left out\n", "")
        assert pieces(shop) == 3

    def test_counts_one_as_one(self, run, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file([ring()]))

        out, err, _failure = run(path)

        assert out == "1 piece brought in · 0 rows left out\n"
        assert "Read as CSV in utf-8: 1 row.\n" in err

    def test_says_which_marks_karats_were_taken_for(self, run, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file([ring(fineness="18K"), ring(tag="R-2", fineness="22ct")]))

        err = run(path, "--dry-run")[1]

        assert "Karats were taken for the marks of gold: 18K for 750, 22ct for 916.\n" in err

    def test_only_looks_when_told(self, run, shop, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file(rings(3), encoding="cp1256"))

        out, _err, failure = run(path, "--dry-run")

        assert out == "3 new · 0 refused · nothing written (dry run)\n"
        assert (failure, pieces(shop)) == ("", 0)

    def test_says_in_which_encoding_it_read_the_file(self, run, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file([ring(name="گردنبند")], encoding="cp1256"))

        assert "in windows-1256" in run(path, "--dry-run")[1]

    def test_wants_a_keeper_of_the_stock(self, run, shop, tmp_path):
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file(rings(1)))

        failure = run(path, who=make.member(of=shop, role="cashier"))[2]

        assert failure.startswith("Only the owner or a manager")
        assert pieces(shop) == 0

    def test_says_that_a_file_is_not_there(self, run, tmp_path):
        assert run(tmp_path / "none.csv")[2].endswith("cannot be read: No such file or directory.")

    def test_refuses_a_huge_file_before_it_is_read(self, run, tmp_path, settings):
        settings.UPLOAD_LIMIT_BYTES = 10
        path = tmp_path / "stock.csv"
        path.write_bytes(csv_file(rings(1)))

        assert "larger than" in run(path)[2]

    def test_says_that_a_shop_is_not_there(self, db, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(b"tag\n")

        with pytest.raises(CommandError, match="No shop is called"):
            call_command("import_pieces", str(path), shop="nobody", member="x")


class TestExport:
    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_writes_what_import_pieces_reads(self, shop, member, tmp_path, ending):
        with shop_scope(shop.pk):
            make.piece(by=member, tag="R-1")
        path = tmp_path / f"stock.{ending}"
        other = make.shop()
        owner = make.member(of=other)

        call_command("export_pieces", str(path), shop=shop.slug)
        call_command(
            "import_pieces", str(path), shop=other.slug, member=owner.user.username,
            stdout=io.StringIO(), stderr=io.StringIO(),
        )  # fmt: skip

        with shop_scope(other.pk):
            assert Piece.objects.get().tag == "R-1"

    def test_prints_the_bytes_of_the_file(self, shop, capfdbinary):
        call_command("export_pieces", shop=shop.slug)

        assert capfdbinary.readouterr().out.startswith(b"\xef\xbb\xbftag,name,category,")

    def test_says_that_it_cannot_write(self, shop):
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_pieces", "/nowhere/at/all.csv", shop=shop.slug)
