"""Holding the sale on the counter for a customer who comes back, and resuming it.

Every function locks in one order: the held sale, the till's own sale, then pieces.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.core.constraints import refuse_on
from apps.inventory.models import Piece
from apps.sales.held_refusals import (
    CashInOtherDrawer,
    CounterTaken,
    HeldSalePaid,
    NothingToHold,
    SaleNotHeld,
)
from apps.sales.models import OpenSale, OpenSaleLine, OpenSaleTender, TenderKind
from apps.sales.open_sales import held_elsewhere, working_sale
from apps.sales.refusals import SaleNotOpen
from apps.shops.models import Member, Register


@transaction.atomic
def hold(*, key: UUID, register: Register, by: Member, at: datetime) -> OpenSale:
    """Put the till's sale aside; its pieces stay reserved for it. Done again it changes nothing.

    Raises SaleNotOpen, NothingToHold, PieceHeld (another held sale keeps one of the pieces).
    """
    sale = (
        OpenSale.objects.select_for_update(of=("self",)).filter(register=register, key=key).first()
    )
    if sale is None:
        raise SaleNotOpen
    if sale.held_at is None:
        _put_aside(sale, by=by, at=at)
    return sale


def _put_aside(sale: OpenSale, *, by: Member, at: datetime) -> None:
    pieces = list(
        OpenSaleLine.objects.filter(open_sale=sale, removed=False).values_list("piece", flat=True)
    )
    if not pieces:
        raise NothingToHold
    # Whoever sells one of them at this moment is waited for: two sales never keep one piece.
    list(
        Piece.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=pieces)
        .order_by("tag")
        .values_list("pk", flat=True)
    )
    kept = held_elsewhere(pieces, but=sale)
    if kept:
        raise next(iter(kept.values()))
    sale.held_at, sale.held_by = at, by
    sale.save(update_fields=["held_at", "held_by"])


@transaction.atomic
def resume(*, pk: int, register: Register, by: Member, at: datetime) -> OpenSale:
    """Bring a held sale of the branch to this till; what lies on its counter is held instead.

    All or nothing. Of two who resume one sale at once, the second is told where it went.

    Raises SaleNotHeld, CashInOtherDrawer, CounterTaken, and what `hold` says no with.
    """
    sale = held_to_change(pk=pk, register=register)
    if sale.register_id != register.pk:
        cash = OpenSaleTender.objects.filter(open_sale=sale, kind=TenderKind.CASH)
        if cash.exists():
            raise CashInOtherDrawer(till=sale.register.name)
    own = working_sale(register).select_for_update(of=("self",)).first()
    if own is not None:
        _clear_the_counter(own, by=by, at=at)
    sale.held_at = sale.held_by = None
    sale.register = register
    with refuse_on({"sales_opensale_register": CounterTaken(till=register.name)}):
        sale.save(update_fields=["held_at", "held_by", "register"])
    return sale


def held_to_change(*, pk: int, register: Register) -> OpenSale:
    """A held sale of this till's branch, locked. Raises SaleNotHeld."""
    # Alone, without its till: a sale that another till resumed while this waited would not join.
    found = OpenSale.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None or found.register.branch_id != register.branch_id:
        raise SaleNotHeld
    if found.held_at is None:
        raise SaleNotHeld(till=found.register.name)
    return found


def _clear_the_counter(own: OpenSale, *, by: Member, at: datetime) -> None:
    """Hold what lies there; an open sale on which is nothing at all goes."""
    something = OpenSaleLine.objects.filter(open_sale=own, removed=False).exists()
    if something or OpenSaleTender.objects.filter(open_sale=own).exists():
        _put_aside(own, by=by, at=at)
    else:
        own.delete()


@transaction.atomic
def discard(*, pk: int, register: Register) -> None:
    """Give up a held sale: its pieces are free again. Raises SaleNotHeld, HeldSalePaid."""
    sale = held_to_change(pk=pk, register=register)
    if OpenSaleTender.objects.filter(open_sale=sale).exists():
        raise HeldSalePaid
    sale.delete()
