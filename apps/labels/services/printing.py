"""Printing tags: the file, who printed which, and the permission for a second one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.constraints import broken_by
from apps.core.errors import Conflict, Invalid
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import PieceNotFound, WholePiece, whole_pieces
from apps.labels import zpl
from apps.labels.facts import facts_of
from apps.labels.layout import placed
from apps.labels.models import LabelTemplate, PrintWay, TagPrint
from apps.labels.selectors import MOST_AT_ONCE, copies_of, fields_of, sheet_of
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Approval, Member, Register
from apps.till.models import PrinterUse
from apps.till.printing import demand_printer, send

# Whose tags are worth printing: pieces that are in the shop's hands, or on their way back.
TAGGED = (
    PieceState.IN_STOCK,
    PieceState.RESERVED,
    PieceState.IN_TRANSIT,
    PieceState.ON_MEMO,
)


@dataclass(eq=False)
class NothingToPrint(Invalid):
    def __str__(self) -> str:
        return _("No piece was chosen. Scan its tag, or type it.")


@dataclass(eq=False)
class TooManyTags(Invalid):
    most: int

    def __str__(self) -> str:
        return _("Up to %(most)s tags are printed at once. Print them in parts.") % {
            "most": self.most
        }


@dataclass(eq=False)
class PieceHasNoTag(Conflict):
    """A piece that is gone: its tag would lie about it."""

    tag: str
    state: str

    def __str__(self) -> str:
        return _("%(tag)s is not in the shop any more: %(state)s. Take it off the list.") % {
            "tag": self.tag,
            "state": PieceState(self.state).label,
        }


@dataclass(eq=False)
class TagsBeingPrinted(Conflict):
    def __str__(self) -> str:
        return _("Somebody printed one of these tags just now. Look again before you print.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The file, and how many of its tags had been printed before."""

    data: bytes
    tags: int
    again: int


def print_tags(
    *,
    tags: Sequence[str],
    template: LabelTemplate,
    way: PrintWay,
    register: Register | None,
    by: Member,
    at: datetime,
    reason: str = "",
    approver: Approver | None = None,
) -> Printed:
    """Make the file of these pieces' tags, send it where `way` says, remember each.

    A tag that was printed before is a reprint: one permission with one reason for all of them.
    What the printer does not take is not remembered.

    Raises NothingToPrint, TooManyTags, PieceNotFound, PieceHasNoTag, SymbolDoesNotFit,
    NotAllowed, ReasonMissing, ApprovalNeeded, PinRefused, PinLocked, TagsBeingPrinted, NoPrinter,
    PrinterSilent, PrinterOutside.
    """
    tags = list(dict.fromkeys(tags))
    pieces = pieces_to_tag(tags)
    data = zpl_of(pieces, template, by=by, at=at)
    before = copies_of(tags)
    with transaction.atomic():
        approval = _permitted(before, by=by, at=at, reason=reason, approver=approver)
        try:
            TagPrint.objects.bulk_create(
                TagPrint(
                    piece=whole.piece,
                    copy=before.get(whole.piece.tag, 0) + 1,
                    template=template.name,
                    way=way,
                    printed_at=at,
                    printed_by=by,
                    approval=approval if whole.piece.tag in before else None,
                )
                for whole in pieces
            )
        except IntegrityError as taken:
            if broken_by(taken) != "labels_tagprint_copy_unique":
                raise
            raise TagsBeingPrinted from taken
        if way == PrintWay.PRINTER:
            assert register is not None, "the door found the till one stands at"
            send(data, demand_printer(register, PrinterUse.LABEL))
    return Printed(data=data, tags=len(pieces), again=len(before))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tag of a list that is not printed, and the sentence why."""

    tag: str
    said: str


def pieces_to_tag(tags: Sequence[str]) -> list[WholePiece]:
    """All of them or none. Raises NothingToPrint, TooManyTags, PieceNotFound, PieceHasNoTag."""
    _demand_some(tags)
    pieces = whole_pieces(tags=[_askable(tag) for tag in tags])
    for whole in pieces:
        if whole.piece.state not in TAGGED:
            raise PieceHasNoTag(tag=whole.piece.tag, state=whole.piece.state)
    return pieces


def sorted_out(tags: Sequence[str]) -> tuple[list[WholePiece], list[LeftOut]]:
    """The pieces of a list that have a tag to print, and those of it that have none.

    Raises NothingToPrint, TooManyTags.
    """
    _demand_some(tags)
    known = set(
        Piece.objects.filter(tag__in=[_askable(tag) for tag in tags]).values_list("tag", flat=True)
    )
    left = {tag: LeftOut(tag, str(PieceNotFound(_askable(tag)))) for tag in tags}
    pieces = []
    for whole in whole_pieces(tags=[tag for tag in tags if tag in known]):
        tag, state = whole.piece.tag, whole.piece.state
        if state in TAGGED:
            pieces.append(whole)
            del left[tag]
        else:
            left[tag] = LeftOut(tag, str(PieceHasNoTag(tag=tag, state=state)))
    return pieces, list(left.values())


def _demand_some(tags: Sequence[str]) -> None:
    if not tags:
        raise NothingToPrint
    if len(tags) > MOST_AT_ONCE:
        raise TooManyTags(most=MOST_AT_ONCE)


def _askable(tag: str) -> str:
    """Without the sign that PostgreSQL cannot even look for."""
    return tag.replace("\x00", "�")


def zpl_of(
    pieces: Sequence[WholePiece], template: LabelTemplate, *, by: Member, at: datetime
) -> bytes:
    """Raises SymbolDoesNotFit."""
    sheet, fields = sheet_of(template), fields_of(template)
    facts = facts_of(pieces, fields=fields, language=template.language, shop=by.shop, at=at)
    return zpl.zpl_of(
        sheet,
        [placed(sheet, fields, one) for one in facts],
        darkness=template.darkness,
        printers_letters=template.printers_letters,
    )


def _permitted(
    before: dict[str, int], *, by: Member, at: datetime, reason: str, approver: Approver | None
) -> Approval | None:
    if not before:
        return None
    return permit(
        Action.REPRINT,
        by=by,
        reason=reason,
        reference=_reference(sorted(before)),
        at=at,
        approver=approver,
    )


def _reference(tags: Sequence[str]) -> str:
    """The first tag that was printed before, and how many more."""
    first = tags[0]
    return first if len(tags) == 1 else f"{first} +{len(tags) - 1}"


def said_of(printed: Printed) -> str:
    """What the clerk is told."""
    return ngettext("%(n)s tag was printed.", "%(n)s tags were printed.", printed.tags) % {
        "n": printed.tags
    }
