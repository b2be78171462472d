"""How a parcel stands after one of its pieces came or was given up."""

from collections.abc import Sequence
from datetime import datetime

from apps.inventory.models import LineState, Piece, PieceState, Transfer, TransferLine
from apps.inventory.models import TransferState as State


def settle_lost(pieces: Sequence[Piece], *, at: datetime) -> None:
    """Take locked pieces that are given up out of the parcels they were sent in."""
    under_way = [piece.pk for piece in pieces if piece.state == PieceState.IN_TRANSIT]
    if not under_way:
        return
    lines = TransferLine.objects.filter(piece_id__in=under_way, state=LineState.SENT)
    parcels = sorted(set(lines.values_list("transfer_id", flat=True)))
    rows = Transfer.objects.select_for_update(of=("self",), no_key=True)
    for transfer in rows.filter(pk__in=parcels).order_by("pk"):
        lines.filter(transfer=transfer).update(state=LineState.LOST)
        settle(transfer, at=at)


def settle(transfer: Transfer, *, at: datetime) -> None:
    """Write the state of a locked parcel as its lines say it."""
    states = set(transfer.lines.values_list("state", flat=True))
    if LineState.SENT in states:
        state = State.PART if LineState.RECEIVED in states else State.SENT
    else:
        state = State.CLOSED if LineState.LOST in states else State.RECEIVED
    transfer.state = state
    transfer.ended_at = None if transfer.is_under_way else at
    transfer.save(update_fields=["state", "ended_at"])
