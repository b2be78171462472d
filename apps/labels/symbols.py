"""A tag's number as a symbol for scanners: squares or bars, as rows of bits.

The number alone: no cost, no name. Data Matrix and Code 128 come from pystrich, QR from segno.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import segno
from pystrich.code128.encoding import STOP, encodings
from pystrich.datamatrix import DataMatrixEncoder
from pystrich.exceptions import PyStrichError

Bits = tuple[tuple[int, ...], ...]

# White modules that the standards want on each side.
_AROUND: Final = {"datamatrix": 1, "qr": 4}
_BESIDE_BARS: Final = 10
_START_B: Final = 104
_END: Final = STOP + "11"


class NoSymbol(ValueError):
    """This kind of symbol cannot say this text."""


def symbol(kind: str, text: str) -> Bits:
    """The modules with their white border; 1 is ink. Bars have one row. Raises NoSymbol."""
    return _MAKERS[kind](text)


@cache
def _datamatrix(text: str) -> Bits:
    try:
        drawn = DataMatrixEncoder(text, quiet_zone=_AROUND["datamatrix"]).get_pilimage(1)
    except (PyStrichError, ValueError) as wrong:
        raise NoSymbol from wrong
    dots = drawn.convert("L")
    return tuple(
        tuple(int(dots.getpixel((x, y)) == 0) for x in range(dots.width))
        for y in range(dots.height)
    )


@cache
def _qr(text: str) -> Bits:
    try:
        # Never a Micro QR, which most readers do not know.
        made = segno.make(text, micro=False, error="m")
    except ValueError as wrong:
        raise NoSymbol from wrong
    return _framed([list(row) for row in made.matrix], _AROUND["qr"])


@cache
def _code128(text: str) -> Bits:
    """Set B from beginning to end, as `^BC` writes what begins with `>:`."""
    if not text or not all(" " <= char <= "~" for char in text):
        raise NoSymbol
    values = [_START_B, *(ord(char) - 32 for char in text)]
    check = (values[0] + sum(at * value for at, value in enumerate(values[1:], 1))) % 103
    bars = "".join(encodings[value] for value in (*values, check)) + _END
    white = (0,) * _BESIDE_BARS
    return ((*white, *(int(bit) for bit in bars), *white),)


def _framed(matrix: Sequence[Sequence[int]], around: int) -> Bits:
    width = len(matrix[0]) + 2 * around
    empty = ((0,) * width,) * around
    side = (0,) * around
    return (*empty, *((*side, *(int(bool(bit)) for bit in row), *side) for row in matrix), *empty)


_MAKERS: Final[dict[str, Callable[[str], Bits]]] = {
    "datamatrix": _datamatrix,
    "qr": _qr,
    "code128": _code128,
}
