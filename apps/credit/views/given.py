"""What a document was paid by, for the pages that print it."""

from django.db.models import F, QuerySet

from apps.till.models import Direction, Payment


def payments_of(reference: str) -> QuerySet[Payment]:
    """The tenders a document took, as they were entered; `change` is what went back of each."""
    taken = Payment.objects.filter(reference=reference, direction=Direction.IN)
    return taken.annotate(change=F("given") - F("amount")).order_by("position")
