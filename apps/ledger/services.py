"""Writes: the chart of accounts, and postings. Nothing posted is ever changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError

from apps.core.constraints import broken_by
from apps.ledger.chart import CHART
from apps.ledger.models import Account, Entry, Posting
from apps.ledger.periods import DayClosed, closed_day_of
from apps.shops.models import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One posting to be: + is debit, − is credit. Units: money, or fine grams of a metal."""

    account: str
    commodity: str
    amount: Decimal
    party: int | None = None  # whose account, where it is one of many people's


def open_books() -> None:
    """Give the shop in scope its chart of accounts, or the accounts it lacks of it."""
    Account.objects.bulk_create(
        (Account(code=code, name=name, kind=kind) for code, (name, kind) in CHART.items()),
        ignore_conflicts=True,
    )


def post(
    *,
    what: str,
    reference: str,
    at: datetime,
    day: date,
    by: Member | None,
    amounts: Iterable[Amount],
    shift: int | None = None,
) -> Entry:
    """Write one entry; amounts of the same account, commodity and party are added up first.

    `shift`: the drawer's shift it happened in, if it happened at a till.

    The database demands at commit that the entry sums to zero in each
    commodity (migration `balance_entries`); an entry that does not is a bug,
    and the transaction around it fails with it.

    Raises DayClosed, after which the transaction around it is lost.
    """
    sums: dict[tuple[str, str, int | None], Decimal] = {}
    for each in amounts:
        key = (each.account, each.commodity, each.party)
        sums[key] = sums.get(key, Decimal(0)) + each.amount
    moved = {key: amount for key, amount in sums.items() if amount}
    entry = Entry.objects.create(
        posted_at=at,
        day=day,
        what=what,
        reference=reference,
        posted_by=by,
        shift_id=shift,
        size=len(moved),
    )
    try:
        Posting.objects.bulk_create(
            Posting(
                shop_id=entry.shop_id,
                entry=entry,
                account=account,
                commodity=commodity,
                party=party,
                amount=amount,
            )
            for (account, commodity, party), amount in moved.items()
        )
    except IntegrityError as error:
        if broken_by(error) == "ledger_period_closed":
            raise DayClosed(day=day, closed_through=closed_day_of(error)) from error
        raise
    return entry
