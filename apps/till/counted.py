"""What a person counted in a drawer, as values and as JSON. Pure: no database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """One currency of the drawer: how many of each note and coin, and the rest as a sum."""

    pieces: Mapping[Decimal, int] = field(default_factory=dict)
    other: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        """Σ value × number + other."""
        return sum((value * count for value, count in self.pieces.items()), self.other)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedTray:
    """A tray: pieces that lie in it by the books at that moment, and those that were seen.

    `counted` is None where nobody looked.
    """

    place: int
    name: str
    pieces: int
    counted: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Everything one count says. Units: money; grams gross of old gold; pieces."""

    cash: Mapping[str, Cash]
    slips: Mapping[str, Decimal] = field(default_factory=dict)
    bags: Mapping[str, Decimal] = field(default_factory=dict)
    trays: tuple[CountedTray, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "cash": {
                code: {
                    "pieces": {format(v, "f"): n for v, n in cash.pieces.items() if n},
                    "other": format(cash.other, "f"),
                    "total": format(cash.total, "f"),
                }
                for code, cash in self.cash.items()
            },
            "slips": {kind: format(amount, "f") for kind, amount in self.slips.items()},
            "bags": {metal: format(grams, "f") for metal, grams in self.bags.items()},
            "trays": [
                {
                    "place": tray.place,
                    "name": tray.name,
                    "pieces": tray.pieces,
                    "counted": tray.counted,
                }
                for tray in self.trays
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Counted":
        return cls(
            cash={
                code: Cash(
                    pieces={Decimal(v): n for v, n in cash["pieces"].items()},
                    other=Decimal(cash["other"]),
                )
                for code, cash in stored["cash"].items()
            },
            slips={kind: Decimal(amount) for kind, amount in stored["slips"].items()},
            bags={metal: Decimal(grams) for metal, grams in stored["bags"].items()},
            trays=tuple(CountedTray(**tray) for tray in stored["trays"]),
        )
