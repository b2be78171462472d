"""The sale that is being made at a till. It outlives the page, the session and the browser."""

import uuid

from django.db import models
from django.db.models import Q

from apps.core.units import MONEY, RATE
from apps.customers.models import Customer
from apps.inventory.models import Piece
from apps.shops.models import Member, Register, ShopOwned
from apps.till.kinds import TenderKind


class OpenSale(ShopOwned):
    """What lies on the counter of one till. Its key makes finishing it twice one sale."""

    key = models.UUIDField(default=uuid.uuid4)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer_name = models.CharField(max_length=120, blank=True, default="")
    customer_email = models.EmailField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_opensale_register", fields=["shop", "register"]),
        ]

    def __str__(self) -> str:
        return f"open sale {self.pk}"


class OpenSaleLine(ShopOwned):
    """A piece on the counter. Removed lines stay for a while, so that they can come back."""

    open_sale = models.ForeignKey(OpenSale, models.CASCADE, related_name="lines", db_index=False)
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField()
    removed = models.BooleanField(default=False)
    discount_on = models.CharField(max_length=10, blank=True, default="")  # line, making, stones …
    discount_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    discount_amount = models.DecimalField(**MONEY, null=True)
    discount_reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_opensaleline_piece_once", fields=["shop", "open_sale", "piece"]
            ),
            models.CheckConstraint(
                name="sales_opensaleline_discount_explained",
                condition=Q(discount_on="")
                | (
                    ~Q(discount_reason="")
                    & Q(discount_on__in=["line", "metal", "wastage", "making", "stones"])
                    & (
                        Q(discount_percent__gt=0, discount_percent__lte=100)
                        | Q(discount_amount__gt=0)
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"


class OpenSaleTender(ShopOwned):
    """A payment taken before the sale is finished."""

    open_sale = models.ForeignKey(OpenSale, models.CASCADE, related_name="tenders", db_index=False)
    kind = models.CharField(max_length=16, choices=TenderKind)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3, blank=True, default="")
    foreign = models.DecimalField(**MONEY, null=True, blank=True)
    rate = models.DecimalField(**RATE, null=True, blank=True)
    instrument = models.CharField(max_length=60, blank=True, default="")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sales_opensaletender_possible",
                condition=Q(amount__gt=0, kind__in=TenderKind.values),
            ),
        ]
        indexes = [
            models.Index(name="sales_opensaletender_sale", fields=["shop", "open_sale"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
