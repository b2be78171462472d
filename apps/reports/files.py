"""A report as a file: CSV or XLSX. Numbers stay numbers, and no text is ever calculated."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font

from apps.core.currencies import CURRENCIES
from apps.core.units import currency
from apps.inventory.services.export import escaped
from apps.reports.tables import Cell, Column, Kind, Report

_DECIMALS: Final = {Kind.GRAMS: 3, Kind.PERCENT: 2}
_SHEET_NAME: Final = 31  # a workbook takes no longer one
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def as_csv(report: Report, *, title: str) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; tables one under the other."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([escaped(title)])
    for table in report.tables:
        writer.writerow([])
        writer.writerow([escaped(table.caption)])
        writer.writerow([escaped(_head(column)) for column in table.columns])
        for _row, cells in table.lines():
            writer.writerow([_text(column, cell) for column, cell in cells])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def as_xlsx(report: Report, *, title: str) -> bytes:
    """A workbook with a sheet for each table."""
    book = Workbook(write_only=True)
    for number, table in enumerate(report.tables, 1):
        name = f"{number} {table.caption.translate(_FORBIDDEN)}"[:_SHEET_NAME]
        sheet = book.create_sheet(name)
        sheet.append([_words(title)])
        sheet.append([_words(table.caption)])
        sheet.append([])
        sheet.append([_bold(sheet, _words(_head(column))) for column in table.columns])
        for row, cells in table.lines():
            values = [_value(sheet, column, cell) for column, cell in cells]
            sheet.append([_bold(sheet, v) if row.style == "total" else v for v in values])
    if not report.tables:
        book.create_sheet("1")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _head(column: Column) -> str:
    unit = "g" if column.kind == Kind.GRAMS else column.unit
    return f"{column.label} ({unit})" if unit else column.label


def _text(column: Column, cell: Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal)):
        return _rounded(column, cell, value)
    return escaped(str(value))


def _rounded(column: Column, cell: Cell, value: int | Decimal) -> str:
    """In the column's decimals, or in more where the number has more: a file loses nothing."""
    if isinstance(value, int):
        return str(value)
    places = _places(column, cell)
    written = -int(value.normalize().as_tuple().exponent)
    return f"{value:.{max(places, written)}f}"


def _places(column: Column, cell: Cell) -> int:
    unit = column.unit or cell.unit
    if unit in CURRENCIES:
        return currency(unit).exponent
    return 3 if cell.is_grams else _DECIMALS.get(column.kind, 0)


def _value(sheet: Any, column: Column, cell: Cell) -> Any:
    value = cell.value
    if value is None or isinstance(value, (int, date)):
        return value
    if isinstance(value, Decimal):
        made = WriteOnlyCell(sheet, value=value)
        places = _places(column, cell)
        made.number_format = "#,##0" + (f".{'0' * places}" if places else "")
        return made
    return _words(str(value))


def _bold(sheet: Any, value: Any) -> Any:
    cell = value if isinstance(value, SheetCell) else WriteOnlyCell(sheet, value)
    cell.font = Font(bold=True)
    return cell


def _words(text: str) -> str:
    """Text that a spreadsheet shows as it is; openpyxl would take a leading = for a formula."""
    return escaped(str(ILLEGAL_CHARACTERS_RE.sub("", text)))
