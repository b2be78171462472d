"""Where pieces lie, and each way they went."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.shops.models import Branch, Member, ShopOwned


class PlaceKind(models.TextChoices):
    SAFE = "safe", _("Safe")
    TRAY = "tray", _("Tray")
    WINDOW = "window", _("Window")
    BENCH = "bench", _("Bench")


class Place(ShopOwned):
    """A safe, a tray, a window: where a piece is looked for."""

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="places", db_index=False)
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=PlaceKind)
    # An empty place that is used no more; its name stays with it, and with its history.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="inventory_place_name_unique", fields=["shop", "name"]),
            models.CheckConstraint(
                name="inventory_place_kind_known", condition=Q(kind__in=PlaceKind.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Custody(ShopOwned):
    """Who answers for a place from a moment on. Never changed: the newest counts."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="custodies", db_index=False)
    # NULL: nobody in particular any more.
    custodian = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    given_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(name="inventory_custody_newest", fields=["shop", "place", "-id"]),
        ]

    def __str__(self) -> str:
        return f"custody {self.pk}"


class MovementKind(models.TextChoices):
    TAKEN_IN = "taken_in", _("Taken in")
    MOVED = "moved", _("Moved")
    SOLD = "sold", _("Sold")
    RESERVED = "reserved", _("Reserved")
    RELEASED = "released", _("Released")
    RETURNED = "returned", _("Taken back")
    SCRAPPED = "scrapped", _("To the old gold")
    SENT = "sent", _("Sent to another branch")
    RECEIVED = "received", _("Received from another branch")
    LENT = "lent", _("Lent on approval")
    CAME_BACK = "came_back", _("Came back from approval")
    GIVEN_BACK = "given_back", _("Given back to its owner")
    BOUGHT = "bought", _("Bought from its owner")
    LOST = "lost", _("Written off")
    FOUND = "found", _("Found again")
    RETAGGED = "retagged", _("Split or joined under other tags")
    CHANGED = "changed", _("Weighed or described anew")


class Movement(ShopOwned):
    """One step of a piece's way: who, when, why. Never changed; the piece's history."""

    piece = models.ForeignKey(
        "inventory.Piece", models.PROTECT, related_name="movements", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MovementKind)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, related_name="+", db_index=False
    )  # where it lies after the step
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reference = models.CharField(max_length=40, blank=True, default="")  # the sale's number …

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="inventory_movement_kind_known", condition=Q(kind__in=MovementKind.values)
            ),
        ]
        indexes = [
            # The history of a piece.
            models.Index(name="inventory_movement_piece", fields=["shop", "piece", "moved_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.moved_at:%Y-%m-%d}"
