"""A count is approved: what is missing and too much is settled, all at once, for good."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.counts.models import CountSheet, CountState, CountWeighing, SheetState, StockCount
from apps.counts.refusals import ReasonNeeded, SheetsOpen
from apps.counts.results import CountResult, Done, Found, Line
from apps.counts.selectors.found import found_of, held_of, result_of
from apps.counts.selectors.listed import newest_sheets
from apps.counts.services.starting import locked_count
from apps.inventory.models import Piece, Place
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.moving import move
from apps.inventory.services.writing_off import find_again, write_off
from apps.lots.services import adjust
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Member

WHAT: Final = "count"
Choices = Mapping[int, Done]


@transaction.atomic
def approve(
    *,
    count: StockCount,
    choices: Choices,
    reason: str,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> StockCount:
    """Post a count. `choices`: by piece, what is done about it; what is not named is left.

    A missing piece is written off or stays to be looked for; one that lay in a wrong tray is put
    into this one, one that was written off is found again; lots are set to what the scale says.
    What changed since the choices were made is left as it is now. Needs the permission COUNT for
    the cost of all that is written off and adjusted.

    Raises CountEnded, SheetsOpen, ReasonNeeded, NotAllowed, ApprovalNeeded, PinRefused, PinLocked,
    and whatever the stock refuses.
    """
    count = locked_count(count)
    code = by.shop.currency
    open_places = [
        sheet.place.name for sheet in newest_sheets(count) if sheet.state != SheetState.COUNTED
    ]
    if open_places:
        raise SheetsOpen(places=open_places)
    pieces = _lock(result_of(count, code=code), choices)
    # Read again under the locks: nobody sells what is written off here.
    result = decided(result_of(count, code=code), choices)
    if not result.agrees and not reason.strip():
        raise ReasonNeeded
    permit(
        Action.COUNT,
        by=by,
        reason=reason.strip() or _("The count agrees with the books."),
        reference=count.code,
        at=at,
        amount=worth(result),
        approver=approver,
    )
    _settle(result, pieces, by=by, at=at, reference=count.code)
    _adjust_lots(count, by=by, at=at)
    count.state, count.ended_at, count.ended_by = CountState.POSTED, at, by
    count.reason, count.result = reason.strip()[:200], result.as_json()
    count.save(update_fields=["state", "ended_at", "ended_by", "reason", "result"])
    return count


def decided(result: CountResult, choices: Choices) -> CountResult:
    """The result with what is done about each line: the choice, where it is one of the line's."""

    def line(each: Line) -> Line:
        chosen = choices.get(each.piece or 0, Done.NOTHING)
        if chosen in each.choices:
            return replace(each, done=chosen)
        return replace(each, done=Done.LOOK_FOR) if Done.LOOK_FOR in each.choices else each

    return CountResult(
        sheets=tuple(
            replace(sheet, lines=tuple(line(each) for each in sheet.lines))
            for sheet in result.sheets
        )
    )


def worth(result: CountResult) -> Decimal:
    """What the approval takes out of the books and puts in, at cost, without regard to sign."""
    written_off = sum(
        (line.cost for _sheet, line in result.lines if line.done in (Done.WRITE_OFF, Done.FIND)),
        Decimal(0),
    )
    lots = (abs(lot.cost) for sheet in result.sheets for lot in sheet.lots)
    return written_off + sum(lots, Decimal(0))


def _lock(result: CountResult, choices: Choices) -> dict[int, Piece]:
    """The pieces that may be touched, locked in tag order."""
    touched = {
        Found.MISSING: Done.WRITE_OFF,
        Found.LOST: Done.FIND,
        Found.MISPLACED: Done.MOVE,
    }
    tags = sorted(
        {
            line.tag
            for _sheet, line in result.lines
            if line.piece and touched.get(line.found) == choices.get(line.piece)
        }
    )
    if not tags:
        return {}
    locked = whole_pieces(tags=tags, to_change=True)
    return {whole.piece.pk: whole.piece for whole in locked}


def _settle(
    result: CountResult, pieces: Mapping[int, Piece], *, by: Member, at: datetime, reference: str
) -> None:
    places = Place.objects.in_bulk(
        CountSheet.objects.filter(pk__in=[sheet.sheet for sheet in result.sheets]).values_list(
            "place", flat=True
        )
    )
    of_sheet = dict(
        CountSheet.objects.filter(pk__in=[sheet.sheet for sheet in result.sheets]).values_list(
            "pk", "place"
        )
    )
    gone = [
        pieces[line.piece or 0]
        for _sheet, line in result.lines
        if line.done == Done.WRITE_OFF and line.piece in pieces
    ]
    if gone:
        write_off(pieces=gone, by=by, at=at, reference=reference, what=WHAT)
    for sheet in result.sheets:
        place = places[of_sheet[sheet.sheet]]
        moved = [line.tag for line in sheet.lines if line.done == Done.MOVE]
        if moved:
            move(tags=moved, place=place, by=by, at=at)
        found = [
            pieces[line.piece or 0]
            for line in sheet.lines
            if line.done == Done.FIND and line.piece in pieces
        ]
        if found:
            find_again(pieces=found, place=place, by=by, at=at, reference=reference, what=WHAT)


def _adjust_lots(count: StockCount, *, by: Member, at: datetime) -> None:
    """Each lot by its last weighing, in the order of their ids: two counts wait in one order."""
    newest: dict[int, CountWeighing] = {}
    rows = CountWeighing.objects.filter(sheet__in=newest_sheets(count)).select_related("lot")
    for row in rows.order_by("pk"):
        newest[row.lot_id] = row
    for _lot, row in sorted(newest.items()):
        adjust(
            lot=row.lot,
            expected=held_of(row),
            found=found_of(row),
            by=by,
            at=at,
            reference=count.code,
        )
