"""What one unit of foreign cash is worth at the counter."""

from django.db import models
from django.db.models import Q

from apps.core.units import RATE
from apps.shops.models import Member, ShopOwned


class CashRate(ShopOwned):
    """From when on the shop takes a currency at which rate. Never changed: the newest counts."""

    currency = models.CharField(max_length=3)
    rate = models.DecimalField(**RATE)  # money of the shop for one unit of it
    valid_from = models.DateTimeField()
    set_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="credit_cashrate_positive", condition=Q(rate__gt=0)),
        ]
        indexes = [
            # The board: the newest of each currency.
            models.Index(
                name="credit_cashrate_newest", fields=["shop", "currency", "-valid_from", "-id"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate}"
