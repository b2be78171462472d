"""A stock count: some trays of a branch, counted, approved, posted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Piece, Place
from apps.shops.models import Branch, Member, ShopOwned


class CountState(models.TextChoices):
    COUNTING = "counting", _("Being counted")
    POSTED = "posted", _("Approved")
    CANCELLED = "cancelled", _("Given up")


class StockCount(ShopOwned):
    """One count and its number, gap-free in the shop. Once posted it never changes."""

    number = models.PositiveIntegerField()
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    blind = models.BooleanField(default=False)  # who counts is not told what is expected
    note = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=10, choices=CountState, default=CountState.COUNTING)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=200, blank=True, default="")
    # What was found, and what was done about it: apps.counts.snapshot.
    result = models.JSONField(null=True, blank=True)
    # Of the request that began it: sent again, it answers the first one.
    key = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="counts_stockcount_number", fields=["shop", "number"]),
            models.UniqueConstraint(
                name="counts_stockcount_key_unique", fields=["shop", "key"], condition=~Q(key="")
            ),
            models.CheckConstraint(
                name="counts_stockcount_ended_by_somebody",
                condition=Q(state="counting", ended_at__isnull=True, ended_by__isnull=True)
                | Q(
                    state__in=["posted", "cancelled"],
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="counts_stockcount_posted_with_result",
                condition=Q(state="posted", result__isnull=False)
                | (~Q(state="posted") & Q(result__isnull=True)),
            ),
        ]
        indexes = [models.Index(name="counts_stockcount_newest", fields=["shop", "-id"])]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"K{self.number:06d}"


class CountFound(ShopOwned):
    """A piece that a finished count missed, and that turned up after it. Never changed."""

    count = models.ForeignKey(
        StockCount, models.PROTECT, related_name="found_later", db_index=False
    )
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="counts_countfound_once", fields=["shop", "count", "piece"]
            ),
        ]

    def __str__(self) -> str:
        return f"found {self.pk}"
