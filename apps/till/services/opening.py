"""A drawer is opened: its float is counted, and comes out of the safe."""

from datetime import datetime

from django.db import transaction

from apps.shops.models import Member, Shift
from apps.shops.shifts import begin, locked_register
from apps.till.counted import Counted
from apps.till.models import CountKind, TillCount
from apps.till.policy import till_rules
from apps.till.report import entries_of
from apps.till.services.demands import demand_cash, demand_sense
from apps.till.services.moves import bring_float


def open_till(*, register: int, counted: Counted, by: Member, at: datetime, key: str) -> Shift:
    """Open a till with the float that lies in its drawer: Dr cash, Cr safe for each currency.

    An empty drawer is a float of nothing. The form sent twice opens once.

    Raises TillOpenAlready, CurrencyNotTaken, CountImpossible.
    """
    rules = till_rules(by.shop, at=at)
    for code in counted.cash:
        demand_cash(code, taken=rules.currencies)
    demand_sense(counted)
    with transaction.atomic():
        till = locked_register(pk=register)
        first = TillCount.objects.filter(key=key).select_related("shift").first()
        if first is not None:
            return first.shift
        shift = begin(register=till, by=by, at=at)
        for code, cash in counted.cash.items():
            if cash.total:
                bring_float(
                    till=till,
                    shift=shift,
                    amount=cash.total,
                    currency=code,
                    by=by,
                    at=at,
                    key=key,
                )
        TillCount.objects.create(
            shift=shift,
            kind=CountKind.OPENING,
            number=1,
            counted=counted.as_json(),
            entries=entries_of(shift),
            at=at,
            by=by,
            key=key,
        )
        return shift
