"""The lots of a tray are weighed in the same count."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.counts.models import CountSheet, CountWeighing
from apps.counts.refusals import LotElsewhere
from apps.counts.services.sheets import demand_in_hand, locked_sheet
from apps.lots.models import Lot, LotMode
from apps.lots.quantities import Quantity
from apps.lots.services.writing import QuantityImpossible, demand_possible, locked
from apps.shops.models import Member


@transaction.atomic
def weigh(
    *,
    sheet: CountSheet,
    lot: Lot,
    pieces: int | None,
    weight: Decimal | None,
    by: Member,
    at: datetime,
) -> CountWeighing:
    """Write down what a lot weighs, beside what the books hold at this moment.

    `weight`: grams of metal, carats of stones. What the lot does not count may be None, and is
    taken as the books have it. Weighed again, the last time counts.

    Raises QuantityImpossible, SheetClosed, SheetTaken, SheetNotBegun, CountEnded,
    LotElsewhere.
    """
    sheet = locked_sheet(sheet)
    demand_in_hand(sheet, by=by)
    lot = locked(lot)
    if lot.place_id != sheet.place_id:
        raise LotElsewhere(code=lot.code, place=sheet.place.name)
    by_grams = bool(lot.metal)
    if pieces is None:
        if lot.mode in (LotMode.PER_PIECE, LotMode.PIECE_AND_MEASURE):
            raise QuantityImpossible(
                field="pieces", reason=_("The number of pieces is missing. Count them.")
            )
        pieces = lot.pieces
    if weight is None:
        if lot.mode != LotMode.PER_PIECE:
            raise QuantityImpossible(
                field="weight", reason=_("The weight is missing. Weigh the lot.")
            )
        weight = lot.grams if by_grams else lot.carats
    found = Quantity(
        pieces=pieces,
        grams=weight if by_grams else Decimal(0),
        carats=Decimal(0) if by_grams else weight,
    )
    demand_possible(lot, found)
    return CountWeighing.objects.create(
        sheet=sheet,
        lot=lot,
        held_pieces=lot.pieces,
        held_grams=lot.grams,
        held_carats=lot.carats,
        found_pieces=found.pieces,
        found_grams=found.grams,
        found_carats=found.carats,
        at=at,
        by=by,
    )
