"""The rates that a customer was told: kept for the shop's hold time, though the board changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from apps.inventory.selectors import WholePiece
from apps.pricing.making import PriceMissing
from apps.pricing.models import MetalRate
from apps.pricing.selectors import Board
from apps.sales.models import OpenSale
from apps.sales.price_refusals import RatesRanOut
from apps.sales.pricing import board_for
from apps.shops.models import Shop
from apps.shops.policies import policy

SECTION: Final = "counter"
HOLD_MINUTES: Final = 60  # unless the shop's policy says otherwise


@dataclass(frozen=True, slots=True)
class RateChange:
    """A rate of this sale that is another by now; `new` is None where it ran out."""

    metal: str
    fineness: int
    old: MetalRate
    new: MetalRate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The board that prices an open sale, and how that of now differs from it.

    `until`: how long the shop stands by it. `open`: whether keep or take is still to be asked.
    """

    board: Board
    changes: tuple[RateChange, ...] = ()
    until: datetime | None = None
    expired: bool = False
    open: bool = False

    @property
    def ran_out(self) -> bool:
        """Whether the rates of now must be taken before anything is sold."""
        return self.expired and bool(self.changes)

    @property
    def changed_at(self) -> datetime | None:
        return max((c.new.valid_from for c in self.changes if c.new), default=None)


def hold_time(at: datetime) -> timedelta:
    """How long the shop keeps a quoted rate. One query."""
    minutes = policy(SECTION, at=at).get("hold_minutes", HOLD_MINUTES)
    return timedelta(minutes=int(minutes))


def board_kept(
    shop: Shop, pieces: Sequence[WholePiece], *, rates_at: datetime | None, at: datetime
) -> tuple[Board, tuple[RateChange, ...]]:
    """The board at `rates_at` with everything else as it is at `at`; and what changed since.

    One query while nothing changed, else two. A metal that had no rate then is priced as now.
    """
    now = board_for(shop, pieces, at)
    if rates_at is None or not _may_differ(now, pieces, rates_at):
        return now, ()
    then = board_for(shop, pieces, rates_at)
    quotes = {**now.quotes, **then.quotes}
    return replace(now, quotes=quotes), tuple(_changes(pieces, then, now))


def _may_differ(now: Board, pieces: Sequence[WholePiece], rates_at: datetime) -> bool:
    """Whether a rate was set after `rates_at`, or one is missing that may have run out."""
    newest = (rate.valid_from for rates in now.quotes.values() for rate in rates)
    if any(moment > rates_at for moment in newest):
        return True
    return any(_found(now, part.metal, part.fineness) is None for w in pieces for part in w.metals)


def _found(board: Board, metal: str, fineness: int) -> MetalRate | None:
    try:
        return board.quote_for(metal, fineness)
    except PriceMissing:
        return None


def _changes(pieces: Sequence[WholePiece], then: Board, now: Board) -> list[RateChange]:
    asked = {
        (part.metal, part.fineness): None
        for whole in pieces
        if whole.piece.fixed_price is None or now.values_all_metal
        for part in whole.metals
    }
    changes = []
    for metal, fineness in asked:
        old, new = _found(then, metal, fineness), _found(now, metal, fineness)
        if old is not None and (new is None or _words(new) != _words(old)):
            changes.append(RateChange(metal, fineness, old, new))
    return changes


def _words(rate: MetalRate) -> Mapping[str, object]:
    return {"amount": rate.amount, "unit": rate.unit, "fineness": rate.fineness}


def quoted_for(
    sale: OpenSale | None, *, shop: Shop, pieces: Sequence[WholePiece], at: datetime
) -> Quoted:
    """What prices these pieces on this open sale at `at`."""
    rates_at = sale.rates_at if sale else None
    board, changes = board_kept(shop, pieces, rates_at=rates_at, at=at)
    if rates_at is None or not changes:
        return Quoted(board=board)
    until = rates_at + hold_time(at)
    known = max(rates_at, sale.rates_kept_at or rates_at) if sale else rates_at
    expired = at > until
    if expired and any(change.new is None for change in changes):
        return Quoted(board=board_for(shop, pieces, at))
    fresh = any(change.new is None or change.new.valid_from > known for change in changes)
    return Quoted(
        board=board,
        changes=changes,
        until=until,
        expired=expired,
        open=expired or fresh,
    )


def demand_kept(sale: OpenSale, *, shop: Shop, pieces: Sequence[WholePiece], at: datetime) -> None:
    """Refuse to sell at rates that the shop no longer stands by. Raises RatesRanOut."""
    quoted = quoted_for(sale, shop=shop, pieces=pieces, at=at)
    if quoted.ran_out:
        assert quoted.until is not None
        raise RatesRanOut(until=quoted.until)
