"""Parcels between branches: packed, sent, received piece by piece, missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid
from apps.core.formatting import when
from apps.inventory.models import (
    LineState,
    MovementKind,
    Piece,
    PieceState,
    Place,
    Transfer,
    TransferLine,
    TransferReceipt,
    TransferState,
)
from apps.inventory.selectors import tags_of, whole_pieces
from apps.inventory.selectors.transfers import TransferNotFound, line_of_piece
from apps.inventory.services.losing import cost_of
from apps.inventory.services.moving import demand_open
from apps.inventory.services.numbers import TRANSFER, KeyOfAnother, next_code
from apps.inventory.services.parcels import settle
from apps.inventory.services.sell import demand_for_sale
from apps.inventory.services.steps import step_to
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Branch, Member, Register


@dataclass(eq=False)
class SameBranch(Invalid):
    branch: str

    def __str__(self) -> str:
        return _("The parcel begins and ends in %(branch)s. Choose another branch.") % {
            "branch": self.branch
        }


@dataclass(eq=False)
class ParcelNotOpen(Conflict):
    """`transfer` is its number; empty before it had one."""

    transfer: str
    state: str

    def __str__(self) -> str:
        if self.state == TransferState.DRAFT:
            return _("The parcel was not sent yet. Send it first.")
        if not self.transfer:
            return _("The parcel was given up. Begin a new one.")
        return _("%(transfer)s is %(state)s. Begin a new parcel.") % {
            "transfer": self.transfer,
            "state": str(TransferState(self.state).label).lower(),
        }


class ParcelEmpty(Invalid):
    def __str__(self) -> str:
        return _("There is no piece in the parcel. Scan what goes into it.")


class ParcelChanged(Conflict):
    def __str__(self) -> str:
        return _("The parcel was packed anew while it was sent. Look at its list, then send it.")


@dataclass(eq=False)
class PackedAlready(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is in the parcel already.") % {"tag": self.tag}


@dataclass(eq=False)
class NotInBranch(Conflict):
    tag: str
    branch: str
    source: str

    def __str__(self) -> str:
        return _("%(tag)s lies in %(branch)s, and the parcel leaves %(source)s. Look at it.") % {
            "tag": self.tag,
            "branch": self.branch,
            "source": self.source,
        }


@dataclass(eq=False)
class NotInParcel(Conflict):
    """A piece that came with a parcel and is not on its list."""

    tag: str
    transfer: str

    def __str__(self) -> str:
        return _("%(tag)s is not on the list of %(transfer)s. Lay it aside and ask the sender.") % {
            "tag": self.tag,
            "transfer": self.transfer,
        }


@dataclass(eq=False)
class ReceivedAlready(Conflict):
    tag: str
    transfer: str
    member: str
    at: datetime
    now: datetime

    def __str__(self) -> str:
        return _("%(tag)s of %(transfer)s was received by %(member)s, %(when)s.") % {
            "tag": self.tag,
            "transfer": self.transfer,
            "member": self.member,
            "when": when(self.at, now=self.now),
        }


@dataclass(eq=False)
class WrongBranch(Invalid):
    place: str
    transfer: str

    def __str__(self) -> str:
        return _(
            "%(place)s is in neither branch of %(transfer)s. Choose a place where it arrived."
        ) % {"place": self.place, "transfer": self.transfer}


def begin(
    *, source: Branch, target: Branch, by: Member, at: datetime, key: str, carrier: str = ""
) -> Transfer:
    """Begin a parcel; nothing moves and nothing has a number before it is sent.

    Raises SameBranch, KeyOfAnother.
    """
    if source.pk == target.pk:
        raise SameBranch(branch=source.name)
    with refuse_on({"inventory_transfer_key": KeyOfAnother()}):
        made, _new = Transfer.objects.get_or_create(
            key=key,
            defaults={
                "source": source,
                "target": target,
                "carrier": carrier.strip()[:80],
                "made_at": at,
                "made_by": by,
            },
        )
    return made


@transaction.atomic
def pack(*, transfer: int, tags: Sequence[str]) -> list[Piece]:
    """Put pieces on the list of a parcel; they stay where they lie until it is sent.

    Raises TransferNotFound, ParcelNotOpen, PieceNotFound, PieceNotForSale, NotInBranch,
    PackedAlready.
    """
    parcel = _to_change(transfer, TransferState.DRAFT)
    pieces = [whole.piece for whole in whole_pieces(tags=tags_of(tags))]
    _demand_here(pieces, parcel)
    packed = set(parcel.lines.values_list("piece_id", flat=True))
    for piece in pieces:
        if piece.pk in packed:
            raise PackedAlready(tag=piece.tag)
    TransferLine.objects.bulk_create(
        TransferLine(transfer=parcel, piece=piece, shop_id=piece.shop_id) for piece in pieces
    )
    return pieces


@transaction.atomic
def unpack(*, transfer: int, tag: str) -> None:
    """Take a piece off the list of a parcel; off it already is as good.

    Raises TransferNotFound, ParcelNotOpen.
    """
    parcel = _to_change(transfer, TransferState.DRAFT)
    parcel.lines.filter(piece__tag=tag).delete()


@transaction.atomic
def give_up(*, transfer: int, at: datetime) -> Transfer:
    """Give a parcel up that was not sent. Raises TransferNotFound, ParcelNotOpen."""
    parcel = _to_change(transfer, TransferState.DRAFT)
    parcel.state, parcel.ended_at = TransferState.CANCELLED, at
    parcel.save(update_fields=["state", "ended_at"])
    return parcel


@transaction.atomic
def send(
    *,
    transfer: int,
    reason: str,
    by: Member,
    at: datetime,
    register: Register | None = None,
    approver: Approver | None = None,
) -> Transfer:
    """Let a parcel go: its pieces are on the way, in no place, and not for sale. All or none.

    They stay ours and in the books. The form sent twice sends once. The permission counts what
    our pieces in it cost together.

    Raises TransferNotFound, ParcelNotOpen, ParcelEmpty, ParcelChanged, PieceNotForSale,
    NotInBranch, RegisterNotFound, and what `permit` raises.
    """
    # Pieces before the parcel, like whoever receives it or writes a piece of it off.
    tags = TransferLine.objects.filter(transfer=transfer).values_list("piece__tag", flat=True)
    pieces = [whole.piece for whole in whole_pieces(tags=list(tags), to_change=True)]
    parcel = _to_change(transfer, TransferState.DRAFT, TransferState.SENT)
    if parcel.state == TransferState.SENT:
        if parcel.sent_by_id == by.pk:
            return parcel
        raise ParcelNotOpen(transfer=parcel.code, state=parcel.state)
    if not pieces:
        raise ParcelEmpty
    lines = {line.piece_id: line for line in parcel.lines.all()}
    if lines.keys() != {piece.pk for piece in pieces}:
        raise ParcelChanged
    _demand_here(pieces, parcel)
    for piece in pieces:
        lines[piece.pk].source_place_id = piece.place_id
        lines[piece.pk].state = LineState.SENT
    code = next_code(TRANSFER, register=register, branch=parcel.source)
    permit(
        Action.TRANSFER,
        by=by,
        reason=reason,
        reference=code,
        at=at,
        amount=cost_of(pieces),
        approver=approver,
    )
    TransferLine.objects.bulk_update(lines.values(), ["source_place", "state"])
    step_to(
        pieces,
        MovementKind.SENT,
        place=None,
        by=by,
        at=at,
        reference=code,
        state=PieceState.IN_TRANSIT,
    )
    parcel.code, parcel.state = code, TransferState.SENT
    parcel.sent_at, parcel.sent_by = at, by
    parcel.save(update_fields=["code", "state", "sent_at", "sent_by"])
    return parcel


@transaction.atomic
def receive(
    *, transfer: int, tags: Sequence[str], place: Place, by: Member, at: datetime, key: str
) -> TransferReceipt:
    """Take pieces of a parcel in, into a place where it arrived or where it came from. All or none.

    What does not come stays on the way and is named until it is found or written off. The scan
    sent twice receives once.

    Raises TransferNotFound, ParcelNotOpen, PieceNotFound, NotInParcel, ReceivedAlready,
    PlaceClosed, WrongBranch.
    """
    known = tags_of(tags)
    pieces = [whole.piece for whole in whole_pieces(tags=known, to_change=True)]
    parcel = _to_change(transfer)
    first = TransferReceipt.objects.filter(key=key).first()
    if first is not None:
        if first.transfer_id != parcel.pk:
            raise KeyOfAnother
        return first
    if parcel.state in (TransferState.DRAFT, TransferState.CANCELLED):
        raise ParcelNotOpen(transfer=parcel.code, state=parcel.state)
    demand_open(place)
    if place.branch_id not in (parcel.source_id, parcel.target_id):
        raise WrongBranch(place=place.name, transfer=parcel.code)
    lines = [_line_to_receive(piece, parcel, now=at) for piece in pieces]
    receipt = TransferReceipt.objects.create(transfer=parcel, place=place, at=at, by=by, key=key)
    TransferLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=LineState.RECEIVED, receipt=receipt
    )
    step_to(
        pieces,
        MovementKind.RECEIVED,
        place=place,
        by=by,
        at=at,
        reference=parcel.code,
        state=PieceState.IN_STOCK,
    )
    settle(parcel, at=at)
    return receipt


def _line_to_receive(piece: Piece, parcel: Transfer, *, now: datetime) -> TransferLine:
    line = line_of_piece(parcel, piece)
    if line is None:
        raise NotInParcel(tag=piece.tag, transfer=parcel.code)
    if line.receipt is not None:
        raise ReceivedAlready(
            tag=piece.tag,
            transfer=parcel.code,
            member=str(line.receipt.by.user),
            at=line.receipt.at,
            now=now,
        )
    if line.state != LineState.SENT:
        raise NotInParcel(tag=piece.tag, transfer=parcel.code)
    return line


def _to_change(transfer: int, *states: TransferState) -> Transfer:
    """The parcel, locked. Raises TransferNotFound, ParcelNotOpen."""
    found = (
        Transfer.objects.select_for_update(of=("self",), no_key=True)
        .select_related("source", "target")
        .filter(pk=transfer)
        .first()
    )
    if found is None:
        raise TransferNotFound
    if states and found.state not in states:
        raise ParcelNotOpen(transfer=found.code, state=found.state)
    return found


def _demand_here(pieces: Sequence[Piece], parcel: Transfer) -> None:
    """What is not for sale is not sent; a piece that lies nowhere yet is of every branch."""
    demand_for_sale(pieces)
    places = Place.objects.select_related("branch").in_bulk(
        {piece.place_id for piece in pieces if piece.place_id is not None}
    )
    for piece in pieces:
        lies = places.get(piece.place_id) if piece.place_id else None
        if lies is not None and lies.branch_id != parcel.source_id:
            raise NotInBranch(tag=piece.tag, branch=lies.branch.name, source=parcel.source.name)
