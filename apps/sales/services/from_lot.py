"""A part of a lot is weighed off at the counter and put on the sale, in one step."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.lots.models import Lot
from apps.lots.selectors import lot_by_code
from apps.lots.services.drawing import draw
from apps.sales.models import OpenSaleLine
from apps.sales.services.counter import put_on
from apps.shops.models import Member, Register


@dataclass(eq=False)
class LotElsewhere(Conflict):
    """It lies in another branch: nobody at this till can weigh it."""

    code: str
    branch: str

    def __str__(self) -> str:
        return _("%(code)s lies in another branch: %(branch)s. Sell it at a till there.") % {
            "code": self.code,
            "branch": self.branch,
        }


def demand_within_reach(lot: Lot, register: Register) -> None:
    """A lot that lies nowhere yet is within everybody's reach. Raises LotElsewhere."""
    if lot.place is not None and lot.place.branch_id != register.branch_id:
        raise LotElsewhere(code=lot.code, branch=lot.place.branch.name)


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

    Units: grams of metal, carats of stones. Raises LotNotFound, LotElsewhere, and what `draw` and
    `put_on` say no with.
    """
    lot = lot_by_code(code=code)
    demand_within_reach(lot, register)
    piece = draw(lot=lot, grams=grams, pieces=pieces, carats=carats, by=by, at=at, key=key)
    return put_on(tag=piece.tag, register=register, by=by, at=at, after=0)
