"""A tag as ZPL II, the language of Zebra's printers and of those that copy them. Pure.

Everything goes as a picture but what every such printer draws the same: bars of Code 128, and
Latin words where the template asks for the printer's own letters. Pictures are `^GFA` in the
run-length letters of the language. Squares (Data Matrix, QR) are pictures too: printers choose
their size by themselves and move QR codes down by ten dots, and then it is not the preview.
Source: ZPL II programming guide, ^A, ^BC, ^FB, ^FH, ^FO, ^GF, ^LL, ^PQ, ^PW, ~SD.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from PIL import Image, ImageChops

from apps.labels.layout import Placed, PlacedSymbol, PlacedText, dots_of
from apps.labels.letters import is_right_to_left
from apps.labels.sheet import Sheet

MOST_COPIES: Final = 20
_JUSTIFIED: Final = {"left": "L", "center": "C", "right": "R"}
# G to Y say 1 to 19 times the next digit, g to z say 20 to 400 times; they add up.
_ONES: Final = "GHIJKLMNOPQRSTUVWXY"
_TWENTIES: Final = "ghijklmnopqrstuvwxyz"


def zpl_of(
    sheet: Sheet,
    tags: Iterable[Sequence[Placed]],
    *,
    darkness: int,
    printers_letters: bool,
    copies: int = 1,
) -> bytes:
    """The file that prints these tags, one after another, each `copies` times."""
    head = f"~SD{darkness:02d}\n"
    labels = (_label(sheet, items, printers_letters, copies) for items in tags)
    return (head + "".join(labels)).encode("ascii")


def _label(sheet: Sheet, items: Sequence[Placed], printers_letters: bool, copies: int) -> str:
    width, height = sheet.dots(sheet.width_mm), sheet.dots(sheet.height_mm)
    head = f"^XA\n^CI28\n^LH0,0\n^PW{width}\n^LL{height}\n"
    body = "".join(_item(item, printers_letters) for item in items)
    return f"{head}{body}^PQ{copies}\n^XZ\n"


def _item(item: Placed, printers_letters: bool) -> str:
    if isinstance(item, PlacedSymbol) and item.field.what == "code128" and not item.field.turned:
        return _bars(item)
    if isinstance(item, PlacedText):
        if not item.fitted.text:
            return ""
        if printers_letters and _printer_can(item):
            return _words(item)
    return _picture(item)


def _bars(item: PlacedSymbol) -> str:
    """`>:` begins set B; a `>` in the tag itself is `>0`. The border is white in the box."""
    quiet = item.module * _quiet(item)
    data = field_data(item.text.replace(">", ">0"))
    return (
        f"^FO{item.x + quiet},{item.y}^BY{item.module}^BCN,{item.height},N,N,N^FH_^FD>:{data}^FS\n"
    )


def _quiet(item: PlacedSymbol) -> int:
    return item.bits[0].index(1)


def _printer_can(item: PlacedText) -> bool:
    """Whether the printer's own font has every letter, and reads it from left to right.

    A backslash means something in a block of text, so it goes as a picture.
    """
    text = item.fitted.text
    latin = all(" " <= char <= "~" or "\xa0" < char <= "\xff" for char in text)
    return latin and "\\" not in text and not item.field.turned and not is_right_to_left(text)


def _words(item: PlacedText) -> str:
    """A text that was measured with wider letters than the printer's: it fits one row."""
    size = min(item.fitted.size, item.height)
    y = item.y + (item.height - size) // 2
    align = _JUSTIFIED[item.field.align]
    return (
        f"^FO{item.x},{y}^A0N,{size}^FB{item.width},1,0,{align}"
        f"^FH_^FD{field_data(item.fitted.text)}^FS\n"
    )


def field_data(text: str) -> str:
    """A text between ^FH_^FD and ^FS: what is a command, and what is no ASCII, in hexadecimal."""
    return "".join(
        char
        if " " <= char <= "~" and char not in "^~_\\"
        else "".join(f"_{byte:02X}" for byte in char.encode())
        for char in text
    )


def _picture(item: Placed) -> str:
    picture = dots_of(item)
    box = ImageChops.invert(picture.convert("L")).getbbox()
    if box is None:
        return ""
    # Only where there is ink: what is white around it costs time on a slow line.
    inked = picture.crop(box)
    across = (inked.width + 7) // 8
    total = across * inked.height
    return (
        f"^FO{item.x + box[0]},{item.y + box[1]}^GFA,{total},{total},{across},{packed(inked)}^FS\n"
    )


def packed(picture: Image.Image) -> str:
    """The dots of a 1-bit picture in the run-length letters of ^GFA; rows end at whole bytes."""
    ink = ImageChops.invert(picture).tobytes()
    across = (picture.width + 7) // 8
    rows = [ink[at : at + across].hex().upper() for at in range(0, len(ink), across)]
    said: list[str] = []
    for at, row in enumerate(rows):
        said.append(":" if at and row == rows[at - 1] else _row(row))
    return "".join(said)


def _row(row: str) -> str:
    """One row; `,` fills it with white, `!` with ink."""
    short = row.rstrip("0")
    if len(row) - len(short) > 1:
        return _runs(short) + ","
    short = row.rstrip("F")
    if len(row) - len(short) > 1:
        return _runs(short) + "!"
    return _runs(row)


def _runs(text: str) -> str:
    said: list[str] = []
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and text[end] == text[at]:
            end += 1
        said.append(_times(end - at) + text[at])
        at = end
    return "".join(said)


def _times(count: int) -> str:
    if count == 1:
        return ""
    said = "z" * (count // 400)
    count %= 400
    if count >= 20:
        said += _TWENTIES[count // 20 - 1]
        count %= 20
    return said + (_ONES[count - 1] if count else "")
