"""Writes: the chart of accounts, and postings. Nothing posted is ever changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.ledger.chart import CHART
from apps.ledger.models import Account, Entry, Posting
from apps.shops.models import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One posting to be: + is debit, − is credit. Units: money, or fine grams of a metal."""

    account: str
    commodity: str
    amount: Decimal


def open_books() -> None:
    """Give the shop in scope its chart of accounts."""
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
) -> Entry:
    """Write one entry; amounts of the same account and commodity are added up first.

    The database demands at commit that the entry sums to zero in each
    commodity (migration `balance_entries`); an entry that does not is a bug,
    and the transaction around it fails with it.
    """
    sums: dict[tuple[str, str], Decimal] = {}
    for each in amounts:
        key = (each.account, each.commodity)
        sums[key] = sums.get(key, Decimal(0)) + each.amount
    entry = Entry.objects.create(
        posted_at=at, day=day, what=what, reference=reference, posted_by=by
    )
    Posting.objects.bulk_create(
        Posting(
            shop_id=entry.shop_id,
            entry=entry,
            account=account,
            commodity=commodity,
            amount=amount,
        )
        for (account, commodity), amount in sums.items()
        if amount
    )
    return entry
