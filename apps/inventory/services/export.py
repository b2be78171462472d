"""The stock as a file that the import reads back: CSV or XLSX, one piece a row, by tag."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from apps.core.units import currency, format_permille, plain
from apps.inventory.models import MakingMode, StonePriceMode, WastageMode
from apps.inventory.selectors import (
    IN_THE_SHOP,
    MetalPart,
    StonePart,
    WholePiece,
    parts_at_most,
    pieces_in_tag_order,
)
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    STONE_FIELDS,
    metal_field,
    stone_field,
)

_NEEDS_APOSTROPHE: Final = re.compile(r"'*[=+\-@\t\r]")
_COSTS: Final = frozenset({"cost", "margin_purchase_price"})
_SHEET_DIGITS: Final = 15  # a spreadsheet keeps no more of a number
_NUMBERS: Final = re.compile(
    r"(net_weight_g|fineness)(_\d+)?|gross_weight_g|(making|wastage)_value|fixed_price|cost"
    r"|profit_percent|hallmark_fee|margin_purchase_price"
    r"|stone_\d+_(pieces|carats|price|certificate_fee)"
)


def export_csv(*, code: str, costs: bool = True) -> Iterator[bytes]:
    """CSV in pieces of some rows each; UTF-8 with a BOM, by which spreadsheets know it.

    `code`: the shop's currency. Without `costs` the columns of what pieces cost are left out.
    """
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for number, row in enumerate(_seen(export_rows(code=code), costs=costs)):
        writer.writerow(row)
        if number % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def export_xlsx(*, code: str) -> bytes:
    """A workbook of one sheet; numbers are numbers where the sheet can hold all their digits."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("pieces")
    rows = export_rows(code=code)
    header = next(rows)
    sheet.append(header)
    for row in rows:
        sheet.append([_cell(name, text) for name, text in zip(header, row, strict=True)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def export_rows(*, code: str) -> Iterator[list[str]]:
    """The header, then each piece that is in the shop, as text."""
    metals, stones = parts_at_most(states=IN_THE_SHOP)
    metals, stones = max(metals, 1), max(stones, 1)
    yield _header(metals, stones)
    places = currency(code).exponent
    for whole in pieces_in_tag_order(states=IN_THE_SHOP):
        yield _row(whole, metals=metals, stones=stones, places=places)


def _seen(rows: Iterator[list[str]], *, costs: bool) -> Iterator[list[str]]:
    header = next(rows)
    kept = [n for n, name in enumerate(header) if costs or name not in _COSTS]
    yield [header[n] for n in kept]
    for row in rows:
        yield [row[n] for n in kept]


def escaped(text: str) -> str:
    """An apostrophe before what a spreadsheet would calculate; the import takes it off again."""
    return f"'{text}" if _NEEDS_APOSTROPHE.match(text) else text


def _header(metals: int, stones: int) -> list[str]:
    return [
        "tag",
        "name",
        "category",
        *(metal_field(part, n) for n in range(1, metals + 1) for part in METAL_FIELDS),
        "gross_weight_g",
        "making_mode",
        "making_value",
        "making_basis",
        "making_table",
        "wastage_mode",
        "wastage_value",
        "fixed_price",
        *(stone_field(part, n) for n in range(1, stones + 1) for part in STONE_FIELDS),
        "profit_percent",
        "hallmark",
        "hallmark_fee",
        "tax_category",
        "margin_purchase_price",
        "cost",
        "place",
    ]


def _row(whole: WholePiece, *, metals: int, stones: int, places: int) -> list[str]:
    piece = whole.piece
    made, wasted = piece.making_mode != MakingMode.NONE, piece.wastage_mode != WastageMode.NONE
    return [
        escaped(piece.tag),
        escaped(piece.name),
        escaped(piece.category),
        *_filled([cell for part in whole.metals for cell in _metal(part)], 3 * metals),
        "" if piece.gross_weight_g is None else f"{piece.gross_weight_g:.3f}",
        piece.making_mode if made else "",
        plain(piece.making_value) if made else "",
        piece.making_basis if made else "",
        piece.making_table,
        piece.wastage_mode if wasted else "",
        plain(piece.wastage_value) if wasted else "",
        _money_or_none(piece.fixed_price, places),
        *_filled(
            [cell for part in whole.stones for cell in _stone(part, places)],
            len(STONE_FIELDS) * stones,
        ),
        "" if piece.profit_percent is None else plain(piece.profit_percent),
        escaped(piece.hallmark),
        _money_or_none(piece.hallmark_fee, places),
        piece.tax_category,
        _money_or_none(piece.margin_purchase_price, places),
        _money(piece.cost, places),
        escaped(piece.place.name) if piece.place else "",
    ]


def _metal(part: MetalPart) -> list[str]:
    return [part.metal, format_permille(part.fineness), f"{part.net_weight_g:.3f}"]


def _stone(part: StonePart, places: int) -> list[str]:
    priced = part.price_mode != StonePriceMode.NONE
    return [
        escaped(part.kind),
        str(part.count),
        plain(part.carats),
        escaped(part.certificate),
        escaped(part.certificate_lab),
        _money_or_none(part.certificate_fee, places),
        part.price_mode if priced else "",
        plain(part.price_value) if priced else "",
    ]


def _filled(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _money(amount: Decimal, places: int) -> str:
    """In the currency's decimals; with more of them where the amount has more."""
    written = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(places, written)}f}"


def _money_or_none(amount: Decimal | None, places: int) -> str:
    return "" if amount is None else _money(amount, places)


def _cell(column: str, text: str) -> str | Decimal | None:
    """A number for a column of numbers, without what XML cannot hold for one of words."""
    if not text:
        return None
    if _NUMBERS.fullmatch(column):
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if len(number.as_tuple().digits) <= _SHEET_DIGITS:
            return number
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
