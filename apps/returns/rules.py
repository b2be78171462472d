"""What comes of one line that comes back: arithmetic only, no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Final

from apps.core.units import EXACT, Rounding, round_grams, round_to
from apps.pricing.rules import Component, Kind, Refund, ReturnPolicy, refund
from apps.pricing.rules.packs import TaxBase
from apps.pricing.rules.returns import CHARGES, ReturnedPart

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One charge or one tax of the sold line, and what came of it.

    gross + discount = net = refunded + kept, for a charge; a tax has no discount. A part that
    `is_within` is contained in the charges. `percent` and `base` are of a tax alone: its rate, and
    so much of what it was reckoned from as goes back.
    """

    kind: Kind
    label: str
    gross: Decimal
    discount: Decimal
    refunded: Decimal
    kept: Decimal
    is_within: bool = False
    is_shown: bool = True
    percent: Decimal = _ZERO
    base: Decimal = _ZERO

    @property
    def is_tax(self) -> bool:
        return self.kind == Kind.TAX


def given_back(
    components: Sequence[Component],
    *,
    refunded: frozenset[Kind],
    step: Decimal,
    metal_share: Decimal = _ONE,
    fee_percent: Decimal = _ZERO,
) -> tuple[Part, ...]:
    """The parts of a sold line: what the shop gives back of each and what it keeps.

    charge back = its net x (1 - fee percent / 100), the metal times `metal_share` besides
    tax back    = the tax of the charges in `refunded`, in proportion to what of them goes back

    `metal_share`: how much of the metal came back, or what it is worth today of what it cost;
    0 to 1. Each part is rounded once; refunded + kept of a part is what the line had cost.
    """
    assert 0 <= metal_share <= 1, metal_share
    assert 0 <= fee_percent <= _HUNDRED, fee_percent
    whole = refund(components, policy=ReturnPolicy(refunded=refunded), step=step)
    charges = [part for part in whole.parts if part.kind in CHARGES]
    with localcontext(EXACT):
        share = (_HUNDRED - fee_percent) / _HUNDRED
        lowered = [
            _lowered(part, share * metal_share if part.kind == Kind.METAL else share, step)
            for part in charges
        ]
        of_charges = [
            Part(
                kind=low.kind,
                label=low.label,
                gross=component.amount,
                discount=low.refunded + low.kept - component.amount,
                refunded=low.refunded,
                kept=low.kept,
            )
            for component, low in zip(
                (each for each in components if each.kind in CHARGES), lowered, strict=True
            )
        ]
        taxes = [component for component in components if component.kind == Kind.TAX]
        backs = [part for part in whole.parts if part.kind == Kind.TAX]
        of_taxes = [
            _tax_part(tax, back, charges, lowered) for tax, back in zip(taxes, backs, strict=True)
        ]
    return (*of_charges, *of_taxes)


def total_of(parts: Sequence[Part]) -> Refund:
    """The parts as a refund, whose `total` and `kept` leave out what is within the charges."""
    return Refund(
        parts=tuple(
            ReturnedPart(
                kind=part.kind,
                label=part.label,
                tax_category="",
                refunded=part.refunded,
                kept=part.kept,
                is_within=part.is_within,
            )
            for part in parts
        )
    )


def metal_share_of(*, sold_g: Decimal, weighed_g: Decimal, net_g: Decimal) -> Decimal:
    """How much of a piece's metal came back: (net - missing) / net, 0 to 1.

    What is missing of the gross weight is taken to be metal. Units: grams.
    """
    missing = max(sold_g - weighed_g, _ZERO)
    return EXACT.divide(max(net_g - missing, _ZERO), net_g) if net_g else _ONE


def share_of_grams(grams: Decimal, share: Decimal) -> Decimal:
    """grams x share, to the milligram: the fine grams that came back."""
    return round_grams(EXACT.multiply(grams, share))


def _lowered(part: ReturnedPart, share: Decimal, step: Decimal) -> ReturnedPart:
    back = part.refunded if share == 1 else round_to(part.refunded * share, step)
    return replace(part, refunded=back, kept=part.kept + part.refunded - back)


def _tax_part(
    tax: Component,
    back: ReturnedPart,
    charges: Sequence[ReturnedPart],
    lowered: Sequence[ReturnedPart],
) -> Part:
    """The tax in proportion to what its charges lost on the way."""
    base_rule = tax.basis["base_rule"]
    here = [
        (before, after)
        for before, after in zip(charges, lowered, strict=True)
        if base_rule == "margin" or before.tax_category == tax.tax_category
    ]
    if base_rule not in (TaxBase.ALL.value, "margin"):
        # A tax that spares the metal does not fall with it, unless there is nothing else.
        others = [pair for pair in here if pair[0].kind != Kind.METAL]
        here = others if any(before.refunded for before, _ in others) else here
    whole = sum((before.refunded for before, _ in here), _ZERO)
    rest = sum((after.refunded for _, after in here), _ZERO)
    refunded = back.refunded
    if whole != rest:
        step, mode = tax.basis["step"], Rounding(str(tax.basis["mode"]))
        assert isinstance(step, Decimal)
        refunded = min(round_to(back.refunded * rest / whole, step, mode), back.refunded)
    base, percent = tax.basis["base"], tax.basis["percent"]
    assert isinstance(base, Decimal)
    assert isinstance(percent, Decimal)
    sold = sum((before.refunded + before.kept for before, _ in here), _ZERO)
    # Of a rate of zero as much goes back as of its charges.
    part, of = (refunded, tax.amount) if tax.amount else (rest, sold)
    return Part(
        percent=percent,
        base=EXACT.divide(EXACT.multiply(base, part), of) if of else _ZERO,
        kind=Kind.TAX,
        label=tax.label,
        gross=tax.amount,
        discount=_ZERO,
        refunded=refunded,
        kept=tax.amount - refunded,
        is_within=tax.is_within,
        is_shown=tax.is_shown,
    )
