"""A report as tables of typed cells: one shape for the page, for CSV and for XLSX."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from apps.pricing.models import Metal


class Kind(StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    CODE = "code"  # a number of a document, a tag: left to right in every language
    DAY = "day"
    COUNT = "count"
    MONEY = "money"
    GRAMS = "grams"
    PERCENT = "percent"
    MIXED = "mixed"  # money or grams, as its cell's unit says


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` is a currency's code for money; `wide` columns are left out on a phone.

    A `spare` one is left out of the page, not of the file, where all of it is zero. `cost`: what
    pieces cost or earn, left out for who may not see it.
    """

    label: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    wide: bool = False
    spare: bool = False
    cost: bool = False

    @property
    def css(self) -> str:
        """Numbers are flush right in every language."""
        return " ".join([*(["nc"] if self.kind in _NUMBERS else []), *self._width])

    @property
    def _width(self) -> list[str]:
        return ["only-wide"] if self.wide else []


_NUMBERS = {Kind.COUNT, Kind.MONEY, Kind.GRAMS, Kind.PERCENT, Kind.MIXED}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; `link` leads to the rows that it sums. None is an empty cell.

    `unit`: a currency or a metal, in a column of both. `cost`: what pieces cost, in a column of
    other amounts; empty for who may not see it.
    """

    value: Any = None
    link: str = ""
    unit: str = ""
    cost: bool = False

    @property
    def is_grams(self) -> bool:
        return self.unit in Metal.values


@dataclass(frozen=True, slots=True)
class Row:
    """`style`: "" for a row, "group" a heading, "total" a sum, "part" a part of the row above."""

    cells: Sequence[Cell]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""

    def without_spares(self) -> "Table":
        """The table as a page shows it."""
        kept = [
            n
            for n, column in enumerate(self.columns)
            if not column.spare or any(each.cells[n].value for each in self.rows)
        ]
        rows = [replace(each, cells=[each.cells[n] for n in kept]) for each in self.rows]
        return replace(self, columns=[self.columns[n] for n in kept], rows=rows)

    def without_costs(self) -> "Table":
        """For who may not see what pieces cost. A heading has fewer cells than columns."""
        kept = [n for n, column in enumerate(self.columns) if not column.cost]
        rows = [
            replace(
                each,
                cells=[
                    Cell() if each.cells[n].cost else each.cells[n]
                    for n in kept
                    if n < len(each.cells)
                ],
            )
            for each in self.rows
        ]
        return replace(self, columns=[self.columns[n] for n in kept], rows=rows)

    def lines(self) -> Iterator[tuple[Row, list[tuple[Column, Cell]]]]:
        """Each row with its cells beside their columns; what a heading leaves out is empty."""
        for row in self.rows:
            missing = len(self.columns) - len(row.cells)
            yield row, list(zip(self.columns, [*row.cells, *[Cell()] * missing], strict=True))


class OfCosts(str):
    """A warning that says what pieces cost."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a report came to. `headline` is its answer in one sentence, `warnings` what to doubt."""

    tables: Sequence[Table]
    headline: str = ""
    notes: Sequence[str] = ()
    warnings: Sequence[str] = field(default=())
    previous_url: str = ""
    next_url: str = ""

    def without_costs(self) -> "Report":
        """The same for who may not see what pieces cost."""
        return replace(
            self,
            tables=[table.without_costs() for table in self.tables],
            warnings=[said for said in self.warnings if not isinstance(said, OfCosts)],
        )


def row(*values: Any, style: str = "") -> Row:
    """A row of plain values and of Cells."""
    return Row([each if isinstance(each, Cell) else Cell(each) for each in values], style)
