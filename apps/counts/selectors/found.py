"""What a count found: what was expected against what was read, and against how things are now.

Sales go on during a count. What was expected and not seen is missing only if it still lies in the
tray by the books now; what left by a document since is told with that document, and what left and
came back too: it may have been away while the tray was read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from apps.core.units import currency
from apps.counts.models import (
    CountExpected,
    CountHand,
    CountScan,
    CountSheet,
    CountWeighing,
    StockCount,
)
from apps.counts.results import CountResult, Found, Line, LotLine, SheetResult
from apps.counts.selectors.listed import newest_sheets
from apps.inventory.models import Movement, MovementKind, Piece, PieceState
from apps.inventory.selectors import IN_THE_SHOP
from apps.lots.quantities import Quantity
from apps.lots.services.adjusting import difference

# Steps at which a piece stays where it lies.
_STAYING: Final = (
    MovementKind.RESERVED,
    MovementKind.RELEASED,
    MovementKind.BOUGHT,
    MovementKind.CHANGED,
)


@dataclass(frozen=True, slots=True)
class _Read:
    """All that the sheets of a count hold, by sheet."""

    expected: Mapping[int, Sequence[CountExpected]]
    scans: Mapping[int, Sequence[CountScan]]
    pieces: Mapping[int, Piece]
    seen_at: Mapping[int, Sequence[str]]  # the trays where each piece was read
    last: Mapping[int, Movement]
    back: Mapping[int, Movement]  # of those that lie there unseen: the step that took them away


def result_of(count: StockCount, *, code: str) -> CountResult:
    """The result of a count: as it was recorded, or as it stands now. `code`: the currency."""
    if count.result is not None:
        return CountResult.read(count.result)
    sheets = newest_sheets(count)
    read = _read(sheets)
    people = _people(sheets)
    lots = _lots(sheets, exponent=currency(code).exponent)
    return CountResult(
        sheets=tuple(
            _sheet(sheet, count, read, people[sheet.pk], lots[sheet.pk]) for sheet in sheets
        )
    )


def _read(sheets: Sequence[CountSheet]) -> _Read:
    expected: dict[int, list[CountExpected]] = defaultdict(list)
    scans: dict[int, list[CountScan]] = defaultdict(list)
    for row in CountExpected.objects.filter(sheet__in=sheets).order_by("tag"):
        expected[row.sheet_id].append(row)
    for scan in CountScan.objects.filter(sheet__in=sheets).order_by("pk"):
        scans[scan.sheet_id].append(scan)
    names = {sheet.pk: sheet.place.name for sheet in sheets}
    seen_at: dict[int, list[str]] = defaultdict(list)
    for sheet in sheets:
        for scan in scans[sheet.pk]:
            if scan.piece_id is not None:
                seen_at[scan.piece_id].append(names[sheet.pk])
    ids = {row.piece_id for rows in expected.values() for row in rows} | set(seen_at)
    pieces = {
        piece.pk: piece
        for piece in Piece.objects.filter(pk__in=ids)
        .select_related("place")
        .only("tag", "name", "gross_weight_g", "cost", "state", "place__name", "place__branch_id")
    }
    told = _to_tell(sheets, expected, scans, pieces)
    back = _back_again(sheets, expected, scans, pieces)
    return _Read(expected, scans, pieces, seen_at, _last_movements(told), back)


def _to_tell(
    sheets: Sequence[CountSheet],
    expected: Mapping[int, Sequence[CountExpected]],
    scans: Mapping[int, Sequence[CountScan]],
    pieces: Mapping[int, Piece],
) -> set[int]:
    """The pieces whose last movement explains where they are: few of them."""
    told: set[int] = set()
    for sheet in sheets:
        there = {row.piece_id for row in expected[sheet.pk]}
        read = {scan.piece_id for scan in scans[sheet.pk] if scan.piece_id is not None}
        told |= read - there
        told |= {pk for pk in there - read if not _lies_in(pieces[pk], sheet)}
    return told


def _back_again(
    sheets: Sequence[CountSheet],
    expected: Mapping[int, Sequence[CountExpected]],
    scans: Mapping[int, Sequence[CountScan]],
    pieces: Mapping[int, Piece],
) -> dict[int, Movement]:
    """The last step of the unseen pieces that went somewhere since their tray was begun."""
    began: dict[int, datetime] = {}
    for sheet in sheets:
        read = {scan.piece_id for scan in scans[sheet.pk]}
        for row in expected[sheet.pk]:
            if row.piece_id not in read and _lies_in(pieces[row.piece_id], sheet):
                assert sheet.started_at is not None, "what is expected was read when it was begun"
                began[row.piece_id] = sheet.started_at
    if not began:
        return {}
    steps = Movement.objects.filter(piece__in=list(began), moved_at__gt=min(began.values()))
    rows = steps.exclude(kind__in=_STAYING).order_by("piece", "-moved_at", "-pk").distinct("piece")
    return {row.piece_id: row for row in rows if row.moved_at > began[row.piece_id]}


def _last_movements(pieces: Iterable[int]) -> dict[int, Movement]:
    rows = (
        Movement.objects.filter(piece__in=list(pieces))
        .order_by("piece", "-moved_at", "-pk")
        .distinct("piece")
    )
    return {row.piece_id: row for row in rows}


def _people(sheets: Sequence[CountSheet]) -> dict[int, tuple[str, ...]]:
    people: dict[int, list[str]] = defaultdict(list)
    hands = CountHand.objects.filter(sheet__in=sheets).select_related("member__user")
    for hand in hands.order_by("pk"):
        name = str(hand.member.user)
        if name not in people[hand.sheet_id]:
            people[hand.sheet_id].append(name)
    return {sheet.pk: tuple(people[sheet.pk]) for sheet in sheets}


def _lots(sheets: Sequence[CountSheet], *, exponent: int) -> dict[int, tuple[LotLine, ...]]:
    newest: dict[tuple[int, int], CountWeighing] = {}
    rows = CountWeighing.objects.filter(sheet__in=sheets).select_related("lot").order_by("pk")
    for row in rows:
        newest[row.sheet_id, row.lot_id] = row
    lots: dict[int, list[LotLine]] = {sheet.pk: [] for sheet in sheets}
    for row in sorted(newest.values(), key=lambda row: row.lot.code):
        held, found = held_of(row), found_of(row)
        differs = difference(row.lot, expected=held, found=found, exponent=exponent)
        lots[row.sheet_id].append(
            LotLine(
                code=row.lot.code,
                name=row.lot.name,
                metal=row.lot.metal,
                held=held,
                found=found,
                cost=Decimal(0) if differs.quantity.is_nothing else differs.cost,
            )
        )
    return {sheet: tuple(lines) for sheet, lines in lots.items()}


def held_of(row: CountWeighing) -> Quantity:
    """What the books held of the lot when it was weighed."""
    return Quantity(pieces=row.held_pieces, grams=row.held_grams, carats=row.held_carats)


def found_of(row: CountWeighing) -> Quantity:
    return Quantity(pieces=row.found_pieces, grams=row.found_grams, carats=row.found_carats)


def _sheet(
    sheet: CountSheet,
    count: StockCount,
    read: _Read,
    people: tuple[str, ...],
    lots: tuple[LotLine, ...],
) -> SheetResult:
    expected, scans = read.expected[sheet.pk], read.scans[sheet.pk]
    there = {row.piece_id for row in expected}
    scanned = {scan.piece_id for scan in scans if scan.piece_id is not None}
    seen = [row for row in expected if row.piece_id in scanned]
    lines = [_unseen(row, sheet, read) for row in expected if row.piece_id not in scanned]
    lines += [
        line
        for scan in scans
        if scan.piece_id not in there and (line := _extra(scan, sheet, count, read)) is not None
    ]
    return SheetResult(
        sheet=sheet.pk,
        place=sheet.place.name,
        round=sheet.round,
        state=sheet.state,
        people=people,
        started_at=sheet.started_at,
        counted_at=sheet.counted_at,
        expected=len(expected),
        expected_g=sum((row.grams for row in expected), Decimal(0)),
        seen=len(seen),
        seen_g=sum((row.grams for row in seen), Decimal(0)),
        lines=tuple(lines),
        lots=lots,
    )


def _lies_in(piece: Piece, sheet: CountSheet) -> bool:
    return piece.place_id == sheet.place_id and piece.state in IN_THE_SHOP


def _unseen(row: CountExpected, sheet: CountSheet, read: _Read) -> Line:
    piece = read.pieces[row.piece_id]
    if _lies_in(piece, sheet):
        elsewhere = [place for place in read.seen_at[piece.pk] if place != sheet.place.name]
        return Line(
            found=Found.MISSING,
            seen_at=elsewhere[0] if elsewhere else "",
            **_facts(piece, grams=row.grams),
            **_step(read.back.get(piece.pk)),
        )
    facts = {**_facts(piece, grams=row.grams), **_step(read.last.get(piece.pk))}
    return Line(found=Found.LEFT, **facts)


def _extra(scan: CountScan, sheet: CountSheet, count: StockCount, read: _Read) -> Line | None:
    """A tag that was read and not expected; None of a piece that is seen in its own tray too."""
    if scan.piece_id is None:
        return Line(tag=scan.tag, found=Found.UNKNOWN)
    piece = read.pieces[scan.piece_id]
    facts = {**_facts(piece), **_step(read.last.get(piece.pk))}
    if _lies_in(piece, sheet):
        return Line(found=Found.CAME, **facts)
    if piece.state == PieceState.LOST:
        return Line(found=Found.LOST, **facts)
    if piece.state not in IN_THE_SHOP:
        return Line(found=Found.GONE, **facts)
    if piece.place is not None and piece.place.branch_id != count.branch_id:
        return Line(found=Found.OTHER_BRANCH, **facts)
    if piece.place is not None and piece.place.name in read.seen_at[piece.pk]:
        return None
    return Line(found=Found.MISPLACED, **facts)


def _facts(piece: Piece, *, grams: Decimal | None = None) -> dict[str, Any]:
    return {
        "tag": piece.tag,
        "piece": piece.pk,
        "name": piece.name,
        "grams": grams if grams is not None else piece.gross_weight_g or Decimal(0),
        "cost": piece.cost,
        "state": piece.state,
        "place": piece.place.name if piece.place else "",
    }


def _step(last: Movement | None) -> dict[str, Any]:
    return {"step": last.kind if last else "", "reference": last.reference if last else ""}
