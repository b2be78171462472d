"""A piece that is kept for a customer until a day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.customers.models import Customer
from apps.inventory.models.pieces import Piece
from apps.shops.models import Member, ShopOwned


class ReservationEnd(models.TextChoices):
    RELEASED = "released", _("Released")
    SOLD = "sold", _("Sold")
    EXPIRED = "expired", _("Run out")


class Reservation(ShopOwned):
    """Who a piece is kept for, and through which day of the shop; open while `ended_at` is NULL."""

    piece = models.ForeignKey(Piece, models.PROTECT, related_name="reservations", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    until = models.DateField()  # the last day it is kept
    note = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    # NULL of an ended one: nobody ended it, its day passed.
    ended_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    ending = models.CharField(max_length=8, choices=ReservationEnd, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inventory_reservation_one_open",
                fields=["shop", "piece"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="inventory_reservation_ended",
                condition=Q(ended_at__isnull=True, ending="")
                | Q(ended_at__isnull=False, ending__in=ReservationEnd.values),
            ),
        ]
        indexes = [
            # What runs out, and what is kept for somebody.
            models.Index(
                name="inventory_reservation_open",
                fields=["shop", "until"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"reservation {self.pk}"
