"""The sheet of a tray: begun, joined, taken over, finished, counted again."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection, transaction

from apps.counts.models import (
    CountHand,
    CountSheet,
    CountState,
    CountWeighing,
    SheetState,
)
from apps.counts.refusals import (
    CountEnded,
    LotsNotWeighed,
    SheetClosed,
    SheetNotBegun,
    SheetTaken,
)
from apps.counts.services.starting import locked_count
from apps.inventory.selectors import IN_THE_SHOP
from apps.lots.selectors import lots_in
from apps.shops.models import Member

# One statement, however many pieces lie there; the database fills in the shop.
_SNAPSHOT: Final = """
    INSERT INTO counts_countexpected (sheet_id, piece_id, tag, grams)
    SELECT %s, piece.id, piece.tag, coalesce(
        piece.gross_weight_g,
        (SELECT sum(metal.net_weight_g) FROM inventory_piecemetal AS metal
         WHERE metal.shop_id = piece.shop_id AND metal.piece_id = piece.id),
        0)
    FROM inventory_piece AS piece
    WHERE piece.place_id = %s AND piece.state = ANY(%s)
    ORDER BY piece.tag -- the rows are held in the order in which a sale locks them
"""


class Way(StrEnum):
    """How somebody comes to a tray that another one counts."""

    ALONE = "alone"
    JOIN = "join"
    OVER = "over"


def locked_sheet(sheet: CountSheet) -> CountSheet:
    """The sheet as it is now, locked until the transaction ends; its count goes on.

    Raises CountEnded.
    """
    found = (
        CountSheet.objects.select_related("count", "place")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=sheet.pk)
    )
    if found.count.state != CountState.COUNTING:
        raise CountEnded(code=found.count.code, posted=found.count.state == CountState.POSTED)
    return found


def hands_of(sheet: CountSheet) -> list[CountHand]:
    """Who counts it now, the first of them first."""
    return list(
        CountHand.objects.filter(sheet=sheet, until__isnull=True)
        .select_related("member__user")
        .order_by("pk")
    )


@transaction.atomic
def begin(*, sheet: CountSheet, by: Member, at: datetime, way: Way = Way.ALONE) -> CountSheet:
    """Take the tray in hand. Who begins it reads what should lie there; who comes back goes on.

    Raises SheetTaken where somebody else counts it and nobody said how to come to it, SheetClosed,
    CountEnded.
    """
    sheet = locked_sheet(sheet)
    if sheet.state == SheetState.COUNTED:
        raise SheetClosed(place=sheet.place.name)
    if sheet.state == SheetState.WAITING:
        sheet.state, sheet.started_at = SheetState.COUNTING, at
        sheet.save(update_fields=["state", "started_at"])
        with connection.cursor() as cursor:
            cursor.execute(_SNAPSHOT, [sheet.pk, sheet.place_id, list(IN_THE_SHOP)])
    hands = hands_of(sheet)
    if any(hand.member_id == by.pk for hand in hands):
        return sheet
    if hands and way == Way.ALONE:
        raise SheetTaken(
            place=sheet.place.name, member=str(hands[0].member.user), since=hands[0].since
        )
    if way == Way.OVER:
        CountHand.objects.filter(sheet=sheet, until__isnull=True).update(until=at)
    CountHand.objects.create(sheet=sheet, member=by, since=at)
    return sheet


def demand_in_hand(sheet: CountSheet, *, by: Member) -> None:
    """Refuse who does not count this sheet now. Raises SheetClosed, SheetNotBegun, SheetTaken."""
    if sheet.state == SheetState.COUNTED:
        raise SheetClosed(place=sheet.place.name)
    hands = hands_of(sheet)
    if any(hand.member_id == by.pk for hand in hands):
        return
    if not hands:
        raise SheetNotBegun(place=sheet.place.name)
    raise SheetTaken(place=sheet.place.name, member=str(hands[0].member.user), since=hands[0].since)


@transaction.atomic
def finish(*, sheet: CountSheet, by: Member, at: datetime) -> CountSheet:
    """Say that the tray is counted. Again by the same request it stays counted.

    Raises LotsNotWeighed, SheetTaken, SheetNotBegun, CountEnded.
    """
    sheet = locked_sheet(sheet)
    if sheet.state == SheetState.COUNTED:
        return sheet
    demand_in_hand(sheet, by=by)
    weighed = set(CountWeighing.objects.filter(sheet=sheet).values_list("lot_id", flat=True))
    left = [lot.code for lot in lots_in(place=sheet.place_id) if lot.pk not in weighed]
    if left:
        raise LotsNotWeighed(place=sheet.place.name, lots=left)
    sheet.state, sheet.counted_at, sheet.counted_by = SheetState.COUNTED, at, by
    sheet.save(update_fields=["state", "counted_at", "counted_by"])
    CountHand.objects.filter(sheet=sheet, until__isnull=True).update(until=at)
    return sheet


@transaction.atomic
def count_again(*, sheet: CountSheet, by: Member, at: datetime) -> CountSheet:
    """Let a counted tray be counted once more, from nothing: another round of this tray alone.

    Sent twice it is one round. Raises CountEnded, SheetNotBegun.
    """
    locked_count(sheet.count)
    sheet = locked_sheet(sheet)
    rounds = CountSheet.objects.filter(count=sheet.count, place=sheet.place_id)
    newest = rounds.order_by("-round").select_related("place", "count").first()
    assert newest is not None
    if newest.pk != sheet.pk:
        return newest
    if sheet.state != SheetState.COUNTED:
        raise SheetNotBegun(place=sheet.place.name)
    again = CountSheet.objects.create(count=sheet.count, place=sheet.place, round=sheet.round + 1)
    return begin(sheet=again, by=by, at=at)
