"""What the law of a place asks of whoever buys old gold: dated data, and how it is read.

`docs/reference/old-gold.md` says where each figure comes from. A shop's own policy may ask more.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).with_name("places.json")


class Detail(StrEnum):
    """What a seller must have told or shown."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    PAPER = "paper"
    TAX_CARD = "tax_card"


# What old gold can be paid with at all; a place takes some of them away.
TENDERS: Final = ("cash", "transfer", "store_credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLimit:
    """Up to `amount` in cash to one person within so many days, today included."""

    amount: Decimal
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """From `amount` on, more is asked of the seller."""

    amount: Decimal
    required: frozenset[Detail]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRules:
    """The rules in force on a day. `confirm`: nobody has checked them with an adviser yet."""

    required: frozenset[Detail]
    photo: bool
    hold_days: int
    tenders: tuple[str, ...]
    cash: CashLimit | None = None
    above: Above | None = None
    declaration: str = ""
    confirm: bool = True

    def asked_for(self, total: Decimal) -> frozenset[Detail]:
        """What must be known of somebody who sells for `total`."""
        if self.above is not None and total >= self.above.amount:
            return self.required | self.above.required
        return self.required

    def as_json(self) -> dict[str, Any]:
        """As a slip keeps them, amounts as strings."""
        return {
            "required": sorted(self.required),
            "photo": self.photo,
            "hold_days": self.hold_days,
            "tenders": list(self.tenders),
            "cash": {"amount": format(self.cash.amount, "f"), "days": self.cash.days}
            if self.cash
            else None,
            "above": {
                "amount": format(self.above.amount, "f"),
                "required": sorted(self.above.required),
            }
            if self.above
            else None,
        }


def rules_of(pack: str, day: date) -> PlaceRules:
    """The rules of a tax pack's place on a day; a cautious default where none are known."""
    versions = _places().get(pack) or _places()[""]
    known = [version for since, version in versions if since <= day]
    return known[-1] if known else _places()[""][0][1]


def overridden(rules: PlaceRules, values: Mapping[str, Any]) -> PlaceRules:
    """The rules with what the shop's own policy says instead."""
    changes: dict[str, Any] = {}
    if "required" in values:
        changes["required"] = _details(values["required"])
    if "photo" in values:
        changes["photo"] = bool(values["photo"])
    if "hold_days" in values:
        changes["hold_days"] = int(values["hold_days"])
    if "tenders" in values:
        changes["tenders"] = _tenders(values["tenders"])
    if "cash" in values:
        changes["cash"] = _cash(values["cash"])
    if values.get("declaration"):
        changes["declaration"] = str(values["declaration"])
    return replace(rules, **changes)


@cache
def _places() -> Mapping[str, list[tuple[date, PlaceRules]]]:
    return {
        pack: sorted(
            ((date.fromisoformat(version["from"]), _read(version)) for version in versions),
            key=lambda dated: dated[0],
        )
        for pack, versions in json.loads(_FILE.read_text(encoding="utf-8")).items()
    }


def _read(version: Mapping[str, Any]) -> PlaceRules:
    above = version.get("above")
    return PlaceRules(
        required=_details(version["required"]),
        photo=version["photo"],
        hold_days=version["hold_days"],
        tenders=_tenders(version["tenders"]),
        cash=_cash(version.get("cash")),
        above=Above(amount=Decimal(above["amount"]), required=_details(above["required"]))
        if above
        else None,
        declaration=version.get("declaration", ""),
        confirm=version["confirm"],
    )


def _details(names: Iterable[str]) -> frozenset[Detail]:
    return frozenset(Detail(name) for name in names)


def _tenders(names: Iterable[str]) -> tuple[str, ...]:
    given = set(names)
    assert given <= set(TENDERS), given
    return tuple(name for name in TENDERS if name in given)


def _cash(given: Mapping[str, Any] | None) -> CashLimit | None:
    return CashLimit(amount=Decimal(given["amount"]), days=int(given["days"])) if given else None
