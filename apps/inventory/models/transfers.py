"""Pieces on their way from one branch to another, and the paper that goes with them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.inventory.models.pieces import Piece
from apps.inventory.models.places import Place
from apps.shops.models import Branch, Member, ShopOwned


class TransferState(models.TextChoices):
    DRAFT = "draft", _("Being packed")
    SENT = "sent", _("On the way")
    PART = "part", _("Received in part")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed, not all of it came")
    CANCELLED = "cancelled", _("Given up")


class LineState(models.TextChoices):
    PACKED = "packed", _("Packed")
    SENT = "sent", _("On the way")
    RECEIVED = "received", _("Received")
    LOST = "lost", _("Written off on the way")


class Transfer(ShopOwned):
    """A parcel between two branches. It has no number before it is sent."""

    code = models.CharField(max_length=20, blank=True, default="")
    source = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=TransferState, default=TransferState.DRAFT)
    carrier = models.CharField(max_length=80, blank=True, default="")  # who carries it
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)  # received, closed or given up
    # A form that is sent twice begins one parcel.
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="inventory_transfer_key", fields=["shop", "key"]),
            models.UniqueConstraint(
                name="inventory_transfer_code", fields=["shop", "code"], condition=~Q(code="")
            ),
            models.CheckConstraint(
                name="inventory_transfer_two_branches", condition=~Q(source=F("target"))
            ),
            models.CheckConstraint(
                name="inventory_transfer_sent_by_somebody",
                condition=Q(state__in=["draft", "cancelled"], code="", sent_at__isnull=True)
                | (
                    Q(
                        state__in=["sent", "part", "received", "closed"],
                        sent_at__isnull=False,
                        sent_by__isnull=False,
                    )
                    & ~Q(code="")
                ),
            ),
        ]
        indexes = [
            # The list of transfers: what is under way first, newest first.
            models.Index(name="inventory_transfer_newest", fields=["shop", "-id"]),
        ]

    def __str__(self) -> str:
        return self.code or f"draft {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (TransferState.SENT, TransferState.PART)


class TransferReceipt(ShopOwned):
    """One unpacking of a parcel: who, when, into which place."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="receipts", db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    # A scan that is sent twice receives once.
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="inventory_transferreceipt_key", fields=["shop", "key"]),
        ]
        indexes = [
            models.Index(name="inventory_transferreceipt_of", fields=["shop", "transfer"]),
        ]

    def __str__(self) -> str:
        return f"receipt {self.pk}"


class TransferLine(ShopOwned):
    """One piece of a parcel."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="lines", db_index=False)
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=LineState, default=LineState.PACKED)
    # Where it lay before it was sent.
    source_place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    receipt = models.ForeignKey(
        TransferReceipt,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inventory_transferline_once", fields=["shop", "transfer", "piece"]
            ),
            # A piece is on one way at a time.
            models.UniqueConstraint(
                name="inventory_transferline_one_way",
                fields=["shop", "piece"],
                condition=Q(state="sent"),
            ),
            models.CheckConstraint(
                name="inventory_transferline_received",
                condition=Q(state="received", receipt__isnull=False)
                | Q(state__in=["packed", "sent", "lost"], receipt__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"
