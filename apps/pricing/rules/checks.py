"""What a line must have before it can be priced; each refusal names the field that is missing."""

from decimal import Decimal
from typing import Final

from apps.core.units import FULL_FINENESS, format_permille
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.packs import PackVersion
from apps.pricing.rules.rates import Rate
from apps.pricing.rules.terms import (
    LineTerms,
    MakingBasis,
    MakingMode,
    MetalTerms,
    Scheme,
    WastageMode,
)
from apps.pricing.rules.weights import Weights

_BASES: Final[dict[MakingMode, tuple[MakingBasis | None, ...]]] = {
    MakingMode.PERCENT_OF_METAL: (None, MakingBasis.METAL, MakingBasis.METAL_AND_WASTAGE),
    MakingMode.PER_GRAM: (None, MakingBasis.NET, MakingBasis.GROSS, MakingBasis.CHARGEABLE),
    MakingMode.PER_PIECE: (None,),
}


# A hundred of these, with their taxes, still fit a MONEY column.
LARGEST: Final = Decimal(10) ** 13


def too_large(path: str) -> RuleBroken:
    """The refusal of an amount that no piece costs and no column holds."""
    return RuleBroken(
        path,
        gettext_noop("This comes to more than {largest}. Check weight, rate and charges."),
        largest=format(LARGEST, "f"),
    )


def fits(mode: MakingMode, basis: MakingBasis | None) -> bool:
    """Whether a charge of this mode can be worked out on this basis."""
    return basis in _BASES.get(mode, ())


def check_line(line: LineTerms, *, weights: Weights, pack: PackVersion) -> None:
    """Refuse terms that contradict each other, or a charge without its basis (RuleBroken)."""
    _not_negative(line)
    if line.fixed_price is not None:
        _check_tag_price(line)
    else:
        for i, terms in enumerate(line.metals):
            _check_metal(terms, i, has_weight=weights.metals[i].net_g is not None)
        _check_wastage(line)
        _check_making(line, weights)
    _check_scheme(line, pack)


def _not_negative(line: LineTerms) -> None:
    amounts: list[tuple[str, Decimal | None]] = [
        ("fixed_price", line.fixed_price),
        ("purchase_price", line.purchase_price),
        ("profit_percent", line.profit_percent),
        ("making.value", line.making.value if line.making else None),
        ("wastage.value", line.wastage.value if line.wastage else None),
    ]
    for i, metal in enumerate(line.metals):
        amounts.append((f"metals.{i}.amount", metal.amount))
    for i, stone in enumerate(line.stones):
        amounts.append((f"stones.{i}.value", stone.value))
    for i, extra in enumerate(line.extras):
        amounts.append((f"extras.{i}.amount", extra.amount))
        amounts.append((f"extras.{i}.quantity", Decimal(extra.quantity)))
    for path, amount in amounts:
        if amount is not None and amount < 0:
            raise RuleBroken(
                path, gettext_noop("{amount} is below 0. A charge cannot be."), amount=amount
            )


def _check_tag_price(line: LineTerms) -> None:
    for name in ("making", "wastage", "profit_percent"):
        if getattr(line, name) is not None:
            raise RuleBroken(
                name,
                gettext_noop("The tag price holds the making and the wastage already. Leave one."),
            )


def _check_metal(terms: MetalTerms, i: int, *, has_weight: bool) -> None:
    if terms.amount is not None and terms.rate is not None:
        raise RuleBroken(
            f"metals.{i}.amount", gettext_noop("A metal has a rate or an amount. Leave one out.")
        )
    if terms.amount is not None:
        return
    if terms.rate is None:
        mark = "" if terms.fineness is None else f" {format_permille(terms.fineness)}"
        raise RuleBroken(
            f"metals.{i}.rate",
            gettext_noop("{metal} has no rate. Give a rate, or the amount of the metal."),
            metal=f"{terms.metal.capitalize()}{mark}",
        )
    check_rate(terms.rate, f"metals.{i}.rate")
    if terms.fineness is None and terms.rate.fineness is not None:
        raise RuleBroken(
            f"metals.{i}.fineness",
            gettext_noop("The rate is for one fineness. Give the fineness of the metal too."),
        )
    if not has_weight:
        raise RuleBroken(
            f"metals.{i}.net_weight_g",
            gettext_noop("The net weight is missing. Give it, or the gross weight and the stones."),
        )


def check_rate(rate: Rate, path: str) -> None:
    """Refuse a rate that is nothing, or of a fineness no metal has (RuleBroken)."""
    if rate.amount <= 0 or rate.unit_g <= 0:
        raise RuleBroken(path, gettext_noop("A rate must be above 0."))
    if rate.fineness is not None and not 0 < rate.fineness <= FULL_FINENESS:
        raise RuleBroken(
            f"{path}.fineness",
            gettext_noop("Fineness is above 0 and up to 1000 parts per thousand, not {fineness}."),
            fineness=format_permille(rate.fineness),
        )


def _check_wastage(line: LineTerms) -> None:
    if line.wastage is None or line.wastage.mode == WastageMode.PERCENT_OF_VALUE:
        return
    for i, metal in enumerate(line.metals):
        if metal.amount is not None:
            raise RuleBroken(
                f"metals.{i}.amount",
                gettext_noop("Wastage in grams needs metal at a rate, not at a fixed amount."),
            )


def _check_making(line: LineTerms, weights: Weights) -> None:
    making = line.making
    if making is None:
        return
    if not fits(making.mode, making.basis):
        raise RuleBroken(
            "making.basis",
            gettext_noop("Making {mode} cannot be worked out on {basis}."),
            mode=making.mode.value,
            basis=making.basis.value if making.basis else "",
        )
    if making.mode == MakingMode.PER_GRAM:
        weight = weights.gross_g if making.basis == MakingBasis.GROSS else weights.net_g
        if weight is None:
            raise RuleBroken(
                "making.basis",
                gettext_noop("Making per gram needs the weight it is worked out on. Give it."),
            )


def _check_scheme(line: LineTerms, pack: PackVersion) -> None:
    if line.scheme != Scheme.MARGIN:
        return
    if pack.margin is None:
        raise RuleBroken(
            "scheme", gettext_noop("Tax pack {pack} has no margin scheme."), pack=pack.id
        )
    if line.purchase_price is None:
        raise RuleBroken(
            "purchase_price",
            gettext_noop("The margin scheme needs the price the piece was bought at."),
        )
