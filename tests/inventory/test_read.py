"""From bytes to rows of text, whatever program wrote them."""

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from apps.inventory.services.intake import read, xlsx
from apps.inventory.services.intake.read import FileUnreadable, read_table
from tests.inventory.files import HEADER, csv_file, ring, xlsx_file, zip_file


def rows(content):
    return [row.cells for row in read_table(content).rows]


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_finds_the_delimiter(self, delimiter):
        table = read_table(csv_file([ring(name="Ring, plain; 3 mm")], delimiter=delimiter))

        assert (table.delimiter, table.header) == (delimiter, HEADER)
        assert next(table.rows).cells == ring(name="Ring, plain; 3 mm")

    @pytest.mark.parametrize(
        ("encoding", "told"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("utf-16", "utf-16"),
            ("cp1256", "windows-1256"),
        ],
    )
    def test_reads_persian_in_each_encoding_and_says_which(self, encoding, told):
        # The Windows code page has no Persian yeh; such files are written with the Arabic one.
        table = read_table(csv_file([ring(name="گردنبند طلا")], encoding=encoding))

        assert table.encoding == told
        assert next(table.rows).cells[1] == "گردنبند طلا"

    def test_takes_western_letters_for_western(self):
        table = read_table(csv_file([ring(name="Médaille, Größe L")], encoding="cp1252"))

        assert table.encoding == "windows-1252"
        assert next(table.rows).cells[1] == "Médaille, Größe L"

    def test_believes_the_line_that_names_the_delimiter(self):
        assert rows(b"sep=;\r\ntag;name\r\nR-1;Ring, plain\r\n") == [["R-1", "Ring, plain"]]

    def test_counts_lines_as_an_editor_does(self):
        content = b'tag,name\n\nR-1,"two\nlines"\nR-2,x\n'

        assert [row.line for row in read_table(content).rows] == [3, 5]

    def test_keeps_no_more_empty_columns_than_a_table_has(self):
        table = read_table(b"tag" + b"," * 1_000 + b"\nR-1\n")

        assert table.header == ["tag", *[""] * 199]

    def test_stops_at_the_fifty_thousand_and_first_row(self):
        content = b"tag\n" + b"R-1\n" * (read.MOST_ROWS + 1)

        with pytest.raises(FileUnreadable, match="more than 50,000 rows"):
            rows(content)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b" \n ",
            b"\n\n,,\n",
            b"%PDF-1.7 ...",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"t\x00a\x00g\x00,\x00",
            b"\xff\xfe\x00",
            b'tag,name\nR-1,"' + b"x" * 200_000,
            b"tag\n" + b"x," * 300 + b"x\n",
            b"x" * 200_000,
            b"tag," + b"x," * 300 + b"x\nR-1\n",
        ],
        ids=[
            "nothing",
            "spaces",
            "commas",
            "pdf",
            "xls",
            "utf-16 unsaid",
            "cut",
            "quote",
            "wide",
            "one line",
            "wide header",
        ],
    )
    def test_says_in_a_sentence_that_a_file_is_no_table(self, content):
        with pytest.raises(FileUnreadable) as refused:
            rows(content)

        assert str(refused.value).endswith((".", "?"))


class TestXlsx:
    def test_reads_numbers_as_the_sheet_shows_them(self):
        content = xlsx_file(
            [["R-1", 0.1 + 0.2, 3.85, 10482.0, 1e-7, None, Decimal("12.500"), True]]
        )

        assert rows(content) == [["R-1", "0.3", "3.85", "10482", "0.0000001", "", "12.5", "TRUE"]]

    def test_gives_the_saved_value_of_a_formula_and_never_calculates(self):
        assert rows(xlsx_file([["R-1", "=1+1"]])) == [["R-1", ""]]

    def test_does_not_believe_the_size_a_sheet_claims(self):
        book = Workbook()
        book.active["A1"] = "tag"
        book.active["A2"] = "R-1"
        file = io.BytesIO()
        book.save(file)
        claimed = file.getvalue()

        assert rows(claimed) == [["R-1"]]

    def test_refuses_a_bomb_before_it_is_unpacked(self):
        bomb = zip_file(
            {
                "[Content_Types].xml": "<Types/>",
                "xl/worksheets/sheet1.xml": b"0" * (xlsx._MOST_UNPACKED + 1),
            }
        )

        assert len(bomb) < 1_000_000
        with pytest.raises(FileUnreadable, match="Unpacked, the file would be larger"):
            rows(bomb)

    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04 and then nothing",
            zip_file({"a.txt": "no workbook"}),
            zip_file({"[Content_Types].xml": "<Types"}),
            zip_file({"[Content_Types].xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><Types>&a;</Types>"}),
        ],
        ids=["torn", "other zip", "torn xml", "entity"],
    )
    def test_says_in_a_sentence_that_a_zip_is_no_workbook(self, content):
        with pytest.raises(FileUnreadable, match="no XLSX sheet"):
            rows(content)

    def test_bounds_the_lines_of_a_sheet(self, monkeypatch):
        monkeypatch.setattr(xlsx, "_MOST_LINES", 100)

        with pytest.raises(FileUnreadable, match="more than 100 lines"):
            rows(xlsx_file([["R-1"]] * 200))
