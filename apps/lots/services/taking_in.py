"""Goods come into a lot: more pieces, more weight, and what they cost."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.units import currency
from apps.ledger import chart
from apps.lots.models import Lot, LotMode, LotMove, LotMoveKind
from apps.lots.quantities import Quantity
from apps.lots.services.writing import (
    QuantityImpossible,
    book,
    change,
    demand_possible,
    earlier,
    locked,
)
from apps.shops.models import Member

_MOST_COST: Final = Decimal(10) ** 13


@transaction.atomic
def take_more(
    *,
    lot: Lot,
    given: Quantity,
    cost: Decimal,
    by: Member,
    at: datetime,
    reference: str = "",
    key: str = "",
) -> LotMove:
    """Put more into a lot. The average cost moves with it; "stock brought in" is credited.

    Raises QuantityImpossible.
    """
    lot = locked(lot)
    done = earlier(key, lot, LotMoveKind.IN, given)
    if done is not None:
        return done
    demand_possible(lot, given)
    _demand_what_is_counted(lot, given)
    exponent = currency(by.shop.currency).exponent
    too_fine = -int(cost.normalize().as_tuple().exponent) > exponent
    if not 0 <= cost < _MOST_COST or too_fine:
        raise QuantityImpossible(
            field="cost",
            reason=_("%(cost)s cannot be a cost here. Check the amount.") % {"cost": cost},
        )
    move, fine = change(
        lot,
        kind=LotMoveKind.IN,
        by_how_much=given,
        cost=cost,
        by=by,
        at=at,
        reference=reference,
        key=key,
    )
    book(lot, cost=cost, fine=fine, against=chart.OPENING, by=by, at=at)
    return move


def _demand_what_is_counted(lot: Lot, given: Quantity) -> None:
    """What the lot's mode counts has to be said. Metal is weighed always: the books hold grams."""
    weighed, counted = bool(given.measure), bool(given.pieces)
    weight_field = "grams" if lot.metal else "carats"
    if not weighed and (lot.metal or lot.mode != LotMode.PER_PIECE):
        raise QuantityImpossible(
            field=weight_field, reason=_("The weight is missing. Weigh what came in.")
        )
    if not counted and lot.mode in (LotMode.PER_PIECE, LotMode.PIECE_AND_MEASURE):
        raise QuantityImpossible(
            field="pieces", reason=_("The number of pieces is missing. Count them.")
        )
    if counted and lot.mode == LotMode.MEASURE:
        raise QuantityImpossible(
            field="pieces", reason=_("This lot counts weight alone. Leave the pieces empty.")
        )
