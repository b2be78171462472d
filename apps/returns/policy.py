"""The shop's rules for what comes back: by category of piece, dated.

A bill is judged by the rules of the moment it was sold: they are what the customer agreed to.
Section `returns`: `default` and `categories` hold the words of `ReturnTerms`; section `buy_back`
those of `BuyBackTerms`. What a section leaves out is the default below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from apps.pricing.rules import Kind
from apps.pricing.rules.returns import CHARGES
from apps.shops.policies import policy

SECTION: Final = "returns"
BUY_BACK_SECTION: Final = "buy_back"
ORIGINAL, TODAY = "original", "today"
REFUSE, REDUCE = "refuse", "reduce"
TO_TENDERS, TO_CREDIT = "tenders", "store_credit"
TO_STOCK, TO_OLD_GOLD = "stock", "old_gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTerms:
    """What is given back of a line, and when it is refused.

    `window_days`: up to how many days after the day of the sale; 0 is that day alone.
    `refunded`: the kinds of charge that are given back; the others are kept.
    `fee_percent`: kept of every charge that is given back.
    `rates`: `original`, or `today`: the metal at today's selling rate where that is less.
    `tolerance_g`: how much a weight may differ from the one sold.
    `short`: a piece that is lighter is refused, or its metal is given back in proportion.
    `hallmark`: a piece whose mark is gone is refused.
    `damaged`: a damaged piece is refused, or taken (and goes to the old gold).
    `refund_to`: the tenders that paid the bill, or store credit.
    """

    window_days: int = 14
    refunded: frozenset[Kind] = CHARGES
    fee_percent: Decimal = Decimal(0)
    rates: str = ORIGINAL
    tolerance_g: Decimal = Decimal("0.010")
    short: str = REFUSE
    hallmark: bool = True
    damaged: str = REFUSE
    refund_to: str = TO_TENDERS

    def as_json(self) -> dict[str, Any]:
        return {
            "window_days": self.window_days,
            "refunded": sorted(kind.value for kind in self.refunded),
            "fee_percent": format(self.fee_percent, "f"),
            "rates": self.rates,
            "tolerance_g": format(self.tolerance_g, "f"),
            "short": self.short,
            "hallmark": self.hallmark,
            "damaged": self.damaged,
            "refund_to": self.refund_to,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyBackTerms:
    """What the shop pays for a piece of its own: `percent` of its metal at today's buying rate.

    `to`: the old gold, or the stock, as a second-hand piece at the price that was paid.
    """

    percent: Decimal = Decimal(100)
    tolerance_g: Decimal = Decimal("0.010")
    to: str = TO_OLD_GOLD

    def as_json(self) -> dict[str, Any]:
        return {
            "percent": format(self.percent, "f"),
            "tolerance_g": format(self.tolerance_g, "f"),
            "to": self.to,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRules:
    """The section as it is in force at one moment."""

    default: ReturnTerms
    categories: Mapping[str, ReturnTerms]

    def terms_for(self, category: str) -> ReturnTerms:
        return self.categories.get(category, self.default)

    def as_json(self) -> dict[str, Any]:
        return {
            "default": self.default.as_json(),
            "categories": {name: terms.as_json() for name, terms in self.categories.items()},
        }


def return_rules(*, at: datetime) -> ReturnRules:
    """The rules for returns that were in force at `at`. One query."""
    section = policy(SECTION, at=at)
    default = _terms(section.get("default", {}), ReturnTerms())
    categories = section.get("categories", {})
    return ReturnRules(
        default=default,
        categories={name: _terms(words, default) for name, words in categories.items()},
    )


def buy_back_terms(*, at: datetime) -> BuyBackTerms:
    """The rules for buying back that are in force at `at`. One query."""
    section, usual = policy(BUY_BACK_SECTION, at=at), BuyBackTerms()
    return BuyBackTerms(
        percent=Decimal(section.get("percent", usual.percent)),
        tolerance_g=Decimal(section.get("tolerance_g", usual.tolerance_g)),
        to=section.get("to", usual.to),
    )


def _terms(words: Mapping[str, Any], usual: ReturnTerms) -> ReturnTerms:
    kinds = words.get("refunded")
    return ReturnTerms(
        window_days=int(words.get("window_days", usual.window_days)),
        refunded=usual.refunded if kinds is None else frozenset(Kind(kind) for kind in kinds),
        fee_percent=Decimal(words.get("fee_percent", usual.fee_percent)),
        rates=words.get("rates", usual.rates),
        tolerance_g=Decimal(words.get("tolerance_g", usual.tolerance_g)),
        short=words.get("short", usual.short),
        hallmark=bool(words.get("hallmark", usual.hallmark)),
        damaged=words.get("damaged", usual.damaged),
        refund_to=words.get("refund_to", usual.refund_to),
    )
