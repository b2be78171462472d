"""Parcels between branches: the list, one of them, what is missing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.inventory.models import LineState, Piece, Transfer, TransferLine

_MOST: Final = 200


class TransferNotFound(NotFound):
    def __str__(self) -> str:
        return _("This parcel is not of this shop. Look for it in the list of transfers.")


def transfers(*, branch: int | None = None) -> QuerySet[Transfer]:
    """Parcels, newest first, with branches, people and the number of pieces; the newest 200."""
    found = (
        Transfer.objects.select_related("source", "target", "made_by__user", "sent_by__user")
        .annotate(
            pieces=Count("lines"),
            on_the_way=Count("lines", filter=Q(lines__state=LineState.SENT)),
        )
        .order_by("-pk")
    )
    if branch is not None:
        found = found.filter(Q(source=branch) | Q(target=branch))
    return found[:_MOST]


def transfer_by_id(pk: int) -> Transfer:
    """Raises TransferNotFound."""
    found = (
        Transfer.objects.select_related("source", "target", "made_by__user", "sent_by__user")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise TransferNotFound
    return found


def lines_of(transfer: Transfer) -> list[TransferLine]:
    """The pieces of a parcel by tag, with where they lay and who received them; two queries."""
    return list(
        transfer.lines.select_related(
            "piece", "source_place", "receipt__by__user", "receipt__place"
        )
        .prefetch_related("piece__metals")
        .order_by("piece__tag")
    )


def line_of_piece(transfer: Transfer, piece: Piece) -> TransferLine | None:
    return transfer.lines.select_related("receipt__by__user").filter(piece=piece).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSums:
    """What a parcel holds. Units: grams."""

    pieces: int
    gross_g: Decimal
    received: int
    on_the_way: int
    lost: int


def sums_of(lines: list[TransferLine]) -> ParcelSums:
    states = [line.state for line in lines]
    return ParcelSums(
        pieces=len(lines),
        gross_g=sum((line.piece.gross_weight_g or Decimal(0) for line in lines), Decimal(0)),
        received=states.count(LineState.RECEIVED),
        on_the_way=states.count(LineState.SENT),
        lost=states.count(LineState.LOST),
    )


def transfer_under_way(piece: Piece) -> Transfer | None:
    """The parcel a piece is on the way with."""
    line = (
        TransferLine.objects.filter(piece=piece, state=LineState.SENT)
        .select_related("transfer__source", "transfer__target")
        .first()
    )
    return line.transfer if line else None
