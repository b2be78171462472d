"""Pieces that are sold without looking for their tag: coins, bars, boxes."""

from django.db import models
from django.db.models import Q

from apps.core.units import GRAMS
from apps.pricing.models import Metal
from apps.shops.models import ShopOwned


class Favourite(ShopOwned):
    """A button of the counter: its press puts the oldest piece in stock that matches on the sale.

    What is empty matches every piece: a kind alone is any piece of that kind.
    """

    label = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=40, blank=True, default="")
    metal = models.CharField(max_length=10, choices=Metal, blank=True, default="")
    fineness = models.PositiveSmallIntegerField(null=True)  # parts per ten thousand
    net_weight_g = models.DecimalField(**GRAMS, null=True)
    # Or a lot, of which a part is weighed off; empty: pieces with tags.
    lot_code = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_favourite_label", fields=["shop", "label"]),
            models.CheckConstraint(
                name="sales_favourite_possible",
                condition=~Q(label="")
                & (
                    (~Q(category="") & Q(lot_code=""))
                    | (Q(category="", metal="") & ~Q(lot_code=""))
                )
                & (Q(metal="") | Q(metal__in=Metal.values))
                & (
                    Q(fineness__isnull=True)
                    | (Q(fineness__gt=0, fineness__lte=10000) & ~Q(metal=""))
                )
                & (Q(net_weight_g__isnull=True) | (Q(net_weight_g__gt=0) & ~Q(metal=""))),
            ),
        ]
        indexes = [
            # The buttons in their order.
            models.Index(name="sales_favourite_order", fields=["shop", "position"]),
        ]

    def __str__(self) -> str:
        return self.label
