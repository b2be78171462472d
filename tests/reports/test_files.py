"""A report as a file: numbers stay numbers, and no text becomes a formula."""

import csv
import io
from datetime import date
from decimal import Decimal

from openpyxl import load_workbook

from apps.reports.files import as_csv, as_xlsx
from apps.reports.tables import Cell, Column, Kind, Report, Table, row

REPORT = Report(
    tables=[
        Table(
            caption="Kinds [all]: of / a very long name that no sheet of a book may have",
            columns=[
                Column("Kind"),
                Column("Day", Kind.DAY),
                Column("Pieces", Kind.COUNT),
                Column("Fine", Kind.GRAMS),
                Column("Total", Kind.MONEY, "KWD"),
                Column("Moved", Kind.MIXED),
            ],
            rows=[
                row("Rings", style="group"),
                row(
                    "=HYPERLINK(1)",
                    date(2026, 1, 15),
                    -3,
                    Decimal("9.16"),
                    Decimal("-12.5000"),
                    Cell(Decimal("1.5"), unit="gold"),
                ),
                row("@sum", None, 0, Decimal("0"), Decimal("0.0005"), None, style="total"),
            ],
        )
    ]
)


def test_csv_is_what_a_spreadsheet_reads():
    body = as_csv(REPORT, title="+Noor: Sales")
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0] == ["'+Noor: Sales"]
    assert rows[3] == ["Kind", "Day", "Pieces", "Fine (g)", "Total (KWD)", "Moved"]
    assert rows[4] == ["Rings", "", "", "", "", ""]
    assert rows[5] == ["'=HYPERLINK(1)", "2026-01-15", "-3", "9.160", "-12.500", "1.500"]
    assert rows[6] == ["'@sum", "", "0", "0.000", "0.0005", ""]


def test_xlsx_holds_numbers_and_no_formula():
    book = load_workbook(io.BytesIO(as_xlsx(REPORT, title="=Noor")))
    (sheet,) = book.worksheets
    assert len(sheet.title) <= 31
    cells = list(sheet.iter_rows())
    assert not [cell.coordinate for line in cells for cell in line if cell.data_type == "f"]
    rings, total = cells[5], cells[6]
    assert rings[0].value == "'=HYPERLINK(1)"
    assert [rings[n].value for n in (2, 3, 4)] == [-3, 9.16, -12.5]
    assert rings[4].number_format == "#,##0.000"
    assert total[0].font.bold
    assert not rings[0].font.bold


def test_an_empty_report_is_a_file_all_the_same():
    assert load_workbook(io.BytesIO(as_xlsx(Report(tables=[]), title="Noor"))).worksheets
    assert b"Noor" in as_csv(Report(tables=[]), title="Noor")
