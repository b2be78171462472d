"""Writes: the sums of days that are over."""

from datetime import date, datetime, timedelta

from apps.ledger.days import sum_days
from apps.reports.facts import sum_facts
from apps.shops.days import day_of
from apps.shops.models import Shop


def sum_up(*, shop: Shop, at: datetime, wait: bool = False) -> list[date]:
    """Sum the shop's next days that are over, books and sales alike; the days that were summed.

    A quarter of a year a call at most, in one transaction: see `apps.ledger.days.sum_days`.
    """
    yesterday = day_of(shop, at) - timedelta(days=1)
    return sum_days(through=yesterday, also=sum_facts, wait=wait)
