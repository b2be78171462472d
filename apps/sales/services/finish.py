"""Finishing the sale on the counter: once, and at the price that the clerk saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from apps.inventory.selectors import whole_pieces
from apps.sales.counter import lines_of, wanted
from apps.sales.counter_shown import seen
from apps.sales.counter_tenders import payments, tenders_of
from apps.sales.held_refusals import SaleOnHold
from apps.sales.models import OpenSale, OpenSaleLine, Sale
from apps.sales.open_sales import held_elsewhere
from apps.sales.orders import Order, TendersDoNotMatch
from apps.sales.quoted import demand_kept, hold_time
from apps.sales.refusals import PiecesChanged, SaleNotOpen, TotalChanged
from apps.sales.selectors import key_of_counter
from apps.sales.services.giving import demand_given, write_approvals
from apps.sales.services.sell import Finished, finished, sell
from apps.shops.approvals import Approver
from apps.shops.models import Member, Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the screen showed when Finish was pressed: `Counter.pieces_seen` and its total."""

    pieces: str
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Why a customer may owe more than their limit, and the second person who says so."""

    reason: str = ""
    approver: Approver | None = None


@transaction.atomic
def finish(
    *,
    key: UUID,
    shown: Seen,
    register: Register,
    by: Member,
    at: datetime,
    credit: Credit | None = None,
) -> Finished:
    """Sell what lies on the till's counter and clear it.

    The open sale's key makes repeating harmless: a second press, a reload or
    a second browser is answered with the sale that the first one made. Where
    the pieces or the total are no longer what the screen showed, nothing is
    sold.

    Raises SaleNotOpen, SaleOnHold, PiecesChanged, TotalChanged, RatesRanOut, GivenTooMuch,
    BelowMetalValue, PieceHeld, and what `sell` raises.
    """
    open_sale = (
        OpenSale.objects.select_for_update(of=("self",)).filter(register=register, key=key).first()
    )
    if open_sale is None:
        return finished(finished_by(key=key, register=register))
    if open_sale.held_at is not None:
        raise SaleOnHold
    lines = [line for line in reversed(lines_of(open_sale)) if not line.removed]
    if seen([line.pk for line in lines]) != shown.pieces:
        raise PiecesChanged
    given = demand_given(open_sale, lines, by=by, at=at)
    rates_at = _rates_that_count(open_sale, lines, by=by, at=at)
    order = Order(
        lines=tuple(wanted(line) for line in lines),
        payments=payments(tenders_of(open_sale)),
        key=key_of_counter(open_sale.key),
        register=register.code,
        customer=open_sale.customer_id,
        customer_name=open_sale.customer_name,
        customer_email=open_sale.customer_email,
        credit_reason=credit.reason if credit else "",
        approver=credit.approver if credit else None,
        rates_at=rates_at,
    )
    try:
        done = sell(order=order, by=by, at=at)
    except TendersDoNotMatch as refusal:
        if refusal.total == shown.total:
            raise
        raise TotalChanged(
            seen=shown.total, total=refusal.total, currency=refusal.currency
        ) from None
    if done.sale.total != shown.total:
        raise TotalChanged(seen=shown.total, total=done.sale.total, currency=done.sale.currency)
    # Only now: the pieces are locked, and a sale that was held meanwhile keeps them.
    held = held_elsewhere([line.piece_id for line in lines], but=open_sale)
    if held:
        raise next(iter(held.values()))
    write_approvals(lines, given, reference=done.sale.code, by=by, at=at)
    open_sale.delete()
    return done


def _rates_that_count(
    open_sale: OpenSale, lines: Sequence[OpenSaleLine], *, by: Member, at: datetime
) -> datetime | None:
    """Within the hold time the quoted rates; beyond it those of now, None.

    Raises RatesRanOut where these are others, and nobody took them.
    """
    rates_at = open_sale.rates_at
    if rates_at is None or at <= rates_at + hold_time(at):
        return rates_at
    if lines:
        pieces = whole_pieces(tags=[line.piece.tag for line in lines])
        demand_kept(open_sale, shop=by.shop, pieces=pieces, at=at)
    return None


def finished_by(*, key: UUID, register: Register) -> Sale:
    """The sale that finishing with this key made at this till. Raises SaleNotOpen."""
    sale = Sale.objects.filter(idempotency_key=key_of_counter(key), register=register).first()
    if sale is None:
        raise SaleNotOpen
    return sale
