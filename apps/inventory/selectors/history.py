"""The way of one piece: who moved it, when, where to, and why."""

from django.db.models import QuerySet

from apps.inventory.models import Movement, Piece


def history_of(piece: Piece) -> QuerySet[Movement]:
    """Its movements, newest first, with the place and the person of each; one query."""
    return (
        Movement.objects.filter(piece=piece)
        .select_related("place", "moved_by__user")
        .order_by("-moved_at", "-pk")
    )
