"""Reads: what moved in each account, and what lies in it. Sums of days where there are any."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.ledger.days import Summed, summed
from apps.ledger.models import DayTotal, Entry, Posting

_ZERO = Decimal(0)


@dataclass(slots=True)
class Moved:
    """What went into and out of an account. Units: money, or fine grams of a metal."""

    debit: Decimal = _ZERO
    credit: Decimal = _ZERO
    postings: int = 0

    @property
    def net(self) -> Decimal:
        return self.debit - self.credit

    def add(self, other: "Moved") -> None:
        self.debit += other.debit
        self.credit += other.credit
        self.postings += other.postings


Book = Mapping[tuple[str, str], Moved]  # by account and commodity


def moved(*, since: date | None = None, until: date, account: str = "") -> Book:
    """What moved in each account and commodity from `since` to `until`, both counted.

    Since the first day where none is given. Four queries, whatever lies between: totals of the
    days that are summed, postings of the others.
    """
    book: dict[tuple[str, str], Moved] = defaultdict(Moved)
    for row in _rows(since, until, account, "account", "commodity"):
        book[row["account"], row["commodity"]].add(_moved(row))
    return book


def moved_by_day(
    *, account: str, commodity: str, since: date | None, until: date
) -> dict[date, Moved]:
    """What moved in one account on each day that moved it, in the order of the days."""
    days: dict[date, Moved] = defaultdict(Moved)
    for row in _rows(since, until, account, "on", commodity=commodity):
        days[row["on"]].add(_moved(row))
    return dict(sorted(days.items()))


def _rows(
    since: date | None, until: date, account: str, *by: str, commodity: str = ""
) -> Iterable[dict[str, Any]]:
    """Summed days first, then the postings of the others, both as debits, credits and count."""
    known = summed()
    which = Q(account=account) if account else Q()
    if commodity:
        which &= Q(commodity=commodity)
    totals = (
        DayTotal.objects.filter(which, _between("day", since, min(until, known.through)))
        .exclude(day__in=known.late)
        .annotate(on=F("day"))
    )
    yield from (
        totals.values(*by)
        .annotate(debits=Sum("debit"), credits=Sum("credit"), count=Sum("postings"))
        .order_by()
    )
    live = Posting.objects.filter(which, unsummed("entry__day", known, since, until))
    yield from (
        live.annotate(on=F("entry__day"))
        .values(*by)
        .annotate(
            debits=Coalesce(Sum("amount", filter=Q(amount__gt=0)), _ZERO),
            credits=-Coalesce(Sum("amount", filter=Q(amount__lt=0)), _ZERO),
            count=Count("pk"),
        )
        .order_by()
    )


def _between(field: str, since: date | None, until: date) -> Q:
    within = Q(**{f"{field}__lte": until})
    return within & Q(**{f"{field}__gte": since}) if since else within


def unsummed(field: str, known: Summed, since: date | None, until: date) -> Q:
    """The days of a period that no total counts for: after the mark, and the late ones."""
    after = Q(**{f"{field}__gt": known.through})
    late = Q(**{f"{field}__in": known.late}) if known.late else Q()
    return _between(field, since, until) & (after | late if known.late else after)


def _moved(row: dict[str, Any]) -> Moved:
    return Moved(debit=row["debits"], credit=row["credits"], postings=row["count"])


def entries_of(
    *, day: date, account: str = "", commodity: str = "", what: str = ""
) -> QuerySet[Entry]:
    """The day book: entries of a day in the order they were written, with their postings.

    `account` and `commodity` leave those that moved it.
    """
    entries = Entry.objects.filter(day=day)
    if what:
        entries = entries.filter(what=what)
    if account:
        touching = Posting.objects.filter(account=account, entry__day=day)
        if commodity:
            touching = touching.filter(commodity=commodity)
        entries = entries.filter(pk__in=touching.values("entry_id"))
    return entries.order_by("pk").prefetch_related("postings")
