"""The taxes of a bill: at which rate, inside or on top of the price, and rounded where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.component import Component, Kind, RoundingRule, made, rounding_of
from apps.pricing.rules.draft import Draft
from apps.pricing.rules.packs import PackVersion, RoundingPolicy, TaxCategory, TaxPer
from apps.pricing.rules.spread import spread
from apps.pricing.rules.tax_bases import Bucket, buckets_of, reduce_bases
from apps.pricing.rules.terms import Scheme

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxShare:
    """A named part of a tax total; the parts add up to it."""

    label: str
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """One tax at one rate over the whole bill."""

    category: str
    label: str
    percent: Decimal
    base: Decimal
    amount: Decimal
    included: bool
    shown: bool
    parts: tuple[TaxShare, ...]


def add_taxes(
    drafts: Sequence[Draft],
    *,
    pack: PackVersion,
    policy: RoundingPolicy,
    step: Decimal,
    rates: Mapping[str, Decimal],
    base_reduction: Decimal,
) -> tuple[TaxTotal, ...]:
    """Add each line's tax components, and give the taxes of the bill by category and rate.

    `rates` replaces percents by category; `base_reduction` is what of the trade-ins lowers the
    base. Tax on a line is round(base x percent / 100), or / (100 + percent) where prices include
    it. Worked out per document, it is rounded once and shared out by largest remainder.

    Raises RuleBroken: an unknown category, a rate below zero, a base that cannot be known.
    """
    for name, percent in rates.items():
        if name not in pack.categories:
            raise RuleBroken(
                "tax_rates",
                gettext_noop("Tax pack {pack} has no tax category {name}. It has: {known}."),
                pack=pack.id,
                name=name,
                known=", ".join(pack.categories),
            )
        if not 0 <= percent <= 100:
            raise RuleBroken(
                f"tax_rates.{name}", gettext_noop("A tax rate is from 0 to 100 percent.")
            )
    buckets = []
    for i, draft in enumerate(drafts):
        try:
            buckets += buckets_of(draft, pack, policy.of(Kind.METAL))
        except RuleBroken as broken:
            raise broken.under(f"lines.{i}") from None
    reduce_bases(buckets, base_reduction, step)
    for bucket in buckets:
        given = rates.get(bucket.category.name)
        bucket.percent = bucket.category.percent_for(bucket.base) if given is None else given
    groups: dict[tuple[str, Decimal, bool, bool], list[Bucket]] = {}
    for bucket in buckets:
        if bucket.percent or bucket.category.show_zero:
            groups.setdefault(bucket.key, []).append(bucket)
    rule = policy.of(Kind.TAX)
    return tuple(_tax(group, pack.tax_per, rule, step) for group in groups.values())


def _tax(group: Sequence[Bucket], per: TaxPer, rule: RoundingRule, step: Decimal) -> TaxTotal:
    first = group[0]
    base = sum((bucket.base for bucket in group), _ZERO)
    components = [_component(bucket, rule) for bucket in group]
    if per == TaxPer.DOCUMENT and len(group) > 1 and base:
        amount = made(Kind.TAX, "", _basis(first, base, rule)).amount
        shares = spread(amount, [bucket.base for bucket in group], step)
        for i, (bucket, share) in enumerate(zip(group, shares, strict=True)):
            if share != components[i].amount:
                components[i] = _component(bucket, rule, leftover=share - components[i].amount)
    for bucket, component in zip(group, components, strict=True):
        bucket.draft.add(component)
    amount = sum((component.amount for component in components), _ZERO)
    return TaxTotal(
        category=first.category.name,
        label=first.category.label,
        percent=first.percent,
        base=base,
        amount=amount,
        included=first.included,
        shown=first.shown,
        parts=_parts(first.category, first.percent, amount, step),
    )


def _component(bucket: Bucket, rule: RoundingRule, *, leftover: Decimal | None = None) -> Component:
    basis = _basis(bucket, bucket.base, rule)
    basis["base_rule"] = (
        "margin" if bucket.draft.terms.scheme == Scheme.MARGIN else bucket.category.base.value
    )
    if not bucket.shown:
        basis["shown"] = "no"
    if leftover is not None:
        basis["leftover"] = leftover
    return made(Kind.TAX, bucket.category.label, basis, bucket.category.name)


def _basis(bucket: Bucket, base: Decimal, rule: RoundingRule) -> dict[str, Decimal | str]:
    basis: dict[str, Decimal | str] = {
        "formula": "tax",
        "base": base,
        "percent": bucket.percent,
        "included": "yes" if bucket.included else "no",
    }
    basis.update(rounding_of(rule))
    return basis


def _parts(
    category: TaxCategory, percent: Decimal, amount: Decimal, step: Decimal
) -> tuple[TaxShare, ...]:
    """Split a tax into its named parts: in the currency's digits, adding up to the tax."""
    if not category.parts or not category.percent:
        return ()
    shares = spread(amount, [part.percent for part in category.parts], step)
    return tuple(
        TaxShare(
            label=part.label,
            percent=percent * part.percent / category.percent,
            amount=share,
        )
        for part, share in zip(category.parts, shares, strict=True)
    )
