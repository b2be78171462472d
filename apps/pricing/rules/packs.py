"""Tax packs: what a place taxes, how, and since when, as dated data and not as code.

The shape of a pack once it is read; `pack_files` finds and reads them.
`docs/reference/tax-packs.md` describes every key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from apps.core.units import Rounding, currency
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.component import Kind, RoundingRule


class TaxBase(StrEnum):
    """What of a line is taxed."""

    ALL = "all"
    WAGE_PROFIT_EXTRAS = "wage_profit_extras"  # everything but the metal as it was priced
    ABOVE_BULLION = "above_bullion"  # what exceeds the value of the fine metal


class TaxPer(StrEnum):
    """Where tax is rounded: on each line, or once for the bill and then shared out."""

    LINE = "line"
    DOCUMENT = "document"


class TradeInRule(StrEnum):
    """Whether old gold taken in payment lowers what the new piece is taxed on."""

    NEVER = "never"
    LIKE_KIND = "like_kind"
    ALWAYS = "always"


class FeeKind(StrEnum):
    """Whose fee an extra passes on; a tax pack may tax it apart from the piece."""

    OTHER = "other"
    HALLMARK = "hallmark"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPart:
    """A named share of one tax, such as the central and the state half of a GST."""

    label: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The rate of a line that is priced above an amount."""

    above: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCategory:
    name: str
    label: str
    percent: Decimal
    base: TaxBase = TaxBase.ALL
    parts: tuple[TaxPart, ...] = ()
    tiers: tuple[Tier, ...] = ()
    show_zero: bool = False  # a zero rate is printed, as a zero-rated supply must be

    def percent_for(self, price: Decimal) -> Decimal:
        """The rate of a line at this price: the highest tier that it exceeds."""
        passed = [tier for tier in self.tiers if price > tier.above]
        return max(passed, key=lambda tier: tier.above).percent if passed else self.percent


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginScheme:
    """Tax on selling price less purchase price, for goods bought second-hand."""

    category: str
    includes_tax: bool
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestmentRule:
    """The category of a line that is metal alone, all of it at least this fine."""

    category: str
    fineness_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingPolicy:
    """One rounding rule per kind of component, and the round-off of the bill with its bound.

    The bound keeps a round-off from becoming a discount that nobody approved.
    """

    rules: Mapping[Kind, RoundingRule]
    document: RoundingRule
    bound: Decimal

    def of(self, kind: Kind) -> RoundingRule:
        return self.rules[kind]

    def but(
        self, rules: Mapping[Kind, RoundingRule], document: RoundingRule | None = None
    ) -> "RoundingPolicy":
        """This policy with some of its rules replaced; the bound stays."""
        return RoundingPolicy(
            rules=MappingProxyType({**self.rules, **rules}),
            document=document or self.document,
            bound=self.bound,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyHabits:
    """How bills in one currency end in this place."""

    round_off: RoundingRule
    bound: Decimal
    cash_step: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackVersion:
    """One place's rules from a day on."""

    code: str
    valid_from: date
    prices_include_tax: bool
    tax_per: TaxPer
    default_category: str
    categories: Mapping[str, TaxCategory]
    trade_in: TradeInRule
    investment: InvestmentRule | None
    margin: MarginScheme | None
    fees: Mapping[FeeKind, str]  # the category of a fee that is passed on; else the line's
    currencies: Mapping[str, CurrencyHabits]
    modes: Mapping[Kind, Rounding]
    sources: tuple[str, ...]
    confirm: tuple[str, ...]  # what an accountant of the place should look at

    @property
    def id(self) -> str:
        return f"{self.code}@{self.valid_from.isoformat()}"

    @property
    def spares_metal(self) -> bool:
        """Whether some category leaves the metal's value untaxed, so that it must be known."""
        return any(category.base != TaxBase.ALL for category in self.categories.values())

    def rounding(self, code: str) -> RoundingPolicy:
        """The pack's rounding for bills in this currency. Raises UnknownCurrency."""
        step = currency(code).step
        habits = self.currencies.get(code)
        return RoundingPolicy(
            rules=MappingProxyType(
                {kind: RoundingRule(step, self.modes.get(kind, Rounding.HALF_UP)) for kind in Kind}
            ),
            document=habits.round_off if habits else RoundingRule(step),
            bound=habits.bound if habits else max(Decimal(1), step),
        )

    def cash_step(self, code: str) -> Decimal:
        """The smallest cash amount: the place's own, else the currency's."""
        habits = self.currencies.get(code)
        return (habits.cash_step if habits else None) or currency(code).cash_step

    def category(self, name: str) -> TaxCategory:
        """Raises RuleBroken (`tax_category`) for a name this version does not have."""
        found = self.categories.get(name)
        if found is None:
            raise RuleBroken(
                "tax_category",
                gettext_noop("Tax pack {pack} has no tax category {name}. It has: {known}."),
                pack=self.id,
                name=name,
                known=", ".join(self.categories),
            )
        return found
