"""The tax packs on disk: one JSON file per place, read once, checked in full and frozen.

A sale stores the id of the version it was priced under ("IN@2017-07-01"); `version_by_id` gives
that version back for ever, so a version that was released is never edited: a new one is added.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from apps.core.units import Rounding, currency, permille
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.component import Kind, RoundingRule
from apps.pricing.rules.packs import (
    CurrencyHabits,
    FeeKind,
    InvestmentRule,
    MarginScheme,
    PackVersion,
    TaxBase,
    TaxCategory,
    TaxPart,
    TaxPer,
    Tier,
    TradeInRule,
)

FOLDER: Final = Path(__file__).resolve().parent.parent / "tax_packs"
_CODE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def codes() -> list[str]:
    """Every place there is a pack for."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def version_for(code: str, on: date) -> PackVersion:
    """The version in force in `code` on a day. Raises RuleBroken (`tax_pack` or `date`)."""
    versions = versions_of(code)
    in_force = [version for version in versions if version.valid_from <= on]
    if not in_force:
        raise RuleBroken(
            "date",
            gettext_noop("Tax pack {code} begins on {first}, and {date} is before it."),
            code=code,
            first=versions[0].valid_from.isoformat(),
            date=on.isoformat(),
        )
    return in_force[-1]


def version_by_id(pack_id: str) -> PackVersion:
    """The very version a stored sale names, "IN@2017-07-01". Raises RuleBroken (`tax_pack`)."""
    code, _, day = pack_id.partition("@")
    for version in versions_of(code):
        if version.valid_from.isoformat() == day:
            return version
    raise _unknown(pack_id)


@lru_cache(maxsize=64)
def versions_of(code: str) -> tuple[PackVersion, ...]:
    """All versions of one place, oldest first. Raises RuleBroken (`tax_pack`)."""
    path = FOLDER / f"{code}.json"
    # The pattern first: the code comes from a request and must not walk the file system.
    if not _CODE.fullmatch(code) or not path.is_file():
        raise _unknown(code)
    return read_pack(json.loads(path.read_text(encoding="utf-8")), code=code)


def _unknown(name: str) -> RuleBroken:
    return RuleBroken(
        "tax_pack",
        gettext_noop("There is no tax pack {name}. There are: {known}."),
        name=name,
        known=", ".join(codes()),
    )


class PackBroken(ValueError):
    """A tax pack file that does not say what a pack must say: a mistake of its author."""


class _Keys:
    """One JSON object, read key by key; what was not read at the end is a misspelling."""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, dict):
            raise PackBroken(f"{where}: an object is needed here.")
        self._left: dict[str, Any] = dict(data)
        self.where = where

    def take(self, name: str, *default: Any) -> Any:
        if name not in self._left and not default:
            raise PackBroken(f"{self.where}: {name!r} is missing.")
        return self._left.pop(name, *default)

    def number(self, name: str, *default: Decimal | None) -> Any:
        text = self.take(name, *default)
        if not isinstance(text, str):
            if default and text is default[0]:
                return text
            raise PackBroken(f"{self.where}.{name}: write the number as a string.")
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise PackBroken(f"{self.where}.{name}: {text!r} is no number.") from None
        if not value.is_finite() or value < 0:
            raise PackBroken(f"{self.where}.{name}: {text!r} is no amount.")
        return value

    def rest(self) -> None:
        if self._left:
            raise PackBroken(f"{self.where}: unknown keys {sorted(self._left)}.")


def read_pack(data: object, *, code: str) -> tuple[PackVersion, ...]:
    """Check one parsed file and freeze it. Raises PackBroken, naming file and key."""
    keys = _Keys(data, code)
    if keys.take("code") != code:
        raise PackBroken(f"{code}: the code inside the file is another one.")
    keys.take("name")
    versions = [_version(item, code) for item in keys.take("versions")]
    keys.rest()
    days = [version.valid_from for version in versions]
    if not days or days != sorted(set(days)):
        raise PackBroken(f"{code}: versions must be there, dated apart, oldest first.")
    return tuple(versions)


