"""A line on its way to a price: its components so far, and what discounts left of each."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from apps.pricing.rules.component import Component, Kind, RoundingRule, made, rounding_of
from apps.pricing.rules.terms import LineTerms
from apps.pricing.rules.weights import Weights

ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)
BasisDict = dict[str, Decimal | str]


@dataclass(slots=True, kw_only=True)
class Draft:
    """A line on its way: `nets[i]` is what of `components[i]` is left after discounts."""

    terms: LineTerms
    weights: Weights
    category: str
    includes_tax: bool
    components: list[Component] = field(default_factory=list)
    nets: list[Decimal] = field(default_factory=list)

    def add(self, component: Component) -> None:
        self.components.append(component)
        self.nets.append(component.amount)

    def sum_of(self, *kinds: Kind) -> Decimal:
        """What the components of these kinds come to, before discounts."""
        return sum((c.amount for c in self.components if c.kind in kinds), _ZERO)

    @property
    def net(self) -> Decimal:
        """The line after discounts, with the taxes that its prices include."""
        return sum(self.nets, _ZERO)


def times(
    kind: Kind,
    label: str,
    quantity: Decimal,
    value: Decimal,
    rule: RoundingRule,
    category: str,
    **told: Decimal | str,
) -> Component:
    """A charge of `quantity` at `value` each; `told` are words for the reader of the basis."""
    basis: BasisDict = {"formula": "times", "quantity": quantity, "value": value, **told}
    basis.update(rounding_of(rule))
    return made(kind, label, basis, category)
