"""Claims: what sellers may still take for gold that they gave in exchange."""

from django.db.models import QuerySet

from apps.purchasing.models import ClaimMove, OldGoldSlip, SlipState


def open_claims(*, customer: int | None = None, slip: str = "") -> QuerySet[OldGoldSlip]:
    """Slips of which `claim_left` is more than nothing, the oldest first.

    Of one customer, or the slip of this number alone.
    """
    found = OldGoldSlip.objects.filter(claim_left__gt=0, state=SlipState.TAKEN)
    if customer is not None:
        found = found.filter(customer_id=customer)
    if slip:
        found = found.filter(code=slip.replace("\x00", ""))
    return found.select_related("customer").order_by("pk")


def moves_of(slip: OldGoldSlip) -> QuerySet[ClaimMove]:
    """Where the worth of a slip went, in its order."""
    return ClaimMove.objects.filter(slip=slip).select_related("by__user").order_by("pk")
