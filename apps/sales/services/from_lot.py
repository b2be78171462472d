"""A part of a lot is weighed off at the counter and put on the sale, in one step."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.lots.selectors import lot_by_code
from apps.lots.services.drawing import draw
from apps.sales.models import OpenSaleLine
from apps.sales.services.counter import put_on
from apps.shops.models import Member, Register


@transaction.atomic
def sell_from_lot(
    *,
    code: str,
    grams: Decimal,
    pieces: int,
    carats: Decimal,
    key: str,
    register: Register,
    by: Member,
    at: datetime,
) -> OpenSaleLine:
    """Make a part of the lot a piece with a tag of its own, and put that on the till's sale.

    Taken off the sale again it stays a piece, and is put back on the page of its lot. With the
    same key it is drawn once.

    Units: grams of metal, carats of stones. Raises LotNotFound, and what `draw` and `put_on` say
    no with.
    """
    lot = lot_by_code(code=code)
    piece = draw(lot=lot, grams=grams, pieces=pieces, carats=carats, by=by, at=at, key=key)
    return put_on(tag=piece.tag, register=register, by=by, at=at, after=0)
