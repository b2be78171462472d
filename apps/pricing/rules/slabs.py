"""Making by slab: which charge of a table a piece pays, by the rate of its metal or its weight."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from apps.core.units import EXACT
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.checks import fits
from apps.pricing.rules.deposits import RateLock
from apps.pricing.rules.rates import Rate, per_gram
from apps.pricing.rules.terms import (
    LineTerms,
    MakingMode,
    MakingTable,
    MakingTerms,
    Slab,
    SlabBy,
)
from apps.pricing.rules.weights import Weights

MOST_SLABS: Final = 40


def check_table(table: MakingTable) -> None:
    """Refuse a table that leaves a piece without a charge, or with two (RuleBroken)."""
    if not 1 <= len(table.slabs) <= MOST_SLABS:
        raise RuleBroken(
            "slabs",
            gettext_noop("A making table has from 1 to {most} slabs, not {count}."),
            most=MOST_SLABS,
            count=len(table.slabs),
        )
    if table.slabs[0].start != 0:
        raise RuleBroken(
            "slabs.0.start",
            gettext_noop("The first slab begins at 0, so that every piece has a charge."),
        )
    for i, slab in enumerate(table.slabs):
        if i and slab.start <= table.slabs[i - 1].start:
            raise RuleBroken(
                f"slabs.{i}.start",
                gettext_noop("A slab begins above the one before it. Write them in order."),
            )
        if slab.value < 0:
            raise RuleBroken(
                f"slabs.{i}.value",
                gettext_noop("{amount} is below 0. A charge cannot be."),
                amount=slab.value,
            )
        if not fits(slab.mode, slab.basis):
            raise RuleBroken(
                f"slabs.{i}.basis",
                gettext_noop("Making {mode} cannot be worked out on {basis}."),
                mode=slab.mode.value,
                basis=slab.basis.value if slab.basis else "",
            )


def with_slab_read(
    line: LineTerms, *, weights: Weights, locks: Mapping[int, RateLock]
) -> LineTerms:
    """The line with the charge of its making table in place of the table's name.

    The last slab that begins at or below the measure: the rate of one gram, unrounded, or the net
    grams of the piece. A rate that a deposit has fixed for all of the metal chooses the slab too.

    Raises RuleBroken: no table, a table with a gap, a measure that is not known.
    """
    making = line.making
    if making is None or making.mode != MakingMode.SLAB:
        return line
    if making.table is None:
        raise RuleBroken(
            "making.table", gettext_noop("Making by slab needs a making table. Name one.")
        )
    try:
        check_table(making.table)
    except RuleBroken as broken:
        raise broken.under("making") from None
    slab = _slab(making.table, _measure(making.table, line, weights, locks))
    return replace(
        line,
        making=MakingTerms(
            mode=slab.mode,
            value=slab.value,
            basis=slab.basis,
            tax_category=making.tax_category,
            table=making.table,
            slab_start=slab.start,
        ),
    )


def _slab(table: MakingTable, measure: Decimal) -> Slab:
    return [slab for slab in table.slabs if slab.start <= measure][-1]


def _measure(
    table: MakingTable, line: LineTerms, weights: Weights, locks: Mapping[int, RateLock]
) -> Decimal:
    """Grams, or money per gram."""
    if table.by == SlabBy.WEIGHT:
        if weights.net_g is None:
            raise RuleBroken(
                "making.table",
                gettext_noop("This making table goes by weight. Give the net weight."),
            )
        return weights.net_g
    first = line.metals[0] if line.metals else None
    rate = first.rate if first else None
    lock = locks.get(0)
    if lock is not None and weights.metals and lock.grams == weights.metals[0].chargeable_g:
        rate = lock.rate
    if first is None or rate is None:
        raise RuleBroken(
            "making.table",
            gettext_noop("This making table goes by the rate. Give the metal a rate."),
        )
    return _per_gram(rate, own=first.fineness, wanted=table.fineness)


def _per_gram(rate: Rate, *, own: int | Decimal | None, wanted: int | None) -> Decimal:
    """Money for a gram of `wanted` fineness, by a rate that is for `own` where it says none."""
    quoted_for = own if rate.fineness is None else rate.fineness
    target = own if wanted is None else wanted
    if quoted_for is None or target is None:
        if wanted is None and rate.fineness is None:
            return EXACT.divide(rate.amount, rate.unit_g)
        raise RuleBroken(
            "metals.0.fineness",
            gettext_noop("The rate is for one fineness. Give the fineness of the metal too."),
        )
    return per_gram(replace(rate, fineness=quoted_for), target)
