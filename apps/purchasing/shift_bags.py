"""What a close asks of the old gold: the gross grams that came in during a shift, by metal."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Sum

from apps.purchasing.models import OldGoldItem, SlipState


def bags_of(*, shift: int) -> Mapping[str, Decimal]:
    """Gross grams on the shift's slips that stand, by metal: what its bag must weigh."""
    return dict(
        OldGoldItem.objects.filter(slip__shift=shift, slip__state=SlipState.TAKEN)
        .values_list("metal")
        .annotate(grams=Sum("gross_weight_g"))
        .order_by()
    )
