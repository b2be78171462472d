"""What is kept for whom: open reservations."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from apps.inventory.models import Piece, Reservation


def reserved_for(piece_ids: Collection[int]) -> dict[int, Reservation]:
    """The open reservation of each of these pieces that has one, its customer included.

    By the id of the piece. One query; none where nothing is asked.
    """
    if not piece_ids:
        return {}
    return {
        found.piece_id: found for found in open_reservations().filter(piece_id__in=list(piece_ids))
    }


def open_reservations() -> QuerySet[Reservation]:
    """What is kept at this moment, what runs out first before the rest; with customer and piece."""
    return (
        Reservation.objects.filter(ended_at__isnull=True)
        .select_related("customer", "piece", "made_by__user")
        .order_by("until", "pk")
    )


def reservations_of(piece: Piece) -> QuerySet[Reservation]:
    """Whom a piece was kept for, newest first."""
    return (
        Reservation.objects.filter(piece=piece)
        .select_related("customer", "made_by__user", "ended_by__user")
        .order_by("-pk")
    )


def run_out(*, day: date) -> QuerySet[Reservation]:
    """Open reservations whose last day was before `day`."""
    return open_reservations().filter(until__lt=day)
