"""The first sheet of an XLSX file as rows of text, numbers as the sheet shows them.

The file is a stranger's: a zip of XML. What it would unpack to is bounded before it is unpacked.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

_MOST_UNPACKED: Final = 150 * 1024 * 1024
_MOST_STRINGS: Final = 40 * 1024 * 1024  # the sheet's texts are held in memory all at once
_MOST_PARTS: Final = 2_000
_MOST_LINES: Final = 200_000  # empty ones count here too


class XlsxRefused(Exception):
    """Its text is a sentence for the person."""


# What openpyxl, the zip and the XML below it raise for a file that is no workbook.
_BROKEN: Final = (
    InvalidFileException,
    ParseError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
    RuntimeError,
)


def xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row of the first sheet. Raises XlsxRefused, also in between.

    A formula gives the value it had when the file was saved.
    """
    _refuse_bombs(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the sheet says of its own size may be a lie of a million columns.
        sheet.reset_dimensions()
        for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if line > _MOST_LINES:
                raise XlsxRefused(
                    _("The sheet has more than %(most)s lines. Delete the empty ones, or split it.")
                    % {"most": f"{_MOST_LINES:,}"}
                )
            yield line, [as_shown(value) for value in row]
    except _BROKEN as broken:
        raise XlsxRefused(_unreadable()) from broken


def as_shown(value: Any) -> str:
    """A cell as text. A number has the 15 digits that a spreadsheet shows, no binary artefacts.

    as_shown(3.8500000000000001) = "3.85", as_shown(10482.0) = "10482".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        text = format(Decimal(format(value, ".15g")), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _refuse_bombs(content: bytes) -> None:
    """Raises XlsxRefused. Sizes in the zip's directory bind: more than they say is not read."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        # zipfile's three words for bytes that it cannot open: no archive; an archive whose numbers
        # or names make no sense; one that needs a newer reader. None of them is a fault of ours.
        raise XlsxRefused(_unreadable()) from broken
    texts = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED or texts > _MOST_STRINGS:
        raise XlsxRefused(
            _("Unpacked, the file would be larger than is taken at once. Save the sheet as CSV.")
        )
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise XlsxRefused(_unreadable())


def _unreadable() -> str:
    return _("The file is no XLSX sheet that can be read. Save it again as XLSX or CSV.")
