"""The price of one line before tax: metal, wastage, making, stones, extras, profit, discounts."""

from collections.abc import Mapping
from decimal import Decimal

from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.checks import check_line
from apps.pricing.rules.component import Component, Kind, RoundingRule, made, rounding_of
from apps.pricing.rules.deposits import RateLock
from apps.pricing.rules.discounts import take_off
from apps.pricing.rules.draft import ONE, BasisDict, Draft, times
from apps.pricing.rules.metal import add_metals, metal_without_wastage
from apps.pricing.rules.packs import FeeKind, PackVersion, RoundingPolicy
from apps.pricing.rules.slabs import with_slab_read
from apps.pricing.rules.terms import (
    LineTerms,
    MakingBasis,
    MakingMode,
    MakingTerms,
    StonePrice,
    WastageMode,
)
from apps.pricing.rules.weights import Weights


def draft_line(
    line: LineTerms,
    *,
    weights: Weights,
    pack: PackVersion,
    policy: RoundingPolicy,
    step: Decimal,
    locks: Mapping[int, RateLock],
) -> Draft:
    """Every component of a line but its tax, each rounded once and resting on its basis.

    metal   = grams x rate, grams being net and wastage, or fine grams for a rate of pure metal
    wastage = percent of the metal's value (wastage in grams is inside the metal's line)
    making  = percent of metal, or x gram, or per piece, or what a table says for its slab
    profit  = percent of metal, wastage and making
    or, for a tag price, that price alone; then stones, extras, and the discounts.

    `step` is the smallest amount of the currency. Raises RuleBroken.
    """
    line = with_slab_read(line, weights=weights, locks=locks)
    check_line(line, weights=weights, pack=pack)
    draft = Draft(
        terms=line,
        weights=weights,
        category=_category(line, weights, pack),
        includes_tax=(pack.prices_include_tax if line.includes_tax is None else line.includes_tax),
    )
    if line.fixed_price is not None:
        draft.add(_flat(Kind.PRICE, "price", line.fixed_price, policy, draft.category))
    else:
        add_metals(draft, policy, locks)
        _wastage(draft, policy)
        _making(draft, policy)
        _profit(draft, policy)
    _stones(draft, policy)
    _extras(draft, policy, pack)
    if not draft.components:
        raise RuleBroken(
            "", gettext_noop("This line has nothing to price. Add a metal or a price.")
        )
    for i, discount in enumerate(line.discounts):
        try:
            take_off(discount, draft.components, draft.nets, policy=policy, step=step)
        except RuleBroken as broken:
            raise broken.under(f"discounts.{i}") from None
    return draft


def _category(line: LineTerms, weights: Weights, pack: PackVersion) -> str:
    """The line's own tax category, or investment metal by its fineness, or the pack's default."""
    if line.tax_category is not None:
        return line.tax_category
    rule = pack.investment
    if rule is None or not weights.metals or line.stones:
        return pack.default_category
    pure = all(m.fineness is not None and m.fineness >= rule.fineness_from for m in weights.metals)
    return rule.category if pure else pack.default_category


def _flat(
    kind: Kind, label: str, amount: Decimal, policy: RoundingPolicy, category: str
) -> Component:
    return times(kind, label, ONE, amount, policy.of(kind), category)


def _percent(
    kind: Kind,
    base: Decimal,
    percent: Decimal,
    rule: RoundingRule,
    category: str,
    of: str,
    told: BasisDict | None = None,
) -> Component:
    basis: BasisDict = {"formula": "percent", "base": base, "percent": percent, "of": of}
    basis.update(told or {})
    basis.update(rounding_of(rule))
    return made(kind, kind.value, basis, category)


def _wastage(draft: Draft, policy: RoundingPolicy) -> None:
    terms = draft.terms.wastage
    if terms is None or terms.mode != WastageMode.PERCENT_OF_VALUE:
        return
    base = draft.sum_of(Kind.METAL)
    rule = policy.of(Kind.WASTAGE)
    draft.add(_percent(Kind.WASTAGE, base, terms.value, rule, draft.category, "metal"))


def _making(draft: Draft, policy: RoundingPolicy) -> None:
    terms = draft.terms.making
    if terms is None:
        return
    rule = policy.of(Kind.MAKING)
    category = terms.tax_category or draft.category
    if terms.mode == MakingMode.PERCENT_OF_METAL:
        basis = terms.basis or MakingBasis.METAL
        if basis == MakingBasis.METAL_AND_WASTAGE:
            base = draft.sum_of(Kind.METAL, Kind.WASTAGE)
        else:
            base = metal_without_wastage(draft, policy)
        of = basis.value
        draft.add(_percent(Kind.MAKING, base, terms.value, rule, category, of, _slab_told(terms)))
    elif terms.mode == MakingMode.PER_GRAM:
        basis = terms.basis or MakingBasis.NET
        grams = {
            MakingBasis.GROSS: draft.weights.gross_g,
            MakingBasis.CHARGEABLE: draft.weights.chargeable_g,
        }.get(basis, draft.weights.net_g)
        assert grams is not None, "check_line asks for the weight"
        told = {"weight": basis.value, **_slab_told(terms)}
        draft.add(times(Kind.MAKING, "making", grams, terms.value, rule, category, **told))
    else:
        told = _slab_told(terms)
        draft.add(times(Kind.MAKING, "making", ONE, terms.value, rule, category, **told))


def _slab_told(terms: MakingTerms) -> BasisDict:
    """Which table and slab the charge was read from, for the reader of the basis."""
    if terms.table is None or terms.slab_start is None:
        return {}
    return {"table": terms.table.name, "by": terms.table.by.value, "slab_start": terms.slab_start}


def _profit(draft: Draft, policy: RoundingPolicy) -> None:
    if draft.terms.profit_percent is None:
        return
    base = draft.sum_of(Kind.METAL, Kind.WASTAGE, Kind.MAKING)
    percent, rule = draft.terms.profit_percent, policy.of(Kind.PROFIT)
    of = "metal_wastage_making"
    draft.add(_percent(Kind.PROFIT, base, percent, rule, draft.category, of))


def _stones(draft: Draft, policy: RoundingPolicy) -> None:
    rule = policy.of(Kind.STONE)
    for stone in draft.terms.stones:
        if stone.price == StonePrice.NONE:
            continue
        quantity = {
            StonePrice.PER_CARAT: stone.carats,
            StonePrice.PER_PIECE: Decimal(stone.pieces),
        }.get(stone.price, ONE)
        category = stone.tax_category or draft.category
        told = {"of": stone.price.value}
        draft.add(times(Kind.STONE, stone.kind, quantity, stone.value, rule, category, **told))


def _extras(draft: Draft, policy: RoundingPolicy, pack: PackVersion) -> None:
    """Charges beside the piece: by their own tax category, that of their fee, or the line's."""
    rule = policy.of(Kind.EXTRA)
    for extra in draft.terms.extras:
        category = extra.tax_category or pack.fees.get(extra.kind) or draft.category
        quantity = Decimal(extra.quantity)
        told = {} if extra.kind == FeeKind.OTHER else {"of": extra.kind.value}
        draft.add(times(Kind.EXTRA, extra.label, quantity, extra.amount, rule, category, **told))
