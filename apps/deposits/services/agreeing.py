"""What a contract says of pieces and payments: found, priced, put aside, planned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from apps.deposits.models import Deposit, DepositDue, DepositPiece
from apps.deposits.refusals import (
    ExpiryImpossible,
    ExpiryTooFar,
    PieceAsideElsewhere,
    PieceTwice,
    ScheduleImpossible,
)
from apps.deposits.selectors.contracts import aside_for
from apps.deposits.services.passbook import demand_amount
from apps.inventory.models import PieceState
from apps.inventory.selectors import WholePiece, whole_pieces
from apps.inventory.services.sell import demand_for_sale
from apps.inventory.services.ways import reserve
from apps.pricing.models import MetalRate
from apps.pricing.rules import Quote
from apps.shops.models import Member

_ZERO: Final = Decimal(0)
_LONGEST: Final = timedelta(days=20 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a contract says of pieces, metal and rate."""

    pieces: Sequence[WholePiece]
    quote: Quote | None
    metal: str = ""
    fineness: int | None = None
    rate: MetalRate | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def fine_g(self) -> Decimal:
        """Fine grams of the contract's metal in its pieces."""
        return sum((fine_of(whole, self.metal) for whole in self.pieces), _ZERO)


def demand_days(
    *, day: date, expires_on: date, schedule: Sequence[tuple[date, Decimal]], code: str
) -> None:
    """Refuse a last day that is over or far off, and payments outside the contract's time."""
    if expires_on <= day:
        raise ExpiryImpossible(expires_on=expires_on)
    if expires_on - day > _LONGEST:
        raise ExpiryTooFar(expires_on=expires_on, until=day + _LONGEST)
    for due_on, amount in schedule:
        demand_amount(amount, code)
        if not day <= due_on <= expires_on:
            raise ScheduleImpossible(due_on=due_on)


def pieces_to_put_aside(tags: Sequence[str], *, of: Deposit | None = None) -> list[WholePiece]:
    """The pieces with these tags, locked, each free or aside for the contract `of` already."""
    for i, tag in enumerate(tags):
        if tag in tags[:i]:
            raise PieceTwice(tag=tag)
    pieces = whole_pieces(tags=sorted(tags), to_change=True)
    reserved = [w.piece.tag for w in pieces if w.piece.state == PieceState.RESERVED]
    own = set()
    for tag, number in aside_for(reserved).items() if reserved else ():
        if of is None or number != of.number:
            raise PieceAsideElsewhere(tag=tag, number=number)
        own.add(tag)
    demand_for_sale([whole.piece for whole in pieces if whole.piece.tag not in own])
    return pieces


def fine_of(whole: WholePiece, metal: str) -> Decimal:
    """Fine grams of a metal in a piece that is priced by weight; a tag price promises none."""
    if whole.piece.fixed_price is not None:
        return _ZERO
    return sum((part.fine_weight_g for part in whole.metals if part.metal == metal), _ZERO)


def put_aside(deposit: Deposit, agreed: Agreed, *, by: Member, at: datetime) -> None:
    """Reserve the contract's pieces and write them down, each with its price of today."""
    lines = agreed.quote.lines if agreed.quote else ()
    reserve(
        pieces=[whole.piece for whole in agreed.pieces],
        by=by,
        at=at,
        reference=deposit.number,
    )
    DepositPiece.objects.bulk_create(
        DepositPiece(
            shop_id=deposit.shop_id,
            deposit=deposit,
            position=position,
            piece=whole.piece,
            tag=whole.piece.tag,
            name=whole.piece.name,
            fine_g=fine_of(whole, deposit.metal),
            agreed=line.total,
        )
        for position, (whole, line) in enumerate(zip(agreed.pieces, lines, strict=True))
    )


def plan_payments(deposit: Deposit, schedule: Sequence[tuple[date, Decimal]]) -> None:
    """Write down when how much is due."""
    DepositDue.objects.bulk_create(
        DepositDue(
            shop_id=deposit.shop_id,
            deposit=deposit,
            position=position,
            due_on=due_on,
            amount=amount,
        )
        for position, (due_on, amount) in enumerate(sorted(schedule))
    )
