"""The lists: contracts by what is to be done with them, passbooks by when they are ripe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.core.units import MONEY
from apps.deposits.models import (
    Deposit,
    DepositDue,
    DepositMove,
    DepositPiece,
    DepositState,
    Membership,
    MoveKind,
    SchemeMove,
    SchemeMoveKind,
)

PAGE_SIZE: Final = 50
EXPIRING_DAYS: Final = 14
FILTERS: Final = ("open", "due", "expiring", "expired", "rest", "ended")
_MONEY: Final = DecimalField(**MONEY)
_ZERO: Final = Value(Decimal(0), output_field=_MONEY)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list. `after`: the mark of the next one; None where this is the last."""

    rows: Sequence[Deposit]
    after: int | None


@dataclass(frozen=True, slots=True)
class ListedMembers:
    rows: Sequence[Membership]
    after: int | None


def deposits_listed(
    *, which: str = "open", day: date, search: str = "", after: int | None = None
) -> Listed:
    """Contracts of one filter, the newest first, each with `held` and `due` by `day`.

    open; due (less was paid than the schedule asks by now); expiring (within two weeks); expired;
    rest (delivered, with money left); ended. One query.
    """
    found = _with_sums(day)
    if which == "due":
        found = found.filter(state=DepositState.OPEN, due__gt=0)
    elif which == "expiring":
        last = day + timedelta(days=EXPIRING_DAYS)
        found = found.filter(state=DepositState.OPEN, expires_on__lte=last)
    elif which == "expired":
        found = found.filter(
            Q(state=DepositState.EXPIRED) | Q(state=DepositState.OPEN, expires_on__lt=day)
        )
    elif which == "rest":
        found = found.filter(state=DepositState.DELIVERED, held__gt=0)
    elif which == "ended":
        found = found.exclude(state__in=[DepositState.OPEN, DepositState.EXPIRED])
    else:
        found = found.filter(state=DepositState.OPEN)
    if search:
        text = search.replace("\x00", "")
        found = found.filter(
            Q(number__iexact=text)
            | Q(customer__name__icontains=text)
            | Q(customer__phone__contains=text)
            | Q(pk__in=DepositPiece.objects.filter(tag__iexact=text).values("deposit"))
        )
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found.select_related("customer").order_by("-pk")[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Listed(rows, rows[-1].pk if more else None)


def _with_sums(day: date) -> QuerySet[Any, Any]:
    moves = DepositMove.objects.filter(deposit=OuterRef("pk")).order_by().values("deposit")
    later = moves.filter(kind=MoveKind.PAID).exclude(key=OuterRef("key"))
    dues = DepositDue.objects.filter(deposit=OuterRef("pk"), due_on__lte=day).order_by()
    planned = dues.values("deposit").annotate(sum=Sum("amount")).values("sum")
    return Deposit.objects.annotate(
        held=Coalesce(Subquery(moves.annotate(sum=Sum("amount")).values("sum")), _ZERO),
        due=Coalesce(Subquery(planned), _ZERO)
        - Coalesce(Subquery(later.annotate(sum=Sum("amount")).values("sum")), _ZERO),
    )


def memberships_listed(*, search: str = "", after: int | None = None) -> ListedMembers:
    """Passbooks, the newest first, each with what is `held` in it. One query."""
    moves = SchemeMove.objects.filter(membership=OuterRef("pk")).order_by().values("membership")
    paid = moves.filter(kind=SchemeMoveKind.PAID)
    found = Membership.objects.annotate(
        held=Coalesce(Subquery(moves.annotate(sum=Sum("amount")).values("sum")), _ZERO),
        paid=Coalesce(Subquery(paid.annotate(count=Count("pk")).values("count")), Value(0)),
    )
    if search:
        text = search.replace("\x00", "")
        found = found.filter(
            Q(number__iexact=text)
            | Q(customer__name__icontains=text)
            | Q(customer__phone__contains=text)
        )
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found.select_related("customer", "plan").order_by("-pk")[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return ListedMembers(rows, rows[-1].pk if more else None)
