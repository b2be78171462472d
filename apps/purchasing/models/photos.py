"""Pictures of what was bought: small enough to live beside the slip, and to go with its backup."""

from typing import Final

from django.db import models
from django.db.models import Q

from apps.purchasing.models.slips import OldGoldItem
from apps.shops.models import Member, ShopOwned

MOST_BYTES: Final = 500_000


class Photo(ShopOwned):
    """A picture of one item, drawn anew from what was uploaded. Never changed."""

    item = models.ForeignKey(OldGoldItem, models.PROTECT, related_name="photos", db_index=False)
    content = models.BinaryField()  # JPEG
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="purchasing_photo_possible", condition=Q(width__gte=1, height__gte=1)
            ),
        ]
        indexes = [models.Index(name="purchasing_photo_item", fields=["shop", "item"])]

    def __str__(self) -> str:
        return f"photo {self.pk}"
