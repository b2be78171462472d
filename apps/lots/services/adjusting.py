"""What a count found in a lot, and what is gone of it: against "stock lost and found"."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.core.units import currency
from apps.ledger import chart
from apps.lots.models import Lot, LotMove, LotMoveKind
from apps.lots.quantities import Quantity, at_average, share_of_cost
from apps.lots.selectors import held_by
from apps.lots.services.writing import book, change, demand_held, demand_possible, earlier, locked
from apps.shops.models import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Found less expected, and the cost that goes with it at the lot's average."""

    quantity: Quantity
    cost: Decimal


def difference(lot: Lot, *, expected: Quantity, found: Quantity, exponent: int) -> Difference:
    """What a count of the lot would change: relative, so that what moved meanwhile stands.

    What is missing leaves at average cost. What is found beyond it comes in at the average too,
    since it was never out of the lot.
    """
    held, more = held_by(lot), found + -expected
    if (held + more).is_nothing:
        return Difference(quantity=more, cost=-lot.cost)
    cost = at_average(lot.cost, of=more, whole=held, exponent=exponent)
    return Difference(quantity=more, cost=max(cost, -lot.cost))


@transaction.atomic
def adjust(
    *,
    lot: Lot,
    expected: Quantity,
    found: Quantity,
    by: Member,
    at: datetime,
    reference: str,
) -> LotMove | None:
    """Let a lot hold what a count found instead of what it expected; None where both agree.

    `expected` is what the lot held when it was weighed: the difference is booked, so that a part
    drawn since stays drawn. No permission is asked here. Raises QuantityImpossible, LotHoldsLess.
    """
    lot = locked(lot)
    demand_possible(lot, found)
    exponent = currency(by.shop.currency).exponent
    differs = difference(lot, expected=expected, found=found, exponent=exponent)
    if differs.quantity.is_nothing:
        return None
    demand_held(lot, -differs.quantity)
    return _change(lot, LotMoveKind.COUNTED, differs, by=by, at=at, reference=reference)


@transaction.atomic
def write_off(
    *, lot: Lot, lost: Quantity, by: Member, at: datetime, reference: str, key: str = ""
) -> LotMove:
    """Take out of a lot what is lost, at average cost. No permission is asked here.

    Raises QuantityImpossible, LotHoldsLess.
    """
    lot = locked(lot)
    done = earlier(key, lot, LotMoveKind.WRITTEN_OFF, lost)
    if done is not None:
        return done
    demand_possible(lot, lost)
    demand_held(lot, lost)
    exponent = currency(by.shop.currency).exponent
    cost = share_of_cost(lot.cost, part=lost, whole=held_by(lot), exponent=exponent)
    out = Difference(quantity=-lost, cost=-cost)
    return _change(lot, LotMoveKind.WRITTEN_OFF, out, by=by, at=at, reference=reference, key=key)


def _change(
    lot: Lot,
    kind: LotMoveKind,
    differs: Difference,
    *,
    by: Member,
    at: datetime,
    reference: str,
    key: str = "",
) -> LotMove:
    move, fine = change(
        lot,
        kind=kind,
        by_how_much=differs.quantity,
        cost=differs.cost,
        by=by,
        at=at,
        reference=reference,
        key=key,
    )
    if differs.cost or fine:
        book(lot, cost=differs.cost, fine=fine, against=chart.SHRINKAGE, by=by, at=at)
    return move
