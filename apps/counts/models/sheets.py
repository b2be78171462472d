"""The sheet of one tray: who counts it, what should be there, what was scanned and weighed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import CARATS, GRAMS
from apps.counts.models.counts import StockCount
from apps.inventory.models import Piece, Place
from apps.lots.models import Lot
from apps.shops.models import Member, ShopOwned


class SheetState(models.TextChoices):
    WAITING = "waiting", _("Not begun")
    COUNTING = "counting", _("Being counted")
    COUNTED = "counted", _("Counted")


class CountSheet(ShopOwned):
    """One tray in one round. Counted again it gets another sheet; the last round counts."""

    count = models.ForeignKey(StockCount, models.PROTECT, related_name="sheets", db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=SheetState, default=SheetState.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)  # when what is expected was read
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="counts_countsheet_round", fields=["shop", "count", "place", "round"]
            ),
            models.CheckConstraint(
                name="counts_countsheet_state_told",
                condition=Q(state="waiting", started_at__isnull=True, counted_at__isnull=True)
                | Q(state="counting", started_at__isnull=False, counted_at__isnull=True)
                | Q(
                    state="counted",
                    started_at__isnull=False,
                    counted_at__isnull=False,
                    counted_by__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class CountHand(ShopOwned):
    """Somebody who counts a sheet, from when until when (NULL: still)."""

    sheet = models.ForeignKey(CountSheet, models.PROTECT, related_name="hands", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="counts_counthand_once",
                fields=["shop", "sheet", "member"],
                condition=Q(until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"hand {self.pk}"


class CountExpected(ShopOwned):
    """A piece that lay in the tray when its sheet was begun. Never changed."""

    sheet = models.ForeignKey(CountSheet, models.PROTECT, related_name="expected", db_index=False)
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    tag = models.CharField(max_length=30)
    grams = models.DecimalField(**GRAMS)  # gross; net where nobody weighed it whole

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="counts_countexpected_once", fields=["shop", "sheet", "piece"]
            ),
        ]

    def __str__(self) -> str:
        return self.tag


class CountScan(ShopOwned):
    """A tag that was read, once for each sheet, whoever read it and however often. Never changed.

    `client` and `seq` name the reading: sent again, it is known for the same one.
    """

    sheet = models.ForeignKey(CountSheet, models.PROTECT, related_name="scans", db_index=False)
    tag = models.CharField(max_length=40)
    # NULL: no tag of the shop.
    piece = models.ForeignKey(
        Piece, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    client = models.CharField(max_length=36, blank=True, default="")
    seq = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="counts_countscan_once", fields=["shop", "sheet", "tag"]),
        ]
        indexes = [
            # What was read last on a sheet.
            models.Index(F("shop"), F("sheet"), F("id").desc(), name="counts_countscan_newest"),
        ]

    def __str__(self) -> str:
        return self.tag


class CountWeighing(ShopOwned):
    """A lot on the scale: what it held by the books at that moment, and what was found.

    Never changed; the newest of a lot counts.
    """

    sheet = models.ForeignKey(CountSheet, models.PROTECT, related_name="weighings", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", db_index=False)
    held_pieces = models.PositiveIntegerField()
    held_grams = models.DecimalField(**GRAMS)
    held_carats = models.DecimalField(**CARATS)
    found_pieces = models.PositiveIntegerField()
    found_grams = models.DecimalField(**GRAMS)
    found_carats = models.DecimalField(**CARATS)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="counts_countweighing_possible",
                condition=Q(found_grams__gte=0, found_carats__gte=0),
            ),
        ]
        indexes = [
            models.Index(name="counts_countweighing_sheet", fields=["shop", "sheet", "lot", "-id"])
        ]

    def __str__(self) -> str:
        return f"weighing {self.pk}"
