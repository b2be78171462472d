"""What a piece weighs: net from gross and stones, the wastage grams, the fine grams.

Every weight is rounded half up to the milligram as soon as it exists, because the same grams are
priced, printed and posted to the metal ledger.
"""

from dataclasses import dataclass
from decimal import Decimal

from apps.core.units import (
    FULL_FINENESS,
    carats_to_grams,
    fine_grams,
    format_permille,
    round_grams,
)
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.terms import LineTerms, MetalTerms, WastageMode, WastageTerms

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalWeight:
    """One metal of a piece. `net_g` None: sold at an agreed amount, weight not told."""

    metal: str
    fineness: int | Decimal | None
    net_g: Decimal | None
    wastage_g: Decimal
    fine_g: Decimal | None

    @property
    def chargeable_g(self) -> Decimal:
        """The grams the customer pays for."""
        return (self.net_g or _ZERO) + self.wastage_g


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    metals: tuple[MetalWeight, ...]
    stone_g: Decimal  # of the stones that are inside the gross weight
    gross_g: Decimal | None

    @property
    def net_g(self) -> Decimal | None:
        """All metal, or None as long as one of the metals has no weight."""
        known = [metal.net_g for metal in self.metals if metal.net_g is not None]
        return sum(known, _ZERO) if known and len(known) == len(self.metals) else None

    @property
    def chargeable_g(self) -> Decimal | None:
        if self.net_g is None:
            return None
        return sum((metal.chargeable_g for metal in self.metals), _ZERO)

    @property
    def fine_grams(self) -> dict[str, Decimal]:
        """Fine grams by metal, each mark rounded once: what the ledger posts."""
        fine: dict[str, Decimal] = {}
        for metal in self.metals:
            if metal.fine_g is not None:
                fine[metal.metal] = fine.get(metal.metal, _ZERO) + metal.fine_g
        return fine


def weigh(line: LineTerms) -> Weights:
    """Work out every weight of a line.

    stones   = round(sum of carats x 0.2) of those that are deducted
    net      = given, or gross - stones - the other metals for the one metal without a weight
    wastage  = net x percent / 100, or the given grams on the first metal
    fine     = net x fineness

    Raises RuleBroken: a weight that is not above zero, metals and stones heavier than the gross
    weight, a fineness no metal has.
    """
    stone_g = round_grams(carats_to_grams(_carats(line)))
    gross_g = line.gross_weight_g
    if gross_g is not None and gross_g <= 0:
        raise RuleBroken("gross_weight_g", gettext_noop("A weight must be above 0 g."))
    nets = _nets(line, stone_g=stone_g, gross_g=gross_g)
    metals = []
    for i, (terms, net_g) in enumerate(zip(line.metals, nets, strict=True)):
        _check_fineness(terms, i)
        wastage_g = _ZERO
        if line.wastage is not None:
            wastage_g = _wastage(line.wastage, net_g, is_first=i == 0)
        fine_g = None
        if net_g is not None and terms.fineness is not None:
            fine_g = fine_grams(net_g, terms.fineness)
        metals.append(
            MetalWeight(
                metal=terms.metal,
                fineness=terms.fineness,
                net_g=net_g,
                wastage_g=wastage_g,
                fine_g=fine_g,
            )
        )
    return Weights(metals=tuple(metals), stone_g=stone_g, gross_g=gross_g)


def _carats(line: LineTerms) -> Decimal:
    for i, stone in enumerate(line.stones):
        if stone.carats < 0:
            raise RuleBroken(
                f"stones.{i}.carats", gettext_noop("The carats of a stone cannot be below 0.")
            )
        if stone.pieces < 1:
            raise RuleBroken(
                f"stones.{i}.pieces", gettext_noop("Count at least one stone, or leave it out.")
            )
    return sum((stone.carats for stone in line.stones if stone.deduct), _ZERO)


def _nets(line: LineTerms, *, stone_g: Decimal, gross_g: Decimal | None) -> list[Decimal | None]:
    nets = [None if m.net_weight_g is None else round_grams(m.net_weight_g) for m in line.metals]
    for i, net_g in enumerate(nets):
        if net_g is not None and net_g <= 0:
            raise RuleBroken(
                f"metals.{i}.net_weight_g", gettext_noop("A weight must be above 0 g.")
            )
    if gross_g is None:
        return nets
    known = sum((net_g for net_g in nets if net_g is not None), _ZERO)
    rest = gross_g - stone_g - known
    missing = [i for i, net_g in enumerate(nets) if net_g is None]
    if rest < 0 or (rest == 0 and missing):
        raise RuleBroken(
            "gross_weight_g",
            gettext_noop(
                "Metal {metal} g and stones {stones} g leave nothing of the gross weight"
                " {gross} g. Check the weights."
            ),
            metal=known,
            stones=stone_g,
            gross=gross_g,
        )
    if len(missing) == 1:
        nets[missing[0]] = round_grams(rest)
    return nets


def _wastage(terms: WastageTerms, net_g: Decimal | None, *, is_first: bool) -> Decimal:
    if terms.mode == WastageMode.PERCENT_OF_WEIGHT:
        return round_grams((net_g or _ZERO) * terms.value / 100)
    if terms.mode == WastageMode.GRAMS and is_first:
        return round_grams(terms.value)
    return _ZERO


def _check_fineness(terms: MetalTerms, i: int) -> None:
    if terms.fineness is not None and not 0 < terms.fineness <= FULL_FINENESS:
        raise RuleBroken(
            f"metals.{i}.fineness",
            gettext_noop("Fineness is above 0 and up to 1000 parts per thousand, not {fineness}."),
            fineness=format_permille(terms.fineness),
        )
