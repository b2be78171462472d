"""Money by its currency's digits, grams to the milligram, fineness, and the one rounding function.

Everything that turns an exact number into a printed one goes through here, so that a bill, the
ledger and a report round alike. Pure: no Django, no clock, no shop. Names of karats live here
too, as labels: the stored truth is always the fineness.
"""

from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from enum import StrEnum
from typing import Final, TypedDict

from apps.core.currencies import Currency, UnknownCurrency, currency

__all__ = [
    "CARATS",
    "EXACT",
    "FULL_FINENESS",
    "GRAMS",
    "GRAMS_PER",
    "MONEY",
    "MOST_MONEY",
    "RATE",
    "Currency",
    "FinenessRefused",
    "Rounding",
    "UnknownCurrency",
    "UnknownUnit",
    "carats_to_grams",
    "currency",
    "fine_grams",
    "format_permille",
    "grams_per",
    "karat_label",
    "karat_permille",
    "permille",
    "plain",
    "round_grams",
    "round_money",
    "round_to",
]


class Digits(TypedDict):
    """The two keywords of a Django DecimalField, so that migrations hold plain numbers."""

    max_digits: int
    decimal_places: int


MONEY: Final[Digits] = {"max_digits": 20, "decimal_places": 4}
GRAMS: Final[Digits] = {"max_digits": 14, "decimal_places": 3}
CARATS: Final[Digits] = {"max_digits": 12, "decimal_places": 5}
RATE: Final[Digits] = {"max_digits": 20, "decimal_places": 6}
# One below it is what a MONEY column holds; a single amount stays well under, so that sums fit.
MOST_MONEY: Final = Decimal(10) ** 16

# Python's default 28 digits are fewer than a 20-digit rate times a 14-digit weight has; rounding
# in the middle of a product would round the printed amount twice.
EXACT: Final = Context(prec=60)

# -- rounding ----------------------------------------------------------------------------------


class Rounding(StrEnum):
    """How an amount between two steps is settled; the value is what JSON and tax packs write."""

    HALF_UP = "half_up"  # to the nearer step, a half away from zero
    HALF_EVEN = "half_even"  # to the nearer step, a half to the even one
    DOWN = "down"  # toward zero
    UP = "up"  # away from zero


_DECIMAL_MODE: Final = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.UP: ROUND_UP,
}
_ONE: Final = Decimal(1)
_MILLIGRAM: Final = Decimal("0.001")
_MONEY_STEP: Final = tuple(Decimal(1).scaleb(-exponent) for exponent in range(5))


def round_to(amount: Decimal, step: Decimal, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round `amount` to a multiple of `step`: the only place where a number loses digits.

    round_to(5116412, 1000) = 5116000; round_to(192.093, 0.005) = 192.095. The result has the
    digits of `step` and is never a negative zero. Units: those of `amount`.
    """
    assert step > 0, step
    digits = step.as_tuple()
    if digits.digits == (1,) and int(digits.exponent) <= 0:
        # A plain number of decimals: one operation instead of a division.
        rounded = amount.quantize(step, _DECIMAL_MODE[mode], EXACT)
    else:
        steps = EXACT.divide(amount, step).quantize(_ONE, _DECIMAL_MODE[mode], EXACT)
        rounded = EXACT.multiply(steps, step)
    return rounded if rounded else rounded.copy_abs()


def round_money(amount: Decimal, exponent: int, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round to the currency's number of decimals; once per printed amount."""
    return round_to(amount, _MONEY_STEP[exponent], mode)


def round_grams(weight_g: Decimal) -> Decimal:
    """Round a weight to the milligram, half up: what the scale and the ledger both hold."""
    return round_to(weight_g, _MILLIGRAM)


def plain(number: Decimal) -> str:
    """Every digit that says something and no idle zeros, for programs: 10.5000 → "10.5"."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- weights -----------------------------------------------------------------------------------


class UnknownUnit(ValueError):
    """A unit of weight that is not in `GRAMS_PER`."""

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit

    def __str__(self) -> str:
        return f"{self.unit!r} is no unit of weight here. Known: {', '.join(GRAMS_PER)}."


# Source: the international yard and pound agreement for grain, dwt, ozt and tola (180 grains);
# the others are customs of the bazaar. The mithqal is the one of the rate formulas: 4.608 g is
# traded, 4.6083 g is what the published gram prices divide by. The gem "ratti" is left out:
# two weights share the name, and a silent conversion picks one.
GRAMS_PER: Final[dict[str, Decimal]] = {
    "g": Decimal(1),
    "mg": Decimal("0.001"),
    "kg": Decimal(1000),
    "ct": Decimal("0.2"),
    "grain": Decimal("0.06479891"),
    "dwt": Decimal("1.55517384"),
    "ozt": Decimal("31.1034768"),
    "tola": Decimal("11.6638038"),
    "masha": Decimal("0.97198365"),
    "mithqal": Decimal("4.6083"),
    "baht": Decimal("15.244"),
    "tael": Decimal("37.429"),
}


def grams_per(unit: str) -> Decimal:
    """Grams in one `unit`. Raises UnknownUnit."""
    try:
        return GRAMS_PER[unit]
    except KeyError:
        raise UnknownUnit(unit) from None


def carats_to_grams(carats: Decimal) -> Decimal:
    """carats × 0.2, exactly; round with `round_grams` once, after adding the stones up."""
    return carats * GRAMS_PER["ct"]


# -- fineness ----------------------------------------------------------------------------------

FULL_FINENESS: Final = 10_000  # parts per ten thousand; 9160 is the mark 916


class FinenessRefused(ValueError):
    """A fineness that no metal has, or that has more digits than a mark."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"{self.text!r} is no fineness. Write parts per thousand above 0 and up to 1000,"
            ' with at most one decimal, for example "916" or "999.9".'
        )


