"""What a close asks of the stock: the trays of a branch, and how many pieces lie in each."""

from collections.abc import Sequence

from django.db.models import Count, Q

from apps.inventory.models import Place, PlaceKind
from apps.inventory.selectors import IN_THE_SHOP
from apps.till.asks import Tray


def trays_of(*, branch: int) -> Sequence[Tray]:
    """Trays by name. A reserved piece lies in its tray still."""
    found = (
        Place.objects.filter(branch=branch, kind=PlaceKind.TRAY)
        .annotate(lying=Count("pieces", filter=Q(pieces__state__in=IN_THE_SHOP)))
        .order_by("name")
    )
    return [Tray(place=place.pk, name=place.name, pieces=place.lying) for place in found]
