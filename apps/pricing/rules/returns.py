"""What is given back for a returned piece: by the shop's policy, charge by charge, tax included.

Worked out from the components the sale stored, never from today's rates or packs: the customer
gets back parts of what was paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from apps.core.units import EXACT, Rounding, round_to
from apps.pricing.rules.component import Component, Kind
from apps.pricing.rules.packs import TaxBase
from apps.pricing.rules.spread import spread

_ZERO: Final = Decimal(0)
_OF_KIND: Final = {
    "metal": Kind.METAL,
    "wastage": Kind.WASTAGE,
    "making": Kind.MAKING,
    "stones": Kind.STONE,
}
CHARGES: Final = frozenset(
    {
        Kind.METAL,
        Kind.WASTAGE,
        Kind.MAKING,
        Kind.STONE,
        Kind.EXTRA,
        Kind.PROFIT,
        Kind.PRICE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPolicy:
    """The kinds of charge that are given back; the others are kept."""

    refunded: frozenset[Kind] = CHARGES


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedPart:
    """One charge or one tax of the sale: what is given back of it and what is kept."""

    kind: Kind
    label: str
    tax_category: str
    refunded: Decimal
    kept: Decimal
    is_within: bool = False  # a tax that is a part of the charges, not on top of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """The parts of a credit note; `total` and `kept` together are what the line cost."""

    parts: tuple[ReturnedPart, ...]

    @property
    def total(self) -> Decimal:
        return sum((part.refunded for part in self.parts if not part.is_within), _ZERO)

    @property
    def kept(self) -> Decimal:
        return sum((part.kept for part in self.parts if not part.is_within), _ZERO)

    def refunded(self, kind: Kind) -> Decimal:
        return sum((part.refunded for part in self.parts if part.kind == kind), _ZERO)

    def kept_of(self, kind: Kind) -> Decimal:
        return sum((part.kept for part in self.parts if part.kind == kind), _ZERO)


def refund(components: Sequence[Component], *, policy: ReturnPolicy, step: Decimal) -> Refund:
    """What the policy gives back of one sold line, at the rates of the sale.

    Charges are given back less their discounts. The tax of the refunded charges is worked out by
    the sale's own percent and rounding; the rest of the sale's tax is kept, so that the two add
    up to what was charged. `step`: the smallest amount of the currency.
    """
    with localcontext(EXACT):
        charges = [c for c in components if c.kind in CHARGES]
        nets = _nets(components, charges, step)
        parts = [
            ReturnedPart(
                kind=charge.kind,
                label=charge.label,
                tax_category=charge.tax_category,
                refunded=net if charge.kind in policy.refunded else _ZERO,
                kept=_ZERO if charge.kind in policy.refunded else net,
            )
            for charge, net in zip(charges, nets, strict=True)
        ]
        parts += [
            _tax_back(tax, charges, nets, policy) for tax in components if tax.kind == Kind.TAX
        ]
        return Refund(parts=tuple(parts))


def _nets(
    components: Sequence[Component], charges: Sequence[Component], step: Decimal
) -> list[Decimal]:
    """The charges after the line's discounts, shared out as they were when it was priced."""
    nets = [charge.amount for charge in charges]
    for component in components:
        if component.kind != Kind.DISCOUNT or not component.amount:
            continue
        kind = _OF_KIND.get(str(component.basis["of"]))
        on = [i for i, charge in enumerate(charges) if kind in (None, charge.kind)]
        shares = spread(component.amount, [nets[i] for i in on], step)
        for i, share in zip(on, shares, strict=True):
            nets[i] += share
    return nets


def _tax_back(
    tax: Component,
    charges: Sequence[Component],
    nets: Sequence[Decimal],
    policy: ReturnPolicy,
) -> ReturnedPart:
    basis = tax.basis
    base, percent, step = (basis[name] for name in ("base", "percent", "step"))
    assert isinstance(base, Decimal)
    assert isinstance(percent, Decimal)
    assert isinstance(step, Decimal)
    by_margin = basis["base_rule"] == "margin"
    metal_is_free = basis["base_rule"] not in (TaxBase.ALL.value, "margin")
    here = [
        (charge.kind, net)
        for charge, net in zip(charges, nets, strict=True)
        if by_margin or charge.tax_category == tax.tax_category
    ]
    going = [net for kind, net in here if kind in policy.refunded]
    if len(going) == len(here):
        returned = tax.amount
    else:
        without_metal = [(kind, net) for kind, net in here if kind != Kind.METAL]
        # A line whose only charge is its metal is taxed on what that exceeds the bullion.
        taxed = without_metal if metal_is_free and any(net for _, net in without_metal) else here
        whole = sum((net for _, net in taxed), _ZERO)
        back = sum((net for kind, net in taxed if kind in policy.refunded), _ZERO)
        # A base that is not the charges themselves (a margin, a part above bullion) goes back in
        # the proportion of the charges.
        on = back if whole in (base, _ZERO) else base * back / whole
        below = 100 + percent if tax.is_within else Decimal(100)
        amount = round_to(on * percent / below, step, Rounding(str(basis["mode"])))
        returned = min(amount, tax.amount)
    return ReturnedPart(
        kind=Kind.TAX,
        label=tax.label,
        tax_category=tax.tax_category,
        refunded=returned,
        kept=tax.amount - returned,
        is_within=tax.is_within,
    )
