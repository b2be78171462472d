"""Words of a tag as dots: measured, shortened and drawn with the paper's own fonts.

Pillow joins and turns Persian letters by Raqm, which its wheel brings. A text is drawn in one
font: Vazirmatn where it holds an Arabic letter (it has Latin ones too), else Inter.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from apps.core.paper.files import path_of

ELLIPSIS: Final = "…"
# A long name is made smaller up to this much before it is cut.
_SMALLEST: Final = 0.72
_LOOKS: Final = {"latin": "ÁÉgjpqy|", "arabic": "آگچژٔيعلی۰۹"}
_ARABIC: Final = (("\u0600", "\u06ff"), ("\u0750", "\u077f"), ("\ufb50", "\ufeff"))
_JOINERS: Final = "\u200c\u200d"  # what Persian spells with; every other format sign goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A text as it fits: its letters' size, the words that are left, how wide they are. Dots."""

    text: str
    size: int
    width: int
    bold: bool


def clean(text: str) -> str:
    """One line without what is not printed, and without signs that turn other letters round."""
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or char in _JOINERS or unicodedata.category(char)[0] != "C"
    )
    return " ".join("".join(kept).split())


def is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction, as Unicode has it; digits have none."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return any(unicodedata.bidirectional(char) == "AN" for char in text)


def fit(text: str, *, width: int, height: int, bold: bool) -> Fitted:
    """Make a text as large as the box allows, then smaller, then shorter. Dots.

    Its ink is never outside of `width` × `height`. Empty where not even the ellipsis fits.
    """
    text = clean(text)
    script = _script(text)
    largest = _size_for(height, script, bold)
    smallest = max(1, round(largest * _SMALLEST))
    for size in range(largest, smallest - 1, -1):
        wide = _width(text, size, bold)
        if wide <= width:
            return Fitted(text=text, size=size, width=wide, bold=bold)
    return _shortened(text, smallest, width=width, bold=bold)


def _shortened(text: str, size: int, *, width: int, bold: bool) -> Fitted:
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _width(_cut(text, middle), size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    short = _cut(text, low)
    wide = _width(short, size, bold)
    if wide > width:
        return Fitted(text="", size=size, width=0, bold=bold)
    return Fitted(text=short, size=size, width=wide, bold=bold)


def _cut(text: str, length: int) -> str:
    kept = text[:length]
    # A mark stays with its letter, and a joiner has something to join.
    if length < len(text) and unicodedata.combining(text[length]):
        kept = kept.rstrip("".join(c for c in kept if unicodedata.combining(c)))[:-1]
    return kept.rstrip(" " + _JOINERS) + ELLIPSIS


def draw(fitted: Fitted, *, width: int, height: int, align: str) -> Image.Image:
    """The 1-bit picture of a box with a text in it; `align`: left, center or right."""
    picture = Image.new("L", (width, height), 255)
    if fitted.text:
        x = {"left": 0, "center": (width - fitted.width) // 2, "right": width - fitted.width}[align]
        font = _font(_script(fitted.text), fitted.size, fitted.bold)
        left, _top, _right, _bottom = _ink(fitted.text, fitted.size, fitted.bold)
        _l, top, _r, bottom = _look(_script(fitted.text), fitted.size, fitted.bold)
        y = (height - (bottom - top)) // 2 - top
        ImageDraw.Draw(picture).text(
            (x - left, y), fitted.text, font=font, fill=0, anchor="ls", direction=_way(fitted.text)
        )
    return picture.point(lambda shade: 255 if shade > 140 else 0).convert("1")


def _script(text: str) -> str:
    return "arabic" if any(_is_arabic(char) for char in text) else "latin"


def _is_arabic(char: str) -> bool:
    return any(first <= char <= last for first, last in _ARABIC)


def _way(text: str) -> str:
    return "rtl" if is_right_to_left(text) else "ltr"


@cache
def _font(script: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    path = path_of(f"fonts/receipt-{script}-{700 if bold else 400}.woff2")
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


def _ink(text: str, size: int, bold: bool) -> tuple[int, int, int, int]:
    font = _font(_script(text), size, bold)
    left, top, right, bottom = font.getbbox(text, anchor="ls", direction=_way(text))
    return int(left), int(top), int(right), int(bottom)


def _width(text: str, size: int, bold: bool) -> int:
    left, _top, right, _bottom = _ink(text, size, bold)
    return right - left


@cache
def _look(script: str, size: int, bold: bool) -> tuple[int, int, int, int]:
    """How high and how low the letters of a script reach from their line."""
    return _ink(_LOOKS[script], size, bold)


@cache
def _size_for(height: int, script: str, bold: bool) -> int:
    """The largest letters of which none reaches out of a row of this height."""
    size = max(1, height * 2)
    while size > 1:
        _left, top, _right, bottom = _look(script, size, bold)
        if bottom - top <= height:
            break
        size -= 1
    return size
