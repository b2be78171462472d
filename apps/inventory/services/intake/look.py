"""A whole file looked at: what would come in, what would not and why. Writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.typed import karats_in, parse_fineness
from apps.inventory.models import Piece
from apps.inventory.selectors import places
from apps.inventory.services.intake import shopify
from apps.inventory.services.intake.cells import Problem, Surroundings
from apps.inventory.services.intake.columns import (
    METAL_FIELDS,
    MOST_METALS,
    MOST_STONES,
    STONE_FIELDS,
    match,
    metal_field,
    stone_field,
)
from apps.inventory.services.intake.read import FileUnreadable, Row, Table, read_table
from apps.inventory.services.intake.rows import Record, RowRefused, piece_of
from apps.inventory.services.new_pieces import NewPiece
from apps.inventory.services.shop_words import shop_words
from apps.shops.models import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    line: int
    raw: list[str]
    problems: list[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a file comes to. `columns`: column number → field."""

    table: Table
    is_shopify: bool
    columns: Mapping[int, str]
    pieces: list[NewPiece]
    refused: list[RefusedRow]
    karats: Mapping[str, int]  # how the file writes a karat → the mark it was taken for

    @property
    def rows(self) -> int:
        return len(self.pieces) + len(self.refused)

    def column_of(self, field: str) -> str:
        """The title of the column that a field was read from; the field's own name without one."""
        for index, name in self.columns.items():
            if name == field:
                return self.table.header[index]
        return field


def look(content: bytes, *, shop: Shop, columns: Mapping[int, str] | None = None) -> Look:
    """Read a file against the shop in scope. Raises FileUnreadable.

    `columns` says what a person corrected; without it columns are matched by their titles.
    """
    table = read_table(content)
    is_alone = columns is None
    is_shopify = columns is None and shopify.is_shopify(table.header)
    if is_shopify:
        columns = shopify.columns(table.header)
        records = shopify.records(table.header, table.rows)
    else:
        columns = match(table.header) if columns is None else columns
        records = _records(columns, table.rows)
    if not columns and is_alone:
        raise FileUnreadable(
            _("No column of the first line is known here. Call them tag, name, metal and so on.")
        )
    karats: dict[str, int] = {}
    pieces, refused = _sorted_out(records, around=_around(table, columns, shop), karats=karats)
    return Look(
        table=table,
        is_shopify=is_shopify,
        columns=columns,
        pieces=pieces,
        refused=refused,
        karats=karats,
    )


def _records(columns: Mapping[int, str], rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        cells = {
            field: row.cells[index] for index, field in columns.items() if index < len(row.cells)
        }
        yield Record(row.line, row.cells, cells)


def _around(table: Table, columns: Mapping[int, str], shop: Shop) -> Surroundings:
    fields = set(columns.values())
    return Surroundings(
        code=shop.currency,
        places={place.name: place for place in places()},
        commas_are_decimals=table.delimiter == ";",
        metals=tuple(
            n
            for n in range(1, MOST_METALS + 1)
            if any(metal_field(part, n) in fields for part in METAL_FIELDS)
        ),
        stones=tuple(
            n
            for n in range(1, MOST_STONES + 1)
            if any(stone_field(part, n) in fields for part in STONE_FIELDS)
        ),
        words=shop_words(shop),
    )


def _sorted_out(
    records: Iterator[Record], *, around: Surroundings, karats: dict[str, int]
) -> tuple[list[NewPiece], list[RefusedRow]]:
    taken: list[tuple[Record, NewPiece]] = []
    refused: list[RefusedRow] = []
    lines: dict[str, int] = {}
    for record in records:
        try:
            piece = piece_of(record.cells, around)
            if piece.tag in lines:
                raise RowRefused([_twice(piece.tag, lines[piece.tag])])
        except RowRefused as row:
            refused.append(RefusedRow(line=record.line, raw=record.raw, problems=row.problems))
            continue
        lines[piece.tag] = record.line
        taken.append((record, piece))
        _note_karats(record, around, karats)
    here = _tags_here(list(lines))
    pieces = []
    for record, piece in taken:
        if piece.tag in here:
            problems = [_in_the_shop(piece.tag)]
            refused.append(RefusedRow(line=record.line, raw=record.raw, problems=problems))
        else:
            pieces.append(piece)
    refused.sort(key=lambda row: row.line)
    return pieces, refused


def _note_karats(record: Record, around: Surroundings, karats: dict[str, int]) -> None:
    """Remember how a row that was read writes its karats, for a person to see what they became."""
    for n in around.metals:
        text = record.cells.get(metal_field("fineness", n), "").strip()
        if text not in karats and karats_in(text) is not None:
            karats[text] = parse_fineness(text, metal="gold")


def _tags_here(tags: Sequence[str]) -> set[str]:
    """Which of the tags the shop has already."""
    here: set[str] = set()
    for start in range(0, len(tags), 5_000):
        here.update(
            Piece.objects.filter(tag__in=tags[start : start + 5_000]).values_list("tag", flat=True)
        )
    return here


def _twice(tag: str, line: int) -> Problem:
    reason = _("Tag %(tag)s is on line %(line)s already. Give one of the two another tag.")
    return Problem("tag", tag, reason % {"tag": tag, "line": line})


def _in_the_shop(tag: str) -> Problem:
    reason = _("Tag %(tag)s is already on another piece. Print a new tag for this one.")
    return Problem("tag", tag, reason % {"tag": tag})
