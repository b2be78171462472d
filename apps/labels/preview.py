"""The picture of a tag on the screen: each dot of the printer enlarged, the dead zone hatched."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from apps.labels.layout import picture_of, placed
from apps.labels.sheet import Field, Sheet

_SCALE: Final = 3
_DEAD: Final = 206
_STRIPE: Final = 176
_EDGE: Final = 120
_APART: Final = 14


def png_of(
    sheet: Sheet, fields: Sequence[Field], facts: Mapping[str, str], *, scale: int = _SCALE
) -> bytes:
    """A PNG, `scale` pixels to the dot; with 1 it is what the printer burns and its dead zone.

    Raises SymbolDoesNotFit.
    """
    ink = picture_of(sheet, placed(sheet, fields, facts)).convert("L")
    ground = Image.new("L", ink.size, 255)
    _hatch(ground, sheet)
    shown = Image.composite(ground, ink, ink)
    if scale != 1:
        size = (shown.width * scale, shown.height * scale)
        shown = shown.resize(size, Image.Resampling.NEAREST)
    out = BytesIO()
    shown.save(out, "PNG", optimize=True)
    return out.getvalue()


def _hatch(ground: Image.Image, sheet: Sheet) -> None:
    """Stripes where nothing is printed: what lies before, between and after the two pads."""
    pads = sorted(
        (sheet.dots(p.x_mm), sheet.dots(p.x_mm + p.width_mm)) for p in (sheet.front, sheet.back)
    )
    at = 0
    draw = ImageDraw.Draw(ground)
    for left, right in [*pads, (ground.width, ground.width)]:
        if left - at > 1:
            dead = Image.new("L", (left - at, ground.height), _DEAD)
            stripes = ImageDraw.Draw(dead)
            for x in range(-ground.height, left - at, _APART):
                stripes.line((x, ground.height, x + ground.height, 0), fill=_STRIPE, width=2)
            ground.paste(dead, (at, 0))
        at = right
    for left, right in pads:
        draw.rectangle((left, 0, right - 1, ground.height - 1), outline=_EDGE)
