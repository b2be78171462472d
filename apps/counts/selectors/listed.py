"""Counts, their sheets, and the places that could be counted."""

import re
from collections.abc import Sequence
from typing import Final

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from apps.core.typed import fold_digits
from apps.counts.models import CountSheet, CountState, StockCount
from apps.counts.refusals import CountNotFound, SheetNotFound
from apps.inventory.models import Place

MOST_NAMED: Final = 200
_CODE: Final = re.compile(r"K([0-9]{1,9})")


def count_by_code(code: str) -> StockCount:
    """Raises CountNotFound."""
    match = _CODE.fullmatch(fold_digits(code).upper())
    count = (
        StockCount.objects.select_related("branch", "started_by__user", "ended_by__user")
        .filter(number=int(match[1]))
        .first()
        if match
        else None
    )
    if count is None:
        raise CountNotFound(code=code.replace("\x00", "�"))
    return count


def counts_listed() -> QuerySet[StockCount]:
    """Counts, newest first, with how many trays each has and how many of them are counted."""
    return (
        StockCount.objects.select_related("branch", "started_by__user", "ended_by__user")
        .annotate(trays=Count("sheets__place", distinct=True))
        .order_by("-pk")
    )


def newest_sheets(count: StockCount) -> list[CountSheet]:
    """The last round of each tray, by the tray's name."""
    newest = (
        CountSheet.objects.filter(count=count, place=OuterRef("place"))
        .order_by("-round")
        .values("pk")[:1]
    )
    return list(
        CountSheet.objects.filter(count=count, pk=Subquery(newest))
        .select_related("place", "count", "counted_by__user")
        .order_by("place__name")
    )


def sheet_of(count: StockCount, pk: int) -> CountSheet:
    """A sheet of this count. Raises SheetNotFound."""
    found = (
        CountSheet.objects.filter(count=count, pk=pk)
        .select_related("place", "count", "counted_by__user")
        .first()
    )
    if found is None:
        raise SheetNotFound
    return found


def sheet_being_counted(*, place: int) -> CountSheet | None:
    """The last round of this place in a count that goes on; None where nobody counts it."""
    return (
        CountSheet.objects.filter(place=place, count__state=CountState.COUNTING)
        .select_related("count")
        .order_by("-round")
        .first()
    )


def places_wanted(*, places: Sequence[str], tags: Sequence[str]) -> list[int]:
    """The places that an address names, by their ids or by the tags of pieces that lie there."""
    ids = {
        int(place)
        for place in places[:MOST_NAMED]
        if place.isascii() and place.isdigit() and len(place) < 18
    }
    known = [tag for tag in tags[:MOST_NAMED] if "\x00" not in tag]
    named = Q(pk__in=ids) | Q(pieces__tag__in=known)
    return (
        sorted(set(Place.objects.filter(named).values_list("pk", flat=True)))
        if ids or known
        else []
    )


def free_places() -> Sequence[Place]:
    """Places that no open count has, by branch and name, with how many pieces lie in each."""
    taken = CountSheet.objects.filter(count__state=CountState.COUNTING).values("place")
    return list(
        Place.objects.filter(closed_at__isnull=True)
        .exclude(pk__in=taken)
        .select_related("branch")
        .annotate(lying=Count("pieces", filter=Q(pieces__state__in=("in_stock", "reserved"))))
        .order_by("branch__name", "name")
    )
