"""The metal of a line: grams at a rate, fine grams at the rate of pure metal, or an agreed sum."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from apps.core.units import fine_grams
from apps.pricing.rules.component import Kind, RoundingRule, made, rounding_of
from apps.pricing.rules.deposits import RateLock
from apps.pricing.rules.draft import ONE, BasisDict, Draft, times
from apps.pricing.rules.packs import RoundingPolicy
from apps.pricing.rules.rates import Rate
from apps.pricing.rules.weights import MetalWeight

_ZERO: Final = Decimal(0)


def metal_basis(
    weight: MetalWeight, *, grams: Decimal, fine_g: Decimal, rate: Rate, rule: RoundingRule
) -> BasisDict:
    """The basis of metal at a rate; a rate of pure metal takes the rounded fine grams."""
    fineness = weight.fineness
    basis: BasisDict = {
        "formula": "weight",
        "metal": weight.metal,
        "grams": fine_g if rate.is_for_fine else grams,
        "rate": rate.amount,
        "unit_g": rate.unit_g,
    }
    if fineness is not None:
        basis["fineness"] = Decimal(fineness)
        if rate.fineness is not None and rate.fineness != fineness and not rate.is_for_fine:
            basis["rate_fineness"] = Decimal(rate.fineness)
    if rate.is_for_fine:
        basis["chargeable_g"] = grams
    basis.update(rounding_of(rule))
    return basis


def add_metals(draft: Draft, policy: RoundingPolicy, locks: Mapping[int, RateLock]) -> None:
    """Each metal of the piece, in two lines where a deposit has fixed the rate of some grams."""
    rule = policy.of(Kind.METAL)
    for i, (terms, weight) in enumerate(zip(draft.terms.metals, draft.weights.metals, strict=True)):
        category = terms.tax_category or draft.category
        if terms.amount is not None:
            told = {"metal": terms.metal}
            draft.add(times(Kind.METAL, terms.metal, ONE, terms.amount, rule, category, **told))
            continue
        assert terms.rate is not None, "check_line asks for a rate"
        grams = weight.chargeable_g
        fine_g = _fine(weight, grams)
        lock = locks.get(i)
        if lock is not None:
            fixed_fine_g = _fine(weight, lock.grams)
            basis = metal_basis(
                weight, grams=lock.grams, fine_g=fixed_fine_g, rate=lock.rate, rule=rule
            )
            basis["of"] = "deposit"
            draft.add(made(Kind.METAL, terms.metal, basis, category))
            grams, fine_g = grams - lock.grams, fine_g - fixed_fine_g
        if grams:
            basis = metal_basis(weight, grams=grams, fine_g=fine_g, rate=terms.rate, rule=rule)
            if weight.wastage_g:
                basis["wastage_g"] = weight.wastage_g
            draft.add(made(Kind.METAL, terms.metal, basis, category))


def _fine(weight: MetalWeight, grams: Decimal) -> Decimal:
    return _ZERO if weight.fineness is None else fine_grams(grams, weight.fineness)


def metal_without_wastage(draft: Draft, policy: RoundingPolicy) -> Decimal:
    """The metal's value for the net grams alone, at the rates of the metal's lines."""
    if not any(weight.wastage_g for weight in draft.weights.metals):
        return draft.sum_of(Kind.METAL)
    rule = policy.of(Kind.METAL)
    value = _ZERO
    for terms, weight in zip(draft.terms.metals, draft.weights.metals, strict=True):
        if terms.amount is not None:
            value += rule(terms.amount)
        elif terms.rate is not None and weight.net_g is not None:
            basis = metal_basis(
                weight,
                grams=weight.net_g,
                fine_g=_fine(weight, weight.net_g),
                rate=terms.rate,
                rule=rule,
            )
            value += made(Kind.METAL, terms.metal, basis).amount
    return value
