"""Pieces of our own that came back over the counter and are to be melted."""

from django.db import models
from django.db.models import F, Q

from apps.core.units import FULL_FINENESS, GRAMS, MONEY
from apps.pricing.models import Metal
from apps.purchasing.models.bags import Bag
from apps.shops.models import ShopOwned


class Scrap(ShopOwned):
    """One metal of a piece that was taken or bought back and went to the old gold.

    No seller signs for it: the document that brought it back is named. A piece of two metals has
    two rows; its money and its stones lie with the first. Only the bag moves on.
    Units: grams; parts per ten thousand; money.
    """

    # Of the return, the exchange or the buy-back, and which metal of the piece it is.
    reference = models.CharField(max_length=40)
    tag = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=120)
    metal = models.CharField(max_length=10, choices=Metal)
    gross_weight_g = models.DecimalField(**GRAMS)
    net_weight_g = models.DecimalField(**GRAMS)
    tested_fineness = models.PositiveSmallIntegerField()  # as it was sold
    fine_weight_g = models.DecimalField(**GRAMS)
    value = models.DecimalField(**MONEY)  # at what it stands in the old gold
    came_at = models.DateTimeField()
    bag = models.ForeignKey(
        Bag, models.PROTECT, null=True, blank=True, related_name="scraps", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="purchasing_scrap_once", fields=["shop", "reference", "tag", "position"]
            ),
            models.CheckConstraint(
                name="purchasing_scrap_possible",
                condition=Q(
                    metal__in=Metal.values,
                    net_weight_g__gt=0,
                    gross_weight_g__gte=F("net_weight_g"),
                    tested_fineness__gte=1,
                    tested_fineness__lte=FULL_FINENESS,
                    fine_weight_g__gte=0,
                    fine_weight_g__lte=F("net_weight_g"),
                    value__gte=0,
                ),
            ),
        ]
        indexes = [
            models.Index(
                name="purchasing_scrap_bag",
                fields=["shop", "bag"],
                condition=Q(bag__isnull=False),
            ),
            models.Index(
                name="purchasing_scrap_loose",
                fields=["shop", "metal", "-id"],
                condition=Q(bag__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.tag
