"""Discounts: off one charge or off a whole line, and off a whole bill shared out over its lines."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.component import Component, Kind, RoundingRule, made, rounding_of
from apps.pricing.rules.packs import RoundingPolicy
from apps.pricing.rules.spread import spread
from apps.pricing.rules.terms import DiscountOn, DiscountTerms

_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)
_KIND: Final = {
    DiscountOn.METAL: Kind.METAL,
    DiscountOn.WASTAGE: Kind.WASTAGE,
    DiscountOn.MAKING: Kind.MAKING,
    DiscountOn.STONES: Kind.STONE,
}


def take_off(
    terms: DiscountTerms,
    components: list[Component],
    nets: list[Decimal],
    *,
    policy: RoundingPolicy,
    step: Decimal,
) -> None:
    """Add the discount's component, and lower the nets of the charges it is on by its shares.

    A percent is taken of what earlier discounts left. Raises RuleBroken: nothing there to reduce,
    or more off than there is.
    """
    kind = _KIND.get(terms.on)
    on = [
        i
        for i, component in enumerate(components)
        if (component.kind == kind if kind else component.kind != Kind.DISCOUNT)
    ]
    if not on:
        raise RuleBroken(
            "on",
            gettext_noop("There is no charge for {on} here to reduce. Leave the discount out."),
            on=terms.on.value,
        )
    base = sum((nets[i] for i in on), _ZERO)
    rule = policy.of(kind or Kind.DISCOUNT)
    basis = _basis(terms, base, rule)
    components.append(made(Kind.DISCOUNT, "discount", basis, components[on[0]].tax_category))
    nets.append(_ZERO)  # its effect is in the nets of the charges
    _lower(nets, on, components[-1].amount, step)


def share_out(
    terms: DiscountTerms,
    lines: Sequence[tuple[list[Component], list[Decimal]]],
    *,
    rule: RoundingRule,
    step: Decimal,
) -> None:
    """Take a discount off the whole bill: every line gets its largest-remainder share.

    Raises RuleBroken, as `take_off`.
    """
    if terms.on != DiscountOn.LINE:
        raise RuleBroken(
            "on", gettext_noop("A discount on the whole bill cannot be on one charge only.")
        )
    parts = [sum(nets, _ZERO) for _, nets in lines]
    whole = sum(parts, _ZERO)
    amount = made(Kind.DISCOUNT, "discount", _basis(terms, whole, rule)).amount
    if not whole:
        return
    for (components, nets), part, share in zip(
        lines, parts, spread(amount, parts, step), strict=True
    ):
        if not part:
            continue
        basis: dict[str, Decimal | str] = {
            "formula": "share",
            "of": "bill",
            "whole": amount,
            "part": part,
            "parts": whole,
            "step": step,
            "leftover": _ZERO,
        }
        cut = made(Kind.DISCOUNT, "discount", basis).amount
        basis["leftover"] = share - cut
        on = [i for i, component in enumerate(components) if component.kind != Kind.DISCOUNT]
        components.append(made(Kind.DISCOUNT, "discount", basis, components[0].tax_category))
        nets.append(_ZERO)
        _lower(nets, on, share, step)


def _lower(nets: list[Decimal], on: Sequence[int], amount: Decimal, step: Decimal) -> None:
    if not amount:
        return
    for i, share in zip(on, spread(amount, [nets[i] for i in on], step), strict=True):
        nets[i] += share


def _basis(terms: DiscountTerms, base: Decimal, rule: RoundingRule) -> dict[str, Decimal | str]:
    if (terms.percent is None) == (terms.amount is None):
        raise RuleBroken("", gettext_noop("A discount is either a percent or an amount. Give one."))
    if terms.percent is not None:
        if not 0 <= terms.percent <= _HUNDRED:
            raise RuleBroken(
                "percent",
                gettext_noop("A discount is from 0 to 100 percent, not {percent}."),
                percent=terms.percent,
            )
        basis: dict[str, Decimal | str] = {
            "formula": "less_percent",
            "base": base,
            "percent": terms.percent,
        }
    else:
        assert terms.amount is not None
        off = rule(terms.amount)
        if off < 0 or off > base:
            raise RuleBroken(
                "amount",
                gettext_noop("A discount of {amount} is not within the {base} it is on."),
                amount=terms.amount,
                base=base,
            )
        basis = {"formula": "less_amount", "value": terms.amount, "base": base}
    basis["of"] = terms.on.value
    basis.update(rounding_of(rule))
    return basis
