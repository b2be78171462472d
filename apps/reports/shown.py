"""A cell as the page writes it: the same signs as the filters of the templates."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from apps.core.templatetags import shop as signs
from apps.pricing.models import Metal
from apps.reports.tables import Cell, Column, Kind, Row, Table


def shown(column: Column, cell: Cell) -> SafeString:
    """The value with its link, escaped; nothing for an empty cell.

    Built here and not of template parts: a day book has thousands of cells.
    """
    if cell.value is None:
        return SafeString("")
    text = conditional_escape(_value(column, cell))
    return format_html('<a href="{}">{}</a>', cell.link, text) if cell.link else text


Written = list[tuple[Row, list[tuple[Column, SafeString]]]]


def written(table: Table) -> Written:
    """The rows of a table, each value as it is written beside its column."""
    return [
        (row, [(column, shown(column, cell)) for column, cell in cells])
        for row, cells in table.lines()
    ]


def _value(column: Column, cell: Cell) -> Any:
    if column.kind == Kind.CODE:
        return format_html("<bdi>{}</bdi>", signs.in_digits(cell.value))
    if isinstance(cell.value, str):
        return cell.value  # the heading of a sum
    return _SIGNS[column.kind](cell.value, cell.unit or column.unit)


def _mixed(value: Any, unit: str) -> str:
    return signs.grams_bare(value) if unit in Metal.values else signs.money(value, unit)


_SIGNS: Final[dict[Kind, Callable[[Any, str], Any]]] = {
    Kind.TEXT: lambda value, unit: value,
    Kind.DAY: lambda value, unit: signs.day(value, "table"),
    Kind.COUNT: lambda value, unit: signs.number(value),
    Kind.MONEY: signs.money,
    Kind.GRAMS: lambda value, unit: signs.grams_bare(value),
    Kind.PERCENT: lambda value, unit: signs.percent(value),
    Kind.MIXED: _mixed,
}
