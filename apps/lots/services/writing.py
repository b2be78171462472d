"""One move of a lot: its row locked, its balance changed, the row of history, the books."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid
from apps.core.formatting import carats, grams, number
from apps.inventory.models import Piece
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.lots.models import Lot, LotKind, LotMove, LotMoveKind
from apps.lots.quantities import Quantity
from apps.lots.selectors import fine_of, held_by
from apps.shops.days import day_of
from apps.shops.models import Member

WHAT: Final = "lot"
_MOST_PIECES: Final = 1_000_000
_MOST_MEASURE: Final = Decimal(1_000_000)


@dataclass(eq=False)
class QuantityImpossible(Invalid):
    """A number of pieces or a weight that no such lot can take or give."""

    field: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class LotHoldsLess(Conflict):
    code: str
    field: str
    held: Decimal | int
    wanted: Decimal | int

    def __str__(self) -> str:
        if self.field in ("grams", "carats"):
            return _("%(code)s holds %(held)s, less than %(wanted)s. Weigh it again.") % {
                "code": self.code,
                "held": weight_said(self.field, Decimal(self.held)),
                "wanted": weight_said(self.field, Decimal(self.wanted)),
            }
        return _("%(code)s holds %(held)s pieces, less than %(wanted)s. Count them again.") % {
            "code": self.code,
            "held": number(self.held),
            "wanted": number(self.wanted),
        }


@dataclass(eq=False)
class KeyUsed(Conflict):
    """The key of a request was used by another one."""

    code: str

    def __str__(self) -> str:
        return _("%(code)s: this form did something else before. Open the lot again.") % {
            "code": self.code
        }


def weight_said(field: str, weight: Decimal) -> str:
    """As it is written with its unit. `field`: grams or carats."""
    return grams(weight) if field == "grams" else carats(weight)


def locked(lot: Lot) -> Lot:
    """The lot as it is now, locked until the transaction ends."""
    # Alone, without its place: one that was given to it while this waited would not join.
    return Lot.objects.select_for_update(of=("self",), no_key=True).get(pk=lot.pk)


def earlier(key: str, lot: Lot, kind: LotMoveKind, asked: Quantity) -> LotMove | None:
    """The move that a request with this key made already; ask it under the lot's lock.

    What the request left empty may be anything. Raises KeyUsed: it asked for something else.
    """
    done = LotMove.objects.filter(key=key).select_related("piece").first() if key else None
    if done is None:
        return None
    same = done.lot_id == lot.pk and done.kind == kind
    for wanted, had in (
        (asked.pieces, done.pieces),
        (asked.grams, done.grams),
        (asked.carats, done.carats),
    ):
        same = same and (not wanted or abs(wanted) == abs(had))
    if not same:
        raise KeyUsed(code=lot.code)
    return done


def demand_possible(lot: Lot, given: Quantity) -> None:
    """Refuse what is of another kind, below nothing, or absurd. Raises QuantityImpossible."""
    if lot.kind == LotKind.METAL and given.carats:
        raise QuantityImpossible(
            field="carats",
            reason=_("%(code)s is weighed in grams. Leave the carats empty.") % {"code": lot.code},
        )
    if lot.kind == LotKind.STONES and given.grams:
        raise QuantityImpossible(
            field="grams",
            reason=_("%(code)s is weighed in carats. Leave the grams empty.") % {"code": lot.code},
        )
    for field, value in (("grams", given.grams), ("carats", given.carats)):
        if not 0 <= value <= _MOST_MEASURE:
            raise QuantityImpossible(
                field=field,
                reason=_("%(value)s cannot be a weight in a lot. Weigh it again.")
                % {"value": weight_said(field, value)},
            )
    if not 0 <= given.pieces <= _MOST_PIECES:
        raise QuantityImpossible(
            field="pieces",
            reason=_("%(value)s cannot be a number of pieces in a lot. Count them again.")
            % {"value": number(given.pieces)},
        )


def demand_held(lot: Lot, wanted: Quantity) -> None:
    """Raises LotHoldsLess."""
    for field in ("pieces", "grams", "carats"):
        held, asked = getattr(lot, field), getattr(wanted, field)
        if asked > held:
            raise LotHoldsLess(code=lot.code, field=field, held=held, wanted=asked)


def change(
    lot: Lot,
    *,
    kind: LotMoveKind,
    by_how_much: Quantity,
    cost: Decimal,
    by: Member,
    at: datetime,
    reference: str = "",
    piece: Piece | None = None,
    key: str = "",
) -> tuple[LotMove, Decimal]:
    """Write the move of a locked lot; answer it, and by how many fine grams the lot changed."""
    before = fine_of(lot)
    held = held_by(lot) + by_how_much
    lot.pieces, lot.grams, lot.carats = held.pieces, held.grams, held.carats
    lot.cost += cost
    lot.save(update_fields=["pieces", "grams", "carats", "cost", "parts"])
    with refuse_on({"lots_lotmove_key_unique": KeyUsed(code=lot.code)}, savepoint=False):
        move = LotMove.objects.create(
            lot=lot,
            kind=kind,
            pieces=by_how_much.pieces,
            grams=by_how_much.grams,
            carats=by_how_much.carats,
            cost=cost,
            piece=piece,
            reference=reference[:40],
            key=key,
            at=at,
            by=by,
        )
    return move, fine_of(lot) - before


def book(
    lot: Lot,
    *,
    cost: Decimal,
    fine: Decimal,
    against: str,
    by: Member,
    at: datetime,
) -> None:
    """Post what the lot changed by against another account, in money and fine grams."""
    post(
        what=WHAT,
        reference=lot.code,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=[
            half
            for commodity, value in ((by.shop.currency, cost), (lot.metal, fine))
            if value
            for half in (
                Amount(account=chart.LOTS, commodity=commodity, amount=value),
                Amount(account=against, commodity=commodity, amount=-value),
            )
        ],
    )
