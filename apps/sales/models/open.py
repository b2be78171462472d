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
    """What lies on the counter of one till. Its key makes finishing it twice one sale.

    A till has one that it works on, and any number that are held: those keep their pieces.
    """

    key = models.UUIDField(default=uuid.uuid4)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer_name = models.CharField(max_length=120, blank=True, default="")
    customer_email = models.EmailField(blank=True, default="")
    # What the customer's display speaks; empty: the language of who asks for it.
    language = models.CharField(max_length=5, blank=True, default="")
    held_at = models.DateTimeField(null=True)  # NULL: it is the one the till works on
    held_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    # The board that its lines are priced by, for the shop's hold time; NULL: that of now.
    rates_at = models.DateTimeField(null=True)
    rates_kept_at = models.DateTimeField(null=True)  # up to when a newer board was declined

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_opensale_register",
                fields=["shop", "register"],
                condition=Q(held_at__isnull=True),
            ),
            models.CheckConstraint(
                name="sales_opensale_held_by_somebody",
                condition=Q(held_at__isnull=True, held_by__isnull=True)
                | Q(held_at__isnull=False, held_by__isnull=False),
            ),
        ]
        indexes = [
            # The list of held sales, and what they reserve.
            models.Index(
                name="sales_opensale_held",
                fields=["shop", "held_at"],
                condition=Q(held_at__isnull=False),
            ),
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
    # Who gave it and who agreed; NULL beside a discount: nobody else was needed.
    discount_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    discount_approved_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    discount_at = models.DateTimeField(null=True)
    raised_amount = models.DecimalField(**MONEY, null=True)  # agreed on top, before tax

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sales_opensaleline_raised_possible",
                condition=Q(raised_amount__isnull=True) | Q(raised_amount__gt=0, discount_on=""),
            ),
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