def _version(data: object, code: str) -> PackVersion:
    keys = _Keys(data, code)
    valid_from = date.fromisoformat(keys.take("valid_from"))
    keys.where = where = f"{code}@{valid_from}"
    categories = {
        name: _category(name, item, where) for name, item in keys.take("categories").items()
    }
    version = PackVersion(
        code=code,
        valid_from=valid_from,
        prices_include_tax=keys.take("prices_include_tax") is True,
        tax_per=TaxPer(keys.take("tax_per")),
        default_category=keys.take("default_category"),
        categories=MappingProxyType(categories),
        trade_in=TradeInRule(keys.take("trade_in_reduces_tax_base")),
        investment=_investment(keys.take("investment", None), where),
        margin=_margin(keys.take("margin", None), where),
        fees=MappingProxyType(
            {FeeKind(kind): name for kind, name in keys.take("fees", {}).items()}
        ),
        currencies=_habits(keys.take("currencies"), where),
        modes=MappingProxyType(
            {Kind(kind): Rounding(mode) for kind, mode in keys.take("rounding", {}).items()}
        ),
        sources=_sentences(keys.take("sources"), where),
        confirm=_sentences(keys.take("confirm", ()), where),
    )
    keys.rest()
    if not version.sources:
        raise PackBroken(f"{where}: a version names its sources.")
    for named in (
        version.default_category,
        version.margin,
        version.investment,
        *version.fees.values(),
    ):
        name = getattr(named, "category", named)
        if name is not None and name not in categories:
            raise PackBroken(f"{where}: {name!r} is none of its categories.")
    return version


def _category(name: str, data: object, where: str) -> TaxCategory:
    keys = _Keys(data, f"{where}.{name}")
    category = TaxCategory(
        name=name,
        label=keys.take("label"),
        percent=keys.number("percent"),
        base=TaxBase(keys.take("base", "all")),
        parts=tuple(_part(item, keys.where) for item in keys.take("parts", ())),
        tiers=tuple(_tier(item, keys.where) for item in keys.take("tiers", ())),
        show_zero=keys.take("show_zero", False) is True,
    )
    keys.rest()
    if category.parts and sum(part.percent for part in category.parts) != category.percent:
        raise PackBroken(f"{keys.where}: the parts do not add up to {category.percent}.")
    return category


def _part(data: object, where: str) -> TaxPart:
    keys = _Keys(data, f"{where}.parts")
    part = TaxPart(label=keys.take("label"), percent=keys.number("percent"))
    keys.rest()
    return part


def _tier(data: object, where: str) -> Tier:
    keys = _Keys(data, f"{where}.tiers")
    tier = Tier(above=keys.number("above"), percent=keys.number("percent"))
    keys.rest()
    return tier


def _investment(data: object, where: str) -> InvestmentRule | None:
    if data is None:
        return None
    keys = _Keys(data, f"{where}.investment")
    rule = InvestmentRule(
        category=keys.take("category"), fineness_from=permille(keys.take("fineness_from"))
    )
    keys.rest()
    return rule


def _margin(data: object, where: str) -> MarginScheme | None:
    if data is None:
        return None
    keys = _Keys(data, f"{where}.margin")
    scheme = MarginScheme(
        category=keys.take("category"),
        includes_tax=keys.take("includes_tax") is True,
        shown=keys.take("shown") is True,
    )
    keys.rest()
    return scheme


def _habits(data: Mapping[str, object], where: str) -> Mapping[str, CurrencyHabits]:
    found = {}
    for code, item in data.items():
        keys = _Keys(item, f"{where}.currencies.{currency(code).code}")
        step = keys.number("round_off_step", currency(code).step)
        found[code] = CurrencyHabits(
            round_off=RoundingRule(step, Rounding(keys.take("round_off_mode", "half_up"))),
            bound=keys.number("round_off_bound", max(Decimal(1), step)),
            cash_step=keys.number("cash_step", None),
        )
        keys.rest()
    return MappingProxyType(found)


def _sentences(data: Sequence[object], where: str) -> tuple[str, ...]:
    if isinstance(data, str) or not all(isinstance(item, str) and item for item in data):
        raise PackBroken(f"{where}: sources and confirm are lists of sentences.")
    return tuple(str(item) for item in data)
