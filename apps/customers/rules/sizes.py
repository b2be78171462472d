"""Ring sizes: one circumference in millimetres (ISO 8653), and what other countries call it.

Every standard measures the inside of the ring. The formulas stand in
`docs/reference/customers.md`; all of them are exact lines, so that a size goes there and back.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

_PI: Final = Decimal("3.14159265358979")
# Inside diameter = 11.63 mm + 0.8128 mm a size.
_US_ZERO: Final = Decimal("11.63") * _PI
_US_STEP: Final = Decimal("0.8128") * _PI
# BS 6820: A is 37.5 mm around, and 1.25 mm a letter.
_UK_ZERO: Final = Decimal("37.5")
_UK_STEP: Final = Decimal("1.25")
# 1 is 13 mm across, and a third of a millimetre a size.
_JP_ONE: Final = Decimal(13) * _PI
_JP_STEP: Final = _PI / 3
LEAST_MM: Final = Decimal(35)
MOST_MM: Final = Decimal(90)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER: Final = re.compile(r"([A-Z])(?:\+?([0-9]))?(1/2|½|\.5)?")


class RingStandard(StrEnum):
    ISO = "iso"
    US = "us"
    UK = "uk"
    JP = "jp"


class NoRingSize(ValueError):
    """What was written is no size of the standard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingSize:
    """One size in four standards, the nearest that each sells."""

    iso: str
    us: str
    uk: str
    jp: str


def ring_mm(standard: RingStandard, size: str) -> Decimal:
    """The circumference of a size, to a tenth of a millimetre. Raises NoRingSize."""
    written = re.sub(r"\s+(?=[½¼¾+]|1/2)", "", size.strip().upper())
    if standard == RingStandard.UK:
        around = _UK_ZERO + _UK_STEP * _letter_of(written)
    else:
        number = _number_of(written)
        around = {
            RingStandard.ISO: number,
            RingStandard.US: _US_ZERO + _US_STEP * number,
            RingStandard.JP: _JP_ONE + _JP_STEP * (number - 1),
        }[standard]
    around = around.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if not LEAST_MM <= around <= MOST_MM:
        raise NoRingSize
    return around


def ring_sizes(mm: Decimal) -> RingSize:
    """What a circumference is called elsewhere."""
    return RingSize(
        iso=_plain(mm),
        us=_plain(_quarter((mm - _US_ZERO) / _US_STEP)),
        uk=_as_letter((mm - _UK_ZERO) / _UK_STEP),
        jp=_plain(((mm - _JP_ONE) / _JP_STEP + 1).quantize(Decimal(1), ROUND_HALF_UP)),
    )


def _number_of(written: str) -> Decimal:
    text = written.replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", text):
        raise NoRingSize
    return Decimal(text)


def _letter_of(written: str) -> Decimal:
    match = _LETTER.fullmatch(written)
    if match is None or (match[2] and match[1] != "Z"):
        raise NoRingSize
    half = Decimal("0.5") if match[3] else Decimal(0)
    return Decimal(_LETTERS.index(match[1]) + int(match[2] or 0)) + half


def _as_letter(steps: Decimal) -> str:
    halves = int((steps * 2).quantize(Decimal(1), ROUND_HALF_UP))
    whole, half = divmod(halves, 2)
    if whole < 0:
        return "–"
    beyond = whole - (len(_LETTERS) - 1)
    letter = _LETTERS[whole] if beyond <= 0 else f"Z+{beyond}"
    return letter + ("½" if half else "")


def _quarter(size: Decimal) -> Decimal:
    return (size * 4).quantize(Decimal(1), ROUND_HALF_UP) / 4


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
