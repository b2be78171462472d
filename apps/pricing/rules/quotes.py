"""What a price comes to: the frozen answer that is shown, stored on a sale and posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.pricing.rules.component import Component
from apps.pricing.rules.deposits import DepositUse
from apps.pricing.rules.packs import PackVersion, RoundingPolicy
from apps.pricing.rules.tax import TaxTotal
from apps.pricing.rules.terms import LineTerms
from apps.pricing.rules.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One priced line.

    `total` is the sum of the components that are not inside another one; `subtotal + tax` is
    `total`. `unshown_tax` is the tax of a margin scheme: due to the state, inside the subtotal,
    and not to be printed.
    """

    terms: LineTerms
    weights: Weights
    tax_category: str
    components: tuple[Component, ...]
    before_discount: Decimal
    discount: Decimal
    subtotal: Decimal
    tax: Decimal
    unshown_tax: Decimal
    total: Decimal

    @property
    def tag(self) -> str | None:
        return self.terms.tag

    @property
    def name(self) -> str:
        return self.terms.name

    @property
    def fine_grams(self) -> Mapping[str, Decimal]:
        """Fine grams by metal, the ones the metal ledger posts."""
        return self.weights.fine_grams


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeIn:
    """Old gold taken in payment, valued. `reduces_tax_base` is what the pack and the terms say."""

    description: str
    metal: str
    fine_g: Decimal | None
    amount: Decimal
    reduces_tax_base: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A priced bill: subtotal + tax + round_off = total; total - trade_in - deposit = due.

    `discount` and `round_off` carry their sign. `cash_total` is `due` when all of it is paid in
    cash, and `cash_rounding` the difference; a bill paid by card is not rounded.
    """

    currency: str
    exponent: int
    date: date
    pack: PackVersion
    rounding: RoundingPolicy
    lines: tuple[QuoteLine, ...]
    subtotal: Decimal
    discount: Decimal
    taxes: tuple[TaxTotal, ...]
    tax: Decimal
    unshown_tax: Decimal
    round_off_component: Component
    total: Decimal
    trade_ins: tuple[TradeIn, ...]
    trade_in: Decimal
    deposit_use: DepositUse | None
    deposit: Decimal
    due: Decimal
    cash_step: Decimal
    cash_total: Decimal
    cash_rounding: Decimal

    @property
    def round_off(self) -> Decimal:
        return self.round_off_component.amount

    @property
    def fine_grams(self) -> dict[str, Decimal]:
        """Fine grams by metal over all lines."""
        fine: dict[str, Decimal] = {}
        for line in self.lines:
            for metal, grams in line.fine_grams.items():
                fine[metal] = fine.get(metal, Decimal(0)) + grams
        return fine
