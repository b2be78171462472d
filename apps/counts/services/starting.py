"""A count begins with its trays, or is given up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from apps.counts.models import CountSheet, CountState, StockCount
from apps.counts.refusals import (
    CountEnded,
    NothingToCount,
    NotYoursToGiveUp,
    PlaceCountedAlready,
    PlacesOfTwoBranches,
)
from apps.inventory.models import Place
from apps.shops.approvals import may
from apps.shops.models import Action, Member

_LOCK: Final = 0x636F756E  # of all counts of a shop: pg_advisory_xact_lock(this, shop)


@transaction.atomic
def start_count(
    *,
    places: Sequence[int],
    by: Member,
    at: datetime,
    blind: bool = False,
    note: str = "",
    key: str = "",
) -> StockCount:
    """Begin a count of these places of one branch; nothing is read yet, a tray at a time is.

    Raises NothingToCount, PlacesOfTwoBranches, PlaceCountedAlready.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, by.shop_id % 2_147_483_647])
    if key and (done := StockCount.objects.filter(key=key).first()):
        return done
    chosen = list(Place.objects.filter(pk__in=list(places)).order_by("name"))
    if not chosen:
        raise NothingToCount
    if len({place.branch_id for place in chosen}) > 1:
        raise PlacesOfTwoBranches
    taken = (
        CountSheet.objects.filter(place__in=chosen, count__state=CountState.COUNTING)
        .select_related("count", "place")
        .first()
    )
    if taken is not None:
        raise PlaceCountedAlready(place=taken.place.name, code=taken.count.code)
    last = StockCount.objects.aggregate(last=Max("number"))["last"] or 0
    count = StockCount.objects.create(
        number=last + 1,
        branch_id=chosen[0].branch_id,
        blind=blind,
        note=note.strip()[:120],
        started_at=at,
        started_by=by,
        key=key,
    )
    CountSheet.objects.bulk_create(
        CountSheet(shop_id=by.shop_id, count=count, place=place) for place in chosen
    )
    return count


def locked_count(count: StockCount) -> StockCount:
    """The count as it is now, locked until the transaction ends. Raises CountEnded."""
    found = StockCount.objects.select_for_update(of=("self",), no_key=True).get(pk=count.pk)
    if found.state != CountState.COUNTING:
        raise CountEnded(code=found.code, posted=found.state == CountState.POSTED)
    return found


@transaction.atomic
def cancel(*, count: StockCount, by: Member, at: datetime) -> StockCount:
    """Give a count up: nothing of the stock changes, its number stays its own.

    Raises CountEnded, NotYoursToGiveUp.
    """
    count = locked_count(count)
    if count.started_by_id != by.pk and not may(Action.COUNT, by=by, at=at):
        raise NotYoursToGiveUp
    count.state, count.ended_at, count.ended_by = CountState.CANCELLED, at, by
    count.save(update_fields=["state", "ended_at", "ended_by"])
    return count
