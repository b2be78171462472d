"""From a bag to a bar: what the assay gained or lost, in grams and in money."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.units import EXACT, fine_grams, round_to


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayResult:
    """fine = bar x fineness; gain_g = fine - assumed; gain = gain_g x cost / assumed, rounded."""

    bar_g: Decimal
    fine_g: Decimal
    gain_g: Decimal
    gain: Decimal


def assayed(
    *,
    after_g: Decimal,
    sample_g: Decimal,
    fineness: int,
    assumed_fine_g: Decimal,
    cost: Decimal,
    step: Decimal,
) -> AssayResult:
    """What a melted bag really holds, against what was paid for.

    The gain is valued at the bag's own average cost of a fine gram, so that the bar goes on at
    the cost that its grams had. Units: grams; parts per ten thousand; money; `step` is the
    currency's smallest amount.
    """
    assert assumed_fine_g > 0, "a bag holds fine metal"
    bar_g = after_g - sample_g
    fine_g = fine_grams(bar_g, fineness)
    gain_g = fine_g - assumed_fine_g
    gain = round_to(EXACT.divide(EXACT.multiply(gain_g, cost), assumed_fine_g), step)
    return AssayResult(bar_g=bar_g, fine_g=fine_g, gain_g=gain_g, gain=gain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Metal of one fineness that changes hands. Units: grams; parts per ten thousand."""

    weight_g: Decimal
    fineness: int

    @property
    def fine_g(self) -> Decimal:
        return fine_grams(self.weight_g, self.fineness)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmithAccount:
    """A goldsmith's job in fine grams. `owes_g` below zero: the shop owes the goldsmith."""

    issued_g: Decimal
    received_g: Decimal
    scrap_g: Decimal
    allowance_g: Decimal

    @property
    def owes_g(self) -> Decimal:
        return self.issued_g - self.received_g - self.scrap_g - self.allowance_g


def smith_account(
    *,
    issued: Sequence[Part],
    received: Sequence[Part],
    scrap: Sequence[Part],
    loss_percent: Decimal,
) -> SmithAccount:
    """Settle a job: issued = received + scrap + allowed loss + what the smith still owes.

    The allowance is a percent of the fine metal in the finished pieces. Each weight is made fine
    and rounded on its own, half up to the milligram, as the ledger holds it.
    """
    received_g = sum((part.fine_g for part in received), Decimal(0))
    return SmithAccount(
        issued_g=sum((part.fine_g for part in issued), Decimal(0)),
        received_g=received_g,
        scrap_g=sum((part.fine_g for part in scrap), Decimal(0)),
        allowance_g=round_to(received_g * loss_percent / 100, Decimal("0.001")),
    )
