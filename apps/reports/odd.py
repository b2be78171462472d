"""Exceptions as the database counts them by person, and a page of their rows at a time."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.expressions import Combinable


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One exception. `who` is the member who did it; amount is money of the shop."""

    at: datetime
    who: int | None
    reference: str
    link: str
    said: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one person has of a kind; `amount` None: the kind has no money."""

    who: int | None
    count: int
    amount: Decimal | None = None


def sum_of(tallies: Sequence[Tally]) -> Decimal | None:
    """The money of them together; None where none has any."""
    amounts = [tally.amount for tally in tallies if tally.amount is not None]
    return sum(amounts, Decimal(0)) if amounts else None


class Source(Protocol):
    """Where the exceptions of one kind and period are found."""

    def tallies(self) -> Sequence[Tally]:
        """How many of each person; as many statements whatever there is."""

    def page(self, *, who: int | None, start: int, stop: int) -> list[Odd]:
        """Rows of one person (None: of everybody), the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Exceptions that are rows of one table.

    `at`, `who`: the columns with the moment and the person; `amount` what is added up of each;
    `told` says a page of rows in words.
    """

    rows: QuerySet[Any]
    at: str
    who: str
    told: Callable[[Sequence[Any]], list[Odd]]
    amount: Combinable | None = None

    def tallies(self) -> list[Tally]:
        found = self.rows.order_by().values(person=F(self.who)).annotate(count=Count("pk"))
        if self.amount is not None:
            found = found.annotate(money=Sum(self.amount))
        return [
            Tally(who=each["person"], count=each["count"], amount=each.get("money"))
            for each in found
        ]

    def page(self, *, who: int | None, start: int, stop: int) -> list[Odd]:
        rows = self.rows if who is None else self.rows.filter(**{self.who: who})
        return self.told(list(rows.order_by(f"-{self.at}", "-pk")[start:stop]))


@dataclass(frozen=True, slots=True)
class Together:
    """Exceptions of several tables as one kind."""

    parts: Sequence[Source]

    def tallies(self) -> list[Tally]:
        by_person: dict[int | None, list[Tally]] = defaultdict(list)
        for part in self.parts:
            for tally in part.tallies():
                by_person[tally.who].append(tally)
        return [
            Tally(who=who, count=sum(each.count for each in found), amount=sum_of(found))
            for who, found in by_person.items()
        ]

    def page(self, *, who: int | None, start: int, stop: int) -> list[Odd]:
        # The newest of all are among the newest of each.
        found = [odd for part in self.parts for odd in part.page(who=who, start=0, stop=stop)]
        return sorted(found, key=lambda odd: odd.at, reverse=True)[start:stop]
