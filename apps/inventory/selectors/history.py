"""The way of one piece: who moved it, when, where to, and why."""

from django.db.models import QuerySet

from apps.inventory.models import Movement, Piece


def history_of(piece: Piece) -> QuerySet[Movement]:
    """Its movements, newest first, with place, person and changes of each; two queries."""
    return (
        Movement.objects.filter(piece=piece)
        .select_related("place", "moved_by__user")
        .prefetch_related("changes")
        .order_by("-moved_at", "-pk")
    )
