"""Payments on the counter: what was handed over before the sale is finished."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.core.units import currency
from apps.sales.counter import at_the_counter
from apps.sales.counter_shown import Counter
from apps.sales.models import OpenSale, OpenSaleTender, TenderKind
from apps.sales.orders import TenderImpossible
from apps.sales.refusals import NoChangeFromCard, NothingToPay, TenderGone
from apps.sales.services.counter import open_sale_to_change
from apps.shops.models import Member, Register


@transaction.atomic
def take(
    *,
    kind: TenderKind,
    amount: Decimal,
    register: Register,
    by: Member,
    at: datetime,
    after: int | None = None,
) -> OpenSaleTender:
    """Take a payment for the till's open sale.

    Cash may be more than is left, and gives change; a card or a transfer may
    not. `after` is the newest payment the caller has seen: one of the same
    kind and amount that came after it is the same request again.

    Raises TenderImpossible, NothingToPay, NoChangeFromCard.
    """
    money = currency(by.shop.currency)
    if amount <= 0 or amount % money.step:
        raise TenderImpossible(amount=amount, currency=money.code)
    sale = open_sale_to_change(register=register, by=by, at=at)
    if after is not None:
        again = OpenSaleTender.objects.filter(
            open_sale=sale, pk__gt=after, kind=kind, amount=amount
        ).first()
        if again is not None:
            return again
    counter = at_the_counter(shop=by.shop, register=register, at=at)
    _demand_need(counter, kind, amount)
    return OpenSaleTender.objects.create(open_sale=sale, kind=kind, amount=amount, taken_at=at)


def _demand_need(counter: Counter, kind: TenderKind, amount: Decimal) -> None:
    left = counter.standing.left
    if not left:
        raise NothingToPay
    if kind != TenderKind.CASH and amount > left:
        raise NoChangeFromCard(amount=amount, left=left, currency=counter.currency)


@transaction.atomic
def give_back(*, tender: int, register: Register) -> None:
    """Take a payment off the open sale again. Raises TenderGone."""
    sale = OpenSale.objects.select_for_update(of=("self",)).filter(register=register).first()
    if sale is None:
        raise TenderGone
    deleted, _ = OpenSaleTender.objects.filter(pk=tender, open_sale=sale).delete()
    if not deleted:
        raise TenderGone
