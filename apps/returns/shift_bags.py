"""What a close asks of the returns: pieces that went to the old gold, gross grams by metal."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from apps.returns.models import DocumentLine, Fate


def bags_of(*, shift: int) -> Mapping[str, Decimal]:
    """What was weighed of pieces that go to the bag; a piece of two metals lies with its first."""
    lines = (
        DocumentLine.objects.filter(
            document__shift=shift, fate=Fate.OLD_GOLD, weighed_g__isnull=False
        )
        .select_related("piece")
        .prefetch_related("piece__metals")
    )
    grams: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        metals = sorted(line.piece.metals.all(), key=lambda metal: metal.position)
        if metals and line.weighed_g is not None:
            grams[metals[0].metal] += line.weighed_g
    return dict(grams)
