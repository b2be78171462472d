"""Counted against expected, line by line. Pure: no database, no clock."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from apps.till.counted import Counted
from apps.till.kinds import TenderKind

_ZERO = Decimal(0)
# Of what there are papers to add up.
SLIPS = (TenderKind.CARD, TenderKind.TRANSFER)


class LineKind(StrEnum):
    CASH = "cash"
    SLIP = "slip"
    BAG = "bag"
    TRAY = "tray"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was counted. Units: money of `unit`; grams; pieces.

    `counted` is None where nobody counted, `expected` where nobody knows.
    """

    kind: LineKind
    name: str  # a currency, a kind of payment, a metal, a tray
    unit: str
    counted: Decimal | None
    expected: Decimal | None

    @property
    def difference(self) -> Decimal:
        """counted − expected: below zero is short. Zero where one of them is not known."""
        if self.counted is None or self.expected is None:
            return _ZERO
        return self.counted - self.expected

    @property
    def is_known(self) -> bool:
        return self.counted is not None and self.expected is not None

    @property
    def agrees(self) -> bool:
        return self.is_known and not self.difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the books say. `bags` is None where no app keeps old gold."""

    cash: Mapping[str, Decimal]
    slips: Mapping[str, Decimal]
    bags: Mapping[str, Decimal] | None


def compare(counted: Counted, expected: Expected, *, currency: str) -> tuple[Line, ...]:
    """Every line of a close: the shop's own cash first, trays last."""
    return tuple(_lines(counted, expected, currency))


def _lines(counted: Counted, expected: Expected, currency: str) -> Iterator[Line]:
    codes = {code for code, amount in expected.cash.items() if amount} | set(counted.cash)
    for code in sorted(codes, key=lambda code: (code != currency, code)):
        cash = counted.cash.get(code)
        yield Line(
            kind=LineKind.CASH,
            name=code,
            unit=code,
            counted=cash.total if cash else _ZERO,
            expected=expected.cash.get(code, _ZERO),
        )
    for kind in SLIPS:
        yield Line(
            kind=LineKind.SLIP,
            name=kind.value,
            unit=currency,
            counted=counted.slips.get(kind.value, _ZERO),
            expected=expected.slips.get(kind.value, _ZERO),
        )
    booked = expected.bags or {}
    weighed = {metal for metal, grams in counted.bags.items() if grams}
    for metal in sorted(weighed | {metal for metal, grams in booked.items() if grams}):
        yield Line(
            kind=LineKind.BAG,
            name=metal,
            unit="g",
            counted=counted.bags.get(metal, _ZERO),
            expected=None if expected.bags is None else booked.get(metal, _ZERO),
        )
    for tray in counted.trays:
        yield Line(
            kind=LineKind.TRAY,
            name=tray.name,
            unit="",
            counted=None if tray.counted is None else Decimal(tray.counted),
            expected=Decimal(tray.pieces),
        )


def worth(lines: Iterable[Line], *, currency: str) -> Decimal | None:
    """Σ |difference| in the shop's money: what a second person may have to sign for.

    None where something differs that has no amount in it: other currencies, grams, pieces.
    """
    total = _ZERO
    for line in lines:
        if not line.difference:
            continue
        if line.unit != currency:
            return None
        total += abs(line.difference)
    return total