def permille(text: str) -> int:
    """Read a mark in parts per thousand, "916" or "999.9", as parts per ten thousand.

    Raises FinenessRefused: not ASCII digits, more than one decimal, zero or above 1000.
    """
    whole, _, tenth = text.partition(".")
    # isascii: str.isdigit is true of Persian digits too, and of a superscript two.
    if not (text.isascii() and whole.isdigit() and len(whole) <= 4 and len(tenth) <= 1):
        raise FinenessRefused(text)
    if "." in text and not tenth.isdigit():
        raise FinenessRefused(text)
    parts = int(whole) * 10 + int(tenth or 0)
    if not 0 < parts <= FULL_FINENESS:
        raise FinenessRefused(text)
    return parts


def format_permille(parts: int | Decimal) -> str:
    """Parts per ten thousand as the mark is written: 9160 → "916", 9999 → "999.9"."""
    return plain((Decimal(parts) / 10).normalize(EXACT))


def fine_grams(net_g: Decimal, fineness: int | Decimal) -> Decimal:
    """net × fineness / 10000, rounded once, half up, to the milligram.

    The rounded grams are what a price by fine weight and the metal ledger both use, so that the
    two can never differ. Units: grams; parts per ten thousand.
    """
    try:
        return round_grams(net_g * fineness / FULL_FINENESS)
    except InvalidOperation:
        raise FinenessRefused(str(fineness)) from None


# Labels for people. Many finenesses share one: 22 karat is sold as 916, 916.6 and 916.7.
_LABELS: Final[dict[str, dict[int, str]]] = {
    "gold": {
        9580: "23K",
        9583: "23K",
        9160: "22K",
        9166: "22K",
        9167: "22K",
        9000: "21.6K",
        8750: "21K",
        8330: "20K",
        8333: "20K",
        7500: "18K",
        5850: "14K",
        5833: "14K",
        5830: "14K",
        4170: "10K",
        4167: "10K",
        4160: "10K",
        3750: "9K",
        3330: "8K",
        3333: "8K",
    },
    "silver": {9580: "Britannia", 9584: "Britannia", 9250: "Sterling"},
}
_PURE_LABEL: Final = {"gold": "24K", "silver": "Fine"}
_PURE_FROM: Final = 9900


def karat_label(metal: str, fineness: int) -> str:
    """What the trade calls this fineness ("22K", "Sterling"), or "" where it has no name."""
    if fineness >= _PURE_FROM:
        return _PURE_LABEL.get(metal, "")
    return _LABELS.get(metal, {}).get(fineness, "")


# The mark that is struck where somebody says a karat: not karat ÷ 24, as 22 would be 916.7 by it.
# Source: ISO 9202 for 24, 22, 18, 14 and 9; IS 1417 for 23 and 20; custom of the trade for the
# others. What is no alloy of jewellery has none: the "17 karat" of the Iranian bullion quote is
# 705 and would be 708 by its number. Platinum and silver are not counted in karats at all.
_KARAT_MARKS: Final = {
    Decimal(24): 9990,
    Decimal(23): 9580,
    Decimal(22): 9160,
    Decimal("21.6"): 9000,
    Decimal(21): 8750,
    Decimal(20): 8330,
    Decimal(18): 7500,
    Decimal(14): 5850,
    Decimal(10): 4170,
    Decimal(9): 3750,
    Decimal(8): 3330,
}


def karat_permille(karats: Decimal) -> int:
    """The mark of gold of so many karats, in parts per ten thousand: 18 → 7500.

    Raises FinenessRefused for a number of karats that no mark is struck for.
    """
    try:
        return _KARAT_MARKS[karats]
    except KeyError:
        raise FinenessRefused(f"{plain(karats)}K") from None
