"""Contracts run out by the shop's own day. Done twice it does nothing more."""

from datetime import datetime

from apps.deposits.models import Deposit, DepositState
from apps.shops.days import day_of
from apps.shops.models import Shop


def mark_expired(*, shop: Shop, at: datetime) -> int:
    """Mark the open contracts of the shop in scope whose last day is over; how many.

    The mark is for lists and people: a payment is refused by the date, marked or not.
    """
    return Deposit.objects.filter(state=DepositState.OPEN, expires_on__lt=day_of(shop, at)).update(
        state=DepositState.EXPIRED
    )
