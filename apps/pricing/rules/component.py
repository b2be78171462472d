"""One printed amount of a bill, with the numbers that made it.

A component's amount is never set: it is what its stored basis gives. So a stored sale can be
replayed years later, whatever the rates, the packs and this program have become, as long as the
formulas below keep their meaning. A formula is therefore never changed; a new one gets a new name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any, Final

from apps.core.units import EXACT, Rounding, round_to

Basis = Mapping[str, Decimal | str]


class Kind(StrEnum):
    """What a component is for. PRICE is the tag price of a piece that is not priced by weight."""

    METAL = "metal"
    WASTAGE = "wastage"
    MAKING = "making"
    STONE = "stone"
    EXTRA = "extra"
    PROFIT = "profit"
    PRICE = "price"
    DISCOUNT = "discount"
    TAX = "tax"
    ROUND_OFF = "round_off"


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """Round to a multiple of `step`, by `mode`."""

    step: Decimal
    mode: Rounding = Rounding.HALF_UP

    def __call__(self, amount: Decimal) -> Decimal:
        return round_to(amount, self.step, self.mode)


@dataclass(frozen=True, slots=True)
class Component:
    """`amount` is `replay(self)`; `label` is a word of the trade or what the shop called it."""

    kind: Kind
    label: str
    basis: Basis
    amount: Decimal
    tax_category: str = ""

    @property
    def is_within(self) -> bool:
        """Whether the amount is a part of the others, as a tax inside the price is."""
        return self.basis.get("included") == "yes"

    @property
    def is_shown(self) -> bool:
        """Whether the bill may show it; the tax of a margin scheme must not be shown."""
        return self.basis.get("shown") != "no"

    def as_json(self) -> dict[str, Any]:
        """Plain strings, for a JSON column; `from_json` gives the component back."""
        return {
            "kind": self.kind.value,
            "label": self.label,
            "basis": basis_as_json(self.basis),
            "amount": format(self.amount, "f"),
            "tax_category": self.tax_category,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Component":
        return cls(
            kind=Kind(stored["kind"]),
            label=stored["label"],
            basis={
                name: value if name in _TEXTS else Decimal(value)
                for name, value in stored["basis"].items()
            },
            amount=Decimal(stored["amount"]),
            tax_category=stored["tax_category"],
        )


def basis_as_json(basis: Basis) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else format(value, "f")
        for name, value in basis.items()
    }


# Entries of a basis that are words; every other one is a number.
_TEXTS: Final = frozenset(
    {"formula", "mode", "of", "metal", "weight", "included", "shown", "base_rule", "table", "by"}
)
_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal(0)


def made(kind: Kind, label: str, basis: Basis, tax_category: str = "") -> Component:
    """The component that `basis` gives."""
    return Component(kind, label, basis, _worth(basis), tax_category)


def replay(component: Component) -> Decimal:
    """Work the amount out again from the stored basis alone."""
    with localcontext(EXACT):
        return _worth(component.basis)


def _worth(basis: Basis) -> Decimal:
    return _FORMULAS[str(basis["formula"])](basis)


def rounding_of(rule: RoundingRule) -> dict[str, Decimal | str]:
    """The two entries that say how a basis is rounded."""
    return {"step": rule.step, "mode": rule.mode.value}


def _number(basis: Basis, name: str) -> Decimal:
    value = basis[name]
    assert isinstance(value, Decimal), name
    return value


def _rounded(basis: Basis, amount: Decimal) -> Decimal:
    return round_to(amount, _number(basis, "step"), Rounding(str(basis["mode"])))


def _weight(basis: Basis) -> Decimal:
    """grams × rate ÷ unit_g × fineness ÷ rate_fineness; the last two only where they differ.

    Where the rate is for pure metal, `grams` are fine grams already and no fineness is here.
    """
    amount = EXACT.multiply(_number(basis, "grams"), _number(basis, "rate"))
    below = _number(basis, "unit_g")
    if "rate_fineness" in basis:
        amount = EXACT.multiply(amount, _number(basis, "fineness"))
        below = EXACT.multiply(below, _number(basis, "rate_fineness"))
    return _rounded(basis, amount if below == 1 else EXACT.divide(amount, below))


def _percent(basis: Basis) -> Decimal:
    """base × percent ÷ 100."""
    percent = EXACT.multiply(_number(basis, "base"), _number(basis, "percent"))
    return _rounded(basis, EXACT.divide(percent, _HUNDRED))


def _times(basis: Basis) -> Decimal:
    """quantity × value: grams, carats or pieces at so much each."""
    return _rounded(basis, EXACT.multiply(_number(basis, "quantity"), _number(basis, "value")))


def _less_percent(basis: Basis) -> Decimal:
    """A discount: what is left is rounded, and the discount is the difference.

    The customer is shown the reduced charge, so that is the figure which must be round.
    """
    base = _number(basis, "base")
    left = EXACT.multiply(base, _HUNDRED - _number(basis, "percent"))
    return _rounded(basis, EXACT.divide(left, _HUNDRED)) - base


def _less_amount(basis: Basis) -> Decimal:
    """A discount of a fixed amount."""
    return -_rounded(basis, _number(basis, "value"))


def _to_step(basis: Basis) -> Decimal:
    """What is missing to the next step: the round-off of a bill."""
    base = _number(basis, "base")
    return _rounded(basis, base) - base


def _share(basis: Basis) -> Decimal:
    """This line's part of a sum shared out over the bill; `leftover` is its extra step."""
    exact = EXACT.multiply(_number(basis, "whole"), _number(basis, "part"))
    cut = round_to(EXACT.divide(exact, _number(basis, "parts")), _number(basis, "step"), _DOWN)
    return cut + _number(basis, "leftover")


def _tax(basis: Basis) -> Decimal:
    """base × percent ÷ 100, or ÷ (100 + percent) when the base includes the tax.

    `leftover` is what the bill's own rounding added to this line (tax worked out per document).
    """
    percent = _number(basis, "percent")
    below = _HUNDRED + percent if basis["included"] == "yes" else _HUNDRED
    amount = EXACT.divide(EXACT.multiply(_number(basis, "base"), percent), below)
    leftover = basis.get("leftover", _ZERO)
    assert isinstance(leftover, Decimal)
    return _rounded(basis, amount) + leftover


_DOWN: Final = Rounding.DOWN
_FORMULAS: Final[dict[str, Callable[[Basis], Decimal]]] = {
    "weight": _weight,
    "percent": _percent,
    "times": _times,
    "less_percent": _less_percent,
    "less_amount": _less_amount,
    "share": _share,
    "to_step": _to_step,
    "tax": _tax,
}
