"""Where each dot of a tag is: what the preview shows and what the printer is told. Pure.

Both are drawn from the same list, so the picture is what comes out of the printer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from PIL import Image

from apps.core.errors import Invalid
from apps.labels import letters
from apps.labels.letters import Fitted
from apps.labels.sheet import SYMBOLS, Field, Sheet
from apps.labels.symbols import Bits, NoSymbol, symbol

# A module of a symbol is not smaller than this: cheap scanners do not resolve it.
_LEAST_MODULE_MM: Final = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One thing of a tag and its box; dots from the upper left corner of the sheet."""

    field: Field
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedText(Placed):
    fitted: Fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSymbol(Placed):
    """`module`: dots of the smallest square or bar. The box is the symbol with its border."""

    text: str
    bits: Bits
    module: int


@dataclass(eq=False)
class SymbolDoesNotFit(Invalid):
    tag: str
    what: str

    def __str__(self) -> str:
        return _(
            "%(symbol)s: %(tag)s does not fit. Give it more room on the template, or choose"
            " Data Matrix."
        ) % {"symbol": SYMBOLS[self.what], "tag": self.tag}


def placed(sheet: Sheet, fields: Iterable[Field], facts: Mapping[str, str]) -> list[Placed]:
    """Put the facts of a piece where the fields say; a fact that is empty leaves its place empty.

    Raises SymbolDoesNotFit.
    """
    return [
        _symbol(sheet, field, facts["tag"])
        if field.what in SYMBOLS
        else _text(sheet, field, facts.get(field.what, ""))
        for field in fields
    ]


def _box(sheet: Sheet, field: Field) -> tuple[int, int, int, int]:
    """x, y, width and height in dots; each edge is rounded once, so that neighbours touch."""
    left_mm = sheet.pad(field.side).x_mm + field.x_mm
    x, y = sheet.dots(left_mm), sheet.dots(field.y_mm)
    return (
        x,
        y,
        max(1, sheet.dots(left_mm + field.width_mm) - x),
        max(1, sheet.dots(field.y_mm + field.height_mm) - y),
    )


def _text(sheet: Sheet, field: Field, text: str) -> PlacedText:
    x, y, width, height = _box(sheet, field)
    along, across = (height, width) if field.turned else (width, height)
    fitted = letters.fit(text, width=along, height=across, bold=field.bold)
    return PlacedText(field=field, x=x, y=y, width=width, height=height, fitted=fitted)


def _symbol(sheet: Sheet, field: Field, tag: str) -> PlacedSymbol:
    x, y, width, height = _box(sheet, field)
    try:
        bits = symbol(field.what, tag)
    except NoSymbol as wrong:
        raise SymbolDoesNotFit(tag=tag, what=field.what) from wrong
    across, down = len(bits[0]), len(bits)
    is_bars = down == 1
    along, beside = (height, width) if field.turned else (width, height)
    module = along // across if is_bars else min(along // across, beside // down)
    if module < _LEAST_MODULE_MM * sheet.dots(Decimal(1)):
        raise SymbolDoesNotFit(tag=tag, what=field.what)
    wide, high = across * module, (beside if is_bars else down * module)
    if field.turned:
        wide, high = high, wide
    shift = {"left": 0, "center": (width - wide) // 2, "right": width - wide}[field.align]
    return PlacedSymbol(
        field=field,
        x=x + shift,
        y=y,
        width=wide,
        height=high,
        text=tag,
        bits=bits,
        module=module,
    )


def dots_of(item: Placed) -> Image.Image:
    """The 1-bit picture of one box, as large as the box; black is ink."""
    field = item.field
    along, across = (item.height, item.width) if field.turned else (item.width, item.height)
    if isinstance(item, PlacedText):
        drawn = letters.draw(item.fitted, width=along, height=across, align=field.align)
    else:
        assert isinstance(item, PlacedSymbol)
        drawn = _drawn(item, along, across)
    return drawn.transpose(Image.Transpose.ROTATE_270) if field.turned else drawn


def _drawn(item: PlacedSymbol, width: int, height: int) -> Image.Image:
    small = Image.new("1", (len(item.bits[0]), len(item.bits)), 1)
    small.putdata([0 if bit else 255 for row in item.bits for bit in row])
    return small.resize((width, height), Image.Resampling.NEAREST)


def picture_of(sheet: Sheet, items: Iterable[Placed]) -> Image.Image:
    """The whole sheet as the printer burns it: 1 bit, one dot a pixel."""
    size = (sheet.dots(sheet.width_mm), sheet.dots(sheet.height_mm))
    picture = Image.new("1", size, 1)
    for item in items:
        box = dots_of(item)
        # Ink only: a box over another does not wipe it out, as it does not on the printer.
        picture.paste(0, (item.x, item.y), box.point(lambda dot: 255 - dot))
    return picture
