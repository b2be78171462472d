"""What the law of a place says of cash and of papers: dated data, and how it is read.

Each file of `apps/customers/places` names its sources; `docs/reference/cash-limits.md` prints
them. A shop may set a limit of its own beside them, and the stricter one counts.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILES: Final = Path(__file__).parent.parent / "places"
# A shop sets its own limit no lower than a tenth of the law's: below it nobody looks.
_FLOOR_PART: Final = Decimal(10)


class Effect(StrEnum):
    """What happens at the limit, the mildest first."""

    WARN = "warn"
    PAPERS = "papers"
    BLOCK = "block"


class Way(StrEnum):
    """Which money is counted: cash taken, cash paid out, or a bill however it is paid."""

    IN = "in"
    OUT = "out"
    BILL = "bill"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRule:
    """One limit. `reached`: the limit itself counts already; else only what is above it.

    `days`: how many days are added up, this one included. `papers`: kinds of which one must
    have been seen, any where none is named. `confirm`: no adviser has checked it yet.
    """

    code: str
    way: Way
    currency: str
    threshold: Decimal
    days: int
    effect: Effect
    since: date
    until: date | None = None
    reached: bool = True
    papers: tuple[str, ...] = ()
    source: str = ""
    confirm: bool = True

    def applies(self, amount: Decimal) -> bool:
        return amount >= self.threshold if self.reached else amount > self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long papers are kept after the last dealing, and why."""

    years: int
    since: date
    source: str = ""
    confirm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    code: str
    packs: tuple[str, ...]
    rules: tuple[CashRule, ...]
    retention: tuple[Retention, ...]


def rules_of(pack: str, *, day: date, currency: str, way: Way) -> tuple[CashRule, ...]:
    """The limits of a tax pack's place on a day, the strictest effect first.

    A shop that keeps its books in another currency than the limit is written in has none here.
    """
    place = _places().get(pack)
    if place is None:
        return ()
    return tuple(
        rule
        for rule in place.rules
        if rule.way == way
        and rule.currency == currency
        and rule.since <= day
        and (rule.until is None or day <= rule.until)
    )


def floor_of(rules: Iterable[CashRule]) -> Decimal | None:
    """Below this no limit, the shop's own either, can be reached by one payment alone."""
    thresholds = [rule.threshold for rule in rules]
    return min(thresholds) / _FLOOR_PART if thresholds else None


def retention_of(pack: str, *, day: date) -> Retention | None:
    """For how long this place has papers kept; None where no rule is known."""
    place = _places().get(pack)
    known = [rule for rule in place.retention if rule.since <= day] if place else []
    return max(known, key=lambda rule: rule.since) if known else None


def places() -> list[Place]:
    """Every place there is a file for."""
    return sorted(
        {place.code: place for place in _places().values()}.values(), key=lambda p: p.code
    )


def strictest_first(rules: Iterable[CashRule]) -> list[CashRule]:
    order = list(Effect)
    return sorted(rules, key=lambda rule: (-order.index(rule.effect), rule.threshold))


@cache
def _places() -> Mapping[str, Place]:
    read = [_read(path) for path in sorted(_FILES.glob("*.toml"))]
    return {pack: place for place in read for pack in place.packs}


def _read(path: Path) -> Place:
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    return Place(
        code=path.stem,
        packs=tuple(given["packs"]),
        rules=tuple(_rule(one, given["currency"]) for one in given.get("cash", ())),
        retention=tuple(
            Retention(
                years=one["years"],
                since=one["since"],
                source=one["source"],
                confirm=one.get("confirm", True),
            )
            for one in given.get("papers", ())
        ),
    )


def _rule(one: Mapping[str, Any], currency: str) -> CashRule:
    return CashRule(
        code=one["code"],
        way=Way(one["way"]),
        currency=one.get("currency", currency),
        threshold=Decimal(one["threshold"]),
        days=one["days"],
        effect=Effect(one["effect"]),
        since=one["since"],
        until=one.get("until"),
        reached=one.get("reached", True),
        papers=tuple(one.get("papers", ())),
        source=one["source"],
        confirm=one.get("confirm", True),
    )
