"""What the shop knows of somebody beside name and number: sizes, tastes, days, and consent."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, Digits
from apps.customers.models.customers import Customer
from apps.shops.models import Member, ShopOwned

MILLIMETRES: Final[Digits] = {"max_digits": 5, "decimal_places": 1}


class Channel(models.TextChoices):
    PHONE = "phone", _("Phone call")
    SMS = "sms", _("Text message")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")
    POST = "post", _("Letter")


class Profile(ShopOwned):
    """Sizes, tastes and how to reach somebody; a customer has one or none.

    `ring_mm` is the inside circumference of ISO 8653; other standards are worked out of it.
    `consent_at` NULL: they never agreed to be written to, or took it back.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="profiles", db_index=False)
    ring_mm = models.DecimalField(**MILLIMETRES, null=True, blank=True)
    bangle_mm = models.DecimalField(**MILLIMETRES, null=True, blank=True)  # inside diameter
    chain_cm = models.DecimalField(**MILLIMETRES, null=True, blank=True)
    wrist_cm = models.DecimalField(**MILLIMETRES, null=True, blank=True)
    metals = models.JSONField(default=list, blank=True)
    colours = models.CharField(max_length=120, blank=True, default="")
    likes = models.CharField(max_length=300, blank=True, default="")
    dislikes = models.CharField(max_length=300, blank=True, default="")
    # Other numbers than the first: [{"label": "Work", "number": "+971 4 000 0000"}].
    phones = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=5, blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel, blank=True, default="")
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_how = models.CharField(max_length=120, blank=True, default="")
    consent_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="customers_profile_one", fields=["shop", "customer"]),
            models.CheckConstraint(
                name="customers_profile_sizes_possible",
                condition=(Q(ring_mm__isnull=True) | Q(ring_mm__gte=35, ring_mm__lte=90))
                & (Q(bangle_mm__isnull=True) | Q(bangle_mm__gt=0))
                & (Q(chain_cm__isnull=True) | Q(chain_cm__gt=0))
                & (Q(wrist_cm__isnull=True) | Q(wrist_cm__gt=0)),
            ),
            models.CheckConstraint(
                name="customers_profile_consent_explained",
                condition=Q(consent_at__isnull=True) | ~Q(consent_how=""),
            ),
        ]

    def __str__(self) -> str:
        return f"profile {self.pk}"


class OccasionKind(models.TextChoices):
    BIRTH = "birth", _("Birthday")
    WEDDING = "wedding", _("Wedding day")
    OTHER = "other", _("Another day")


class Occasion(ShopOwned):
    """A day of somebody that comes back every year. The birthday follows the date of birth."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="occasions", db_index=False)
    kind = models.CharField(max_length=8, choices=OccasionKind)
    label = models.CharField(max_length=60, blank=True, default="")
    day = models.DateField()
    month_day = models.PositiveSmallIntegerField()  # 131 is the last of January: for the list

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="customers_occasion_possible",
                condition=Q(kind__in=OccasionKind.values, month_day__gte=101, month_day__lte=1231)
                & (~Q(kind=OccasionKind.OTHER) | ~Q(label="")),
            ),
            models.UniqueConstraint(
                name="customers_occasion_one_birthday",
                fields=["shop", "customer"],
                condition=Q(kind=OccasionKind.BIRTH),
            ),
        ]
        indexes = [
            # Whose days come this month.
            models.Index(name="customers_occasion_when", fields=["shop", "month_day"]),
            models.Index(name="customers_occasion_whose", fields=["shop", "customer"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class PaperLook(ShopOwned):
    """Somebody looked at the whole number of a paper, and why. Never changed."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="looks", db_index=False)
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="customers_paperlook_explained", condition=~Q(reason=""))
        ]
        indexes = [
            models.Index(name="customers_paperlook_whose", fields=["shop", "customer", "-id"])
        ]

    def __str__(self) -> str:
        return f"look {self.pk}"


class CashKept(ShopOwned):
    """Cash that a named customer handed over or was handed, in the shop's currency.

    The limits of the law add it up over days (`apps.customers.cash`). A document that is undone
    adds a row below zero. Never changed.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    way = models.CharField(max_length=3)  # in, out
    amount = models.DecimalField(**MONEY)
    what = models.CharField(max_length=24)
    reference = models.CharField(max_length=40)
    day = models.DateField()  # the shop's day
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="customers_cashkept_moves", condition=Q(way__in=["in", "out"]) & ~Q(amount=0)
            )
        ]
        indexes = [
            # What somebody paid in cash over the days of a limit.
            models.Index(
                name="customers_cashkept_window",
                fields=["shop", "customer", "day"],
                include=["way", "amount"],
            ),
            # Undoing a document.
            models.Index(name="customers_cashkept_document", fields=["shop", "reference"]),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.amount}"
