"""Finishing the sale on the counter: once, and at the price that the clerk saw."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from apps.sales.counter import lines_of, wanted
from apps.sales.counter_shown import seen
from apps.sales.counter_tenders import payments, tenders_of
from apps.sales.models import OpenSale, Sale
from apps.sales.orders import Order, TendersDoNotMatch
from apps.sales.refusals import PiecesChanged, SaleNotOpen, TotalChanged
from apps.sales.selectors import key_of_counter
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

    Raises SaleNotOpen, PiecesChanged, TotalChanged, and what `sell` raises.
    """
    open_sale = (
        OpenSale.objects.select_for_update(of=("self",)).filter(register=register, key=key).first()
    )
    if open_sale is None:
        return finished(finished_by(key=key, register=register))
    lines = [line for line in reversed(lines_of(open_sale)) if not line.removed]
    if seen([line.pk for line in lines]) != shown.pieces:
        raise PiecesChanged
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
    open_sale.delete()
    return done


def finished_by(*, key: UUID, register: Register) -> Sale:
    """The sale that finishing with this key made at this till. Raises SaleNotOpen."""
    sale = Sale.objects.filter(idempotency_key=key_of_counter(key), register=register).first()
    if sale is None:
        raise SaleNotOpen
    return sale
