"""What of a line is taxed: all of it, all but the metal, what exceeds the bullion, the margin."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.core.units import FULL_FINENESS
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.component import Kind, RoundingRule, made
from apps.pricing.rules.draft import Draft
from apps.pricing.rules.metal import metal_basis
from apps.pricing.rules.packs import PackVersion, TaxBase, TaxCategory
from apps.pricing.rules.rates import Rate, per_fine_gram
from apps.pricing.rules.spread import spread
from apps.pricing.rules.terms import MetalTerms, Scheme
from apps.pricing.rules.weights import MetalWeight

_ZERO: Final = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Bucket:
    """What one line is taxed on in one category."""

    draft: Draft
    category: TaxCategory
    base: Decimal
    included: bool
    shown: bool
    percent: Decimal = _ZERO

    @property
    def key(self) -> tuple[str, Decimal, bool, bool]:
        return (self.category.name, self.percent, self.included, self.shown)


def buckets_of(draft: Draft, pack: PackVersion, metal_rule: RoundingRule) -> list[Bucket]:
    """What one line is taxed on, by category. Raises RuleBroken."""
    if draft.terms.scheme == Scheme.MARGIN:
        return [_margin(draft, pack)]
    by_category: dict[str, Decimal] = {}
    for component, net in zip(draft.components, draft.nets, strict=True):
        if component.kind != Kind.DISCOUNT:
            name = component.tax_category
            by_category[name] = by_category.get(name, _ZERO) + net
    found = []
    for name, amount in by_category.items():
        category = pack.category(name)
        free = _untaxed(draft, category, metal_rule)
        found.append(
            Bucket(
                draft=draft,
                category=category,
                base=max(_ZERO, amount - free),
                included=draft.includes_tax,
                shown=True,
            )
        )
    return found


def _margin(draft: Draft, pack: PackVersion) -> Bucket:
    """Selling price less purchase price; a loss counts as nil and helps no other sale."""
    scheme, bought = pack.margin, draft.terms.purchase_price
    assert scheme is not None, "check_line asks for the scheme"
    assert bought is not None, "check_line asks for the purchase price"
    return Bucket(
        draft=draft,
        category=pack.category(scheme.category),
        base=max(_ZERO, draft.net - bought),
        included=scheme.includes_tax,
        shown=scheme.shown,
    )


def _untaxed(draft: Draft, category: TaxCategory, rule: RoundingRule) -> Decimal:
    """What of the line's amounts in this category the base leaves out."""
    if category.base == TaxBase.ALL:
        return _ZERO
    if category.base == TaxBase.WAGE_PROFIT_EXTRAS and draft.terms.fixed_price is None:
        return sum(
            (
                net
                for component, net in zip(draft.components, draft.nets, strict=True)
                if component.kind == Kind.METAL and component.tax_category == category.name
            ),
            _ZERO,
        )
    bullion = _ZERO
    for i, (terms, weight) in enumerate(zip(draft.terms.metals, draft.weights.metals, strict=True)):
        if (terms.tax_category or draft.category) == category.name:
            bullion += _bullion(terms, weight, i, category.base, rule)
    return bullion


def _bullion(
    terms: MetalTerms, weight: MetalWeight, i: int, base: TaxBase, rule: RoundingRule
) -> Decimal:
    """The metal's untaxed value: at its own rate, or its fine grams at the rate of pure metal."""
    if terms.amount is not None:
        return rule(terms.amount)
    if terms.rate is None or weight.net_g is None or weight.fine_g is None:
        raise RuleBroken(
            f"metals.{i}.rate",
            gettext_noop(
                "The value of the metal is not taxed here. Give its weight, fineness and rate."
            ),
        )
    assert weight.fineness is not None, "fine grams come from a fineness"
    rate = terms.rate
    if base == TaxBase.ABOVE_BULLION and not rate.is_for_fine:
        pure = per_fine_gram(rate, weight.fineness)
        rate = Rate(amount=pure, fineness=FULL_FINENESS)
    basis = metal_basis(weight, grams=weight.net_g, fine_g=weight.fine_g, rate=rate, rule=rule)
    return made(Kind.METAL, terms.metal, basis).amount


def reduce_bases(buckets: Sequence[Bucket], reduction: Decimal, step: Decimal) -> None:
    """Lower the bases by what was traded in, in proportion, and never below zero."""
    whole = sum((bucket.base for bucket in buckets), _ZERO)
    off = min(reduction, whole)
    if off <= 0:
        return
    shares = spread(off, [bucket.base for bucket in buckets], step)
    for bucket, share in zip(buckets, shares, strict=True):
        bucket.base -= share
