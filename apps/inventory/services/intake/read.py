"""From the bytes of a file to rows of text: CSV in four encodings, XLSX. Knows no piece."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.inventory.services.intake.xlsx import XlsxRefused, xlsx_rows

MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 200
_DELIMITERS: Final = (",", ";", "\t")
_TEXT_OF_ARABIC: Final = re.compile(rb"[\x80-\xff]{3}")
_ZIP, _OLD_EXCEL, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"


@dataclass(eq=False)
class FileUnreadable(Invalid):
    """The file as a whole cannot be taken; `reason` is a whole sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # in the file, from 1; of a CSV row that spans lines, its first
    cells: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that can be read. `rows` goes once, and may still raise FileUnreadable."""

    kind: str  # csv or xlsx
    encoding: str  # of a CSV: utf-8, utf-16, windows-1256, windows-1252; of an XLSX ""
    delimiter: str
    header: list[str]
    rows: Iterator[Row]


def read_table(content: bytes) -> Table:
    """The table in a file, whatever its name says. Raises FileUnreadable."""
    if not content.strip():
        raise FileUnreadable(_("The file is empty. Choose the file that holds the pieces."))
    if content.startswith(_ZIP):
        try:
            return _table("xlsx", "", "", _refusing_xlsx(xlsx_rows(content)))
        except XlsxRefused as refused:
            raise FileUnreadable(str(refused)) from refused
    if content.startswith((_OLD_EXCEL, _PDF)):
        raise FileUnreadable(
            _("This is neither CSV nor XLSX. Save the sheet as one of them and choose that file.")
        )
    text, encoding = _decoded(content)
    delimiter, text = _delimiter(text)
    return _table("csv", encoding, delimiter, _csv_rows(text, delimiter))


def _table(kind: str, encoding: str, delimiter: str, rows: Iterator[Row]) -> Table:
    written = (row for row in rows if any(cell.strip() for cell in row.cells))
    header = next(written, None)
    if header is None:
        raise FileUnreadable(_("The file is empty. Choose the file that holds the pieces."))
    _demand_narrow(header)
    return Table(
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        header=[cell.strip() for cell in header.cells[:MOST_COLUMNS]],
        rows=_bounded(written),
    )


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise FileUnreadable(
                _("The file has more than %(most)s rows. Split it and bring in one after another.")
                % {"most": f"{MOST_ROWS:,}"}
            )
        _demand_narrow(row)
        yield row


def _demand_narrow(row: Row) -> None:
    """Raises FileUnreadable. Empty cells at the end do not count: sheets leave them behind."""
    if len(row.cells) > MOST_COLUMNS and any(row.cells[MOST_COLUMNS:]):
        raise FileUnreadable(
            _("Line %(line)s has more than %(most)s columns. Is it the right file?")
            % {"line": row.line, "most": MOST_COLUMNS}
        )


def _refusing_xlsx(rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    try:
        for line, cells in rows:
            yield Row(line, cells)
    except XlsxRefused as refused:
        raise FileUnreadable(str(refused)) from refused


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding; one that had to be guessed is told to the person."""
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise FileUnreadable(_not_text()) from None
    if content.count(0) * 20 > len(content):
        raise FileUnreadable(_not_text())
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    # Neither of the two old encodings can be told by its bytes alone. Arabic and Persian words
    # are runs of high bytes; in Latin words an accented letter stands among plain ones.
    if _TEXT_OF_ARABIC.search(content):
        return content.decode("cp1256"), "windows-1256"
    return content.decode("cp1252", errors="replace"), "windows-1252"


def _not_text() -> str:
    return _("The file holds no text. Save the sheet as CSV or XLSX and choose that file.")


def _delimiter(text: str) -> tuple[str, str]:
    """The sign between columns: the one that splits the first line into most; and the text.

    Excel's own first line `sep=;` is believed and taken off.
    """
    first, newline, rest = text.partition("\n")
    said = re.fullmatch(r"sep=(.)\r?", first.strip("\ufeff"))
    if said and newline:
        return said[1], rest
    lines = text.lstrip("\r\n").splitlines()
    # A longer line is no header, and csv refuses a cell of this length.
    head = lines[0][: csv.field_size_limit()] if lines else ""
    return max(
        _DELIMITERS, key=lambda sign: len(next(csv.reader([head], delimiter=sign), []))
    ), text


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error:
        raise FileUnreadable(
            _("Line %(line)s cannot be read: a quotation mark is open, or a cell is too long.")
            % {"line": line}
        ) from None
