"""Tags that were read at a tray. A tag is one row of its sheet, whoever sends it how often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.typed import fold_digits
from apps.counts.models import CountExpected, CountScan, CountSheet
from apps.counts.services.sheets import demand_in_hand, locked_sheet
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import IN_THE_SHOP
from apps.lots.models import Lot
from apps.shops.models import Member

LONGEST: Final = 40
MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading of the scanner: the page that heard it, and its number there."""

    tag: str
    client: str = ""
    seq: int = 0


class Verdict(StrEnum):
    SEEN = "seen"  # it belongs here
    AGAIN = "again"  # was read here before
    EXTRA = "extra"  # a piece of the shop that was not expected here
    UNKNOWN = "unknown"  # no tag of the shop
    LOT = "lot"  # weighed, not scanned
    UNREADABLE = "unreadable"  # no tag at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The answer to one reading; `said` is a sentence for what is not simply seen."""

    read: Read
    tag: str
    verdict: Verdict
    said: str = ""


@transaction.atomic
def scan(*, sheet: CountSheet, reads: Sequence[Read], by: Member, at: datetime) -> list[Heard]:
    """Write down what was read, each tag once; answer every reading in its order.

    Two people's readings of one tray wait for each other, so that each tag is seen once and the
    second of them is told so. Raises SheetClosed, SheetTaken, SheetNotBegun, CountEnded.
    """
    sheet = locked_sheet(sheet)
    demand_in_hand(sheet, by=by)
    cleaned = [_clean(read.tag) for read in reads]
    pieces = _pieces({tag for tag in cleaned if tag})
    lots = _lots({tag for tag in cleaned if tag and tag not in pieces})
    known = {tag: piece.tag for tag, piece in pieces.items()}
    tags = [known.get(tag, tag) for tag in cleaned]
    before = {
        row.tag: row for row in CountScan.objects.filter(sheet=sheet, tag__in=[*filter(None, tags)])
    }
    expected = set(
        CountExpected.objects.filter(
            sheet=sheet, piece__in={piece.pk for piece in pieces.values()}
        ).values_list("piece_id", flat=True)
    )
    new: dict[str, CountScan] = {}
    heard: list[Heard] = []
    for read, tag, cleaned_tag in zip(reads, tags, cleaned, strict=True):
        piece = pieces.get(cleaned_tag)
        if not tag:
            heard.append(_unreadable(read))
        elif tag in lots:
            heard.append(_lot(read, tag))
        elif _heard_before(read, before.get(tag) or new.get(tag)):
            heard.append(Heard(read=read, tag=tag, verdict=Verdict.AGAIN))
        else:
            new.setdefault(tag, _row(sheet, read, tag, piece, by=by, at=at))
            heard.append(_judged(read, tag, piece, expected=expected, sheet=sheet))
    CountScan.objects.bulk_create(row for tag, row in new.items() if tag not in before)
    return heard


def _clean(text: str) -> str:
    """A tag as it could be printed; "" for what no tag is."""
    tag = fold_digits(text).strip()
    return tag if tag and len(tag) <= LONGEST and tag.isprintable() else ""


def _pieces(tags: Iterable[str]) -> dict[str, Piece]:
    """The piece of each tag that has one, written as it was read or in capitals."""
    wanted = {spelt for tag in tags for spelt in (tag, tag.upper())}
    found = {
        piece.tag: piece for piece in Piece.objects.filter(tag__in=wanted).select_related("place")
    }
    spelt = {tag: found.get(tag) or found.get(tag.upper()) for tag in tags}
    return {tag: piece for tag, piece in spelt.items() if piece is not None}


def _lots(tags: Iterable[str]) -> set[str]:
    return set(Lot.objects.filter(code__in=list(tags)).values_list("code", flat=True))


def _row(
    sheet: CountSheet, read: Read, tag: str, piece: Piece | None, *, by: Member, at: datetime
) -> CountScan:
    return CountScan(
        shop_id=by.shop_id,
        sheet=sheet,
        tag=tag,
        piece=piece,
        client=read.client[:36],
        seq=read.seq,
        at=at,
        by=by,
    )


def _heard_before(read: Read, row: CountScan | None) -> bool:
    """Whether this tag was read here before, by another reading than this one sent again."""
    return row is not None and not (
        read.client and row.client == read.client[:36] and row.seq == read.seq
    )


def _judged(
    read: Read, tag: str, piece: Piece | None, *, expected: set[int], sheet: CountSheet
) -> Heard:
    if piece is None:
        said = _("%(tag)s is no tag of this shop. Put it aside.") % {"tag": tag}
        return Heard(read=read, tag=tag, verdict=Verdict.UNKNOWN, said=said)
    if piece.pk in expected or (piece.place_id == sheet.place_id and piece.state in IN_THE_SHOP):
        return Heard(read=read, tag=tag, verdict=Verdict.SEEN)
    words = {"tag": tag, "state": str(PieceState(piece.state).label).lower()}
    if piece.state not in IN_THE_SHOP:
        said = _("%(tag)s is %(state)s by the books. Put it aside.") % words
    elif piece.place is None:
        said = _("%(tag)s belongs nowhere yet. It can be put here when the count is approved.")
        said %= words
    else:
        said = _("%(tag)s belongs to %(place)s.") % {**words, "place": piece.place.name}
    return Heard(read=read, tag=tag, verdict=Verdict.EXTRA, said=said)


def _unreadable(read: Read) -> Heard:
    shown = "".join(sign for sign in read.tag[:24] if sign.isprintable())
    said = _("“%(tag)s” cannot be a tag. Scan it again.") % {"tag": shown}
    return Heard(read=read, tag=shown, verdict=Verdict.UNREADABLE, said=said)


def _lot(read: Read, code: str) -> Heard:
    said = _("%(code)s is a lot. Weigh it below.") % {"code": code}
    return Heard(read=read, tag=code, verdict=Verdict.LOT, said=said)
