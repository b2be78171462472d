"""The public shape of a quote: what a program sends to be priced.

The same schema serves `POST /api/v1/quotes` and `manage.py quote`; `docs/reference/quote.md`
describes every field. Lines are in `quote_lines`, the answer is in `quote_answers`.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from apps.core.api_types import Day, ExactFineness, Grams, Money, Share, Text, Word
from apps.core.units import Rounding, currency
from apps.pricing.quote_answers import QuoteOut
from apps.pricing.quote_lines import (
    DiscountIn,
    LineIn,
    MetalName,
    PieceLineIn,
    QuotedRateIn,
    RateFor,
    Sent,
    TableFor,
    TagLineIn,
)
from apps.pricing.rules.component import Kind, RoundingRule
from apps.pricing.rules.pack_files import version_for
from apps.pricing.rules.packs import PackVersion, RoundingPolicy
from apps.pricing.rules.terms import (
    DepositKind,
    DepositTerms,
    LineTerms,
    QuoteTerms,
    TradeInTerms,
)

__all__ = ["MAX_LINES", "QuoteIn", "QuoteOut", "RoundingIn", "terms_from"]

MAX_LINES = 100


class TradeInIn(Sent):
    description: Text = ""
    metal: MetalName | None = None
    net_weight_g: Grams | None = None
    fineness: ExactFineness | None = None
    rate: QuotedRateIn | None = None
    cut_percent: Share = Decimal(0)
    amount: Money | None = None
    like_kind: bool = False
    reduces_tax_base: bool | None = Field(None, description="Left out: as the tax pack says.")

    def terms(self) -> TradeInTerms:
        return TradeInTerms(
            description=self.description,
            metal=self.metal or "",
            net_weight_g=self.net_weight_g,
            fineness=self.fineness,
            rate=self.rate.rate() if self.rate else None,
            cut_percent=self.cut_percent,
            amount=self.amount,
            like_kind=self.like_kind,
            reduces_tax_base=self.reduces_tax_base,
        )


class DepositIn(Sent):
    kind: Literal["value", "grams", "full_lock"] = "value"
    amount: Money
    metal: MetalName | None = None
    rate: QuotedRateIn | None = Field(None, description="The rate of the booking day.")

    def terms(self) -> DepositTerms:
        return DepositTerms(
            kind=DepositKind(self.kind),
            amount=self.amount,
            metal=self.metal or "",
            rate=self.rate.rate() if self.rate else None,
        )


class RoundingRuleIn(Sent):
    step: Money | None = None
    mode: Literal["half_up", "half_even", "down", "up"] | None = None

    def over(self, rule: RoundingRule) -> RoundingRule:
        """This rule where it says something, the other one where it does not."""
        return RoundingRule(
            rule.step if self.step is None else self.step,
            rule.mode if self.mode is None else Rounding(self.mode),
        )


class RoundingIn(Sent):
    """`lines` is for every printed amount, tax too; the others are for one kind and win over it."""

    lines: RoundingRuleIn | None = None
    metal: RoundingRuleIn | None = None
    wastage: RoundingRuleIn | None = None
    making: RoundingRuleIn | None = None
    stone: RoundingRuleIn | None = None
    extra: RoundingRuleIn | None = None
    profit: RoundingRuleIn | None = None
    price: RoundingRuleIn | None = None
    discount: RoundingRuleIn | None = None
    tax: RoundingRuleIn | None = None
    document: RoundingRuleIn | None = None

    def over(self, policy: RoundingPolicy) -> RoundingPolicy:
        """The policy with these rules in place of its own; also for a shop's stored setting."""
        rules = {}
        for kind in Kind:
            rule = policy.of(kind)
            for given in (self.lines, getattr(self, kind.value, None)):
                rule = given.over(rule) if given else rule
            rules[kind] = rule
        document = self.document.over(policy.document) if self.document else None
        return policy.but(rules, document)


class QuoteIn(Sent):
    """What is to be priced. Everything but the lines is the shop's own where it is left out."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MAX_LINES)]
    tax_pack: Word | None = Field(None, description="IN, IR, AE, SA, KW, GB, US-CA, TR, JP, CH …")
    date: Day | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    discount: DiscountIn | None = None
    trade_ins: Annotated[list[TradeInIn], Field(max_length=20)] = []
    deposit: DepositIn | None = None
    rounding: RoundingIn | None = None
    cash_step: Money | None = None
    tax_rates: Annotated[dict[str, Share], Field(max_length=10)] = Field(
        {}, description="Percent by tax category, in place of the pack's."
    )

    def tags(self) -> list[str]:
        """The tags of the lines that name a piece in stock, in order."""
        return [line.tag for line in self.lines if isinstance(line, TagLineIn)]


def terms_from(
    quote: QuoteIn,
    *,
    tax_pack: str,
    currency_code: str,
    today: date,
    by_tag: Mapping[str, LineTerms] | None = None,
    rate_for: RateFor | None = None,
    rounding: RoundingIn | None = None,
    cash_step: Decimal | None = None,
    table_for: TableFor | None = None,
    tax_rates: Mapping[str, Decimal] = MappingProxyType({}),
) -> QuoteTerms:
    """The terms to price: the quote where it says something, the shop's settings where not.

    `by_tag` holds the terms of the pieces that `quote.tags()` names; `rate_for(metal, fineness)`
    reads the rate board for a described metal without a rate, `table_for(code)` a making table.

    Raises RuleBroken, UnknownCurrency, and what `rate_for` raises; ValueError for a tag that is
    not in `by_tag`.
    """
    code = currency(quote.currency or currency_code).code
    day = quote.date or today
    pack = version_for(quote.tax_pack or tax_pack, day)
    policy = pack.rounding(code)
    # The shop's rounding is for the shop's own place and money, not for another one's.
    own = quote.tax_pack in (None, tax_pack) and code == currency_code
    for given in (rounding if own else None, quote.rounding):
        policy = given.over(policy) if given else policy
    return QuoteTerms(
        currency=code,
        date=day,
        pack=pack,
        lines=tuple(
            _line_terms(line, by_tag or {}, rate_for, pack, table_for) for line in quote.lines
        ),
        discount=quote.discount.terms() if quote.discount else None,
        trade_ins=tuple(item.terms() for item in quote.trade_ins),
        deposit=quote.deposit.terms() if quote.deposit else None,
        rounding=policy,
        cash_step=quote.cash_step or (cash_step if own else None),
        tax_rates={**(tax_rates if own else {}), **quote.tax_rates},
    )


def _line_terms(
    line: TagLineIn | PieceLineIn,
    by_tag: Mapping[str, LineTerms],
    rate_for: RateFor | None,
    pack: PackVersion,
    table_for: TableFor | None,
) -> LineTerms:
    if isinstance(line, PieceLineIn):
        return line.terms(rate_for, pack, table_for)
    piece = by_tag.get(line.tag)
    if piece is None:
        raise ValueError(
            _("%(tag)s is no tag of this shop. Check the tag and scan it again.")
            % {"tag": line.tag}
        )
    return line.terms(piece)
