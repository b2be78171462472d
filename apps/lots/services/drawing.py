"""A part of a lot becomes a piece with a tag of its own, and goes back while nobody sold it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.formatting import number
from apps.core.units import currency, fine_grams
from apps.inventory.models import MovementKind, Piece, PieceMetal, PieceState, PieceStone
from apps.inventory.services.steps import demand_state, step_to
from apps.inventory.services.take_in import take_in_all
from apps.ledger import chart
from apps.lots.models import Lot, LotKind, LotMode, LotMove, LotMoveKind
from apps.lots.quantities import Quantity, average_weight, share_of_cost
from apps.lots.selectors import held_by
from apps.lots.services.parts import new_piece, next_tag
from apps.lots.services.writing import (
    WHAT,
    QuantityImpossible,
    book,
    change,
    demand_held,
    demand_possible,
    earlier,
    locked,
    weight_said,
)
from apps.shops.models import Member


@dataclass(eq=False)
class NotOfALot(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s was not drawn from a lot. It stays a piece.") % {"tag": self.tag}


@dataclass(eq=False)
class NotWholeAnyMore(Conflict):
    tag: str

    def __str__(self) -> str:
        return _(
            "%(tag)s is not what was drawn: its weight or its stones changed. It stays a piece."
        ) % {"tag": self.tag}


@transaction.atomic
def draw(
    *,
    lot: Lot,
    grams: Decimal,
    pieces: int,
    carats: Decimal,
    by: Member,
    at: datetime,
    tag: str | None = None,
    key: str = "",
) -> Piece:
    """Make a part of a lot one piece, at average cost, in the place of the lot.

    `tag`: left out, it is the lot's code and a number. Where the lot counts
    pieces, a weight left out (0) is the average one. The books move cost and
    fine grams from the lots to the stock; what the two roundings of fine
    grams leave, a milligram at most, goes to "stock lost and found".

    Units: grams of metal, carats of stones. Raises QuantityImpossible,
    LotHoldsLess, PieceImpossible, TagTaken, KeyUsed.
    """
    lot = locked(lot)
    asked = Quantity(pieces=pieces, grams=grams, carats=carats)
    done = earlier(key, lot, LotMoveKind.DRAWN, asked)
    if done is not None:
        assert done.piece is not None
        return done.piece
    wanted = _wanted(lot, asked)
    exponent = currency(by.shop.currency).exponent
    cost = share_of_cost(lot.cost, part=wanted, whole=held_by(lot), exponent=exponent)
    if not tag:
        lot.parts, tag = next_tag(lot)
    new = new_piece(lot, wanted, cost=cost, tag=tag.strip(), exponent=exponent)
    piece = take_in_all(
        pieces=[new], by=by, at=at, reference=lot.code, against=chart.LOTS, what=WHAT
    )[0]
    _move, fine = change(
        lot,
        kind=LotMoveKind.DRAWN,
        by_how_much=-wanted,
        cost=-cost,
        by=by,
        at=at,
        reference=piece.tag,
        piece=piece,
        key=key,
    )
    _book_rounding(lot, fine + _fine(lot, wanted), by=by, at=at)
    return piece


@transaction.atomic
def put_back(*, piece: Piece, by: Member, at: datetime) -> Lot:
    """Let a piece that was drawn go back into its lot: its tag ends, never to be used again.

    Raises NotOfALot, PieceElsewhere (it was sold, lent, put aside …), NotWholeAnyMore.
    """
    piece = Piece.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    drawn = (
        LotMove.objects.filter(piece=piece, kind=LotMoveKind.DRAWN).select_related("lot").first()
    )
    if drawn is None:
        raise NotOfALot(tag=piece.tag)
    demand_state([piece], PieceState.IN_STOCK)
    lot = locked(drawn.lot)
    part = Quantity(pieces=-drawn.pieces, grams=-drawn.grams, carats=-drawn.carats)
    _demand_whole(piece, lot, part)
    step_to(
        [piece],
        MovementKind.RETAGGED,
        place=None,
        by=by,
        at=at,
        reference=lot.code,
        state=PieceState.RETAGGED,
    )
    _move, fine = change(
        lot,
        kind=LotMoveKind.PUT_BACK,
        by_how_much=part,
        cost=piece.cost,
        by=by,
        at=at,
        reference=piece.tag,
        piece=piece,
    )
    booked = _fine(lot, part)
    if piece.cost or booked:
        book(lot, cost=piece.cost, fine=booked, against=chart.STOCK, by=by, at=at)
    _book_rounding(lot, fine - booked, by=by, at=at)
    return lot


def _wanted(lot: Lot, asked: Quantity) -> Quantity:
    """The part as it leaves: by the lot's mode, a weight left out filled in by the average.

    Raises QuantityImpossible, LotHoldsLess.
    """
    demand_possible(lot, asked)
    counted = lot.mode in (LotMode.PER_PIECE, LotMode.PIECE_AND_MEASURE)
    if lot.mode == LotMode.MEASURE and asked.pieces:
        raise QuantityImpossible(
            field="pieces", reason=_("This lot counts weight alone. Leave the pieces empty.")
        )
    if counted and not asked.pieces:
        raise QuantityImpossible(
            field="pieces", reason=_("The number of pieces is missing. Count them.")
        )
    demand_held(lot, asked)
    held = held_by(lot)
    if not asked.measure:
        if not asked.pieces or lot.mode == LotMode.PIECE_AND_MEASURE:
            raise QuantityImpossible(
                field="grams" if lot.kind == LotKind.METAL else "carats",
                reason=_("The weight is missing. Weigh the part."),
            )
        asked = average_weight(asked.pieces, held)
    _demand_rest_possible(held + -asked, weighed=bool(held.measure), counted=counted)
    return asked


def _demand_rest_possible(rest: Quantity, *, weighed: bool, counted: bool) -> None:
    """Raises QuantityImpossible: pieces without weight, or weight without pieces, stay behind."""
    if weighed and rest.pieces and not rest.measure:
        raise QuantityImpossible(
            field="pieces",
            reason=_("Nothing would be left to weigh, but %(pieces)s pieces. Check both.")
            % {"pieces": number(rest.pieces)},
        )
    if counted and rest.measure and not rest.pieces:
        raise QuantityImpossible(
            field="pieces",
            reason=_("No piece would be left, but a weight of %(weight)s. Check both.")
            % {"weight": weight_said("grams" if rest.grams else "carats", rest.measure)},
        )


def _demand_whole(piece: Piece, lot: Lot, part: Quantity) -> None:
    """Raises NotWholeAnyMore."""
    metals = list(
        PieceMetal.objects.filter(piece=piece).values_list("metal", "fineness", "net_weight_g")
    )
    stones = list(PieceStone.objects.filter(piece=piece).values_list("kind", "carats"))
    if lot.kind == LotKind.METAL:
        whole = metals == [(lot.metal, lot.fineness, part.grams)] and not stones
    else:
        whole = stones == [(lot.stone, part.carats)] and not metals
    if not whole:
        raise NotWholeAnyMore(tag=piece.tag)


def _fine(lot: Lot, part: Quantity) -> Decimal:
    return fine_grams(part.grams, lot.fineness) if lot.fineness else Decimal(0)


def _book_rounding(lot: Lot, left: Decimal, *, by: Member, at: datetime) -> None:
    """Fine grams that two roundings differ by: the whole lot's, and the piece's."""
    if left:
        book(lot, cost=Decimal(0), fine=left, against=chart.SHRINKAGE, by=by, at=at)
