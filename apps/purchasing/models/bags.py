"""Old gold on its way to a bar: bagged, sealed, melted, assayed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import FULL_FINENESS, GRAMS, MONEY
from apps.pricing.models import Metal
from apps.purchasing.models.documents import Document
from apps.shops.models import Member, ShopOwned


class BagState(models.TextChoices):
    OPEN = "open", _("Open")
    SEALED = "sealed", _("Sealed")
    MELTED = "melted", _("Melted")
    ASSAYED = "assayed", _("Assayed")


class Bag(ShopOwned):
    """Items of one metal that are melted together. What lies in it is read from the items."""

    number = models.PositiveIntegerField()
    metal = models.CharField(max_length=10, choices=Metal)
    state = models.CharField(max_length=8, choices=BagState, default=BagState.OPEN)
    note = models.CharField(max_length=200, blank=True, default="")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)  # a second press opens no second bag
    seal = models.CharField(max_length=40, blank=True, default="")  # the number on the seal
    sealed_at = models.DateTimeField(null=True, blank=True)
    sealed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_bag_number_unique", fields=["shop", "number"]),
            models.UniqueConstraint(name="purchasing_bag_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_bag_possible",
                condition=Q(metal__in=Metal.values, state__in=BagState.values),
            ),
            models.CheckConstraint(
                name="purchasing_bag_sealed_by_somebody",
                condition=Q(state=BagState.OPEN, sealed_at__isnull=True, sealed_by__isnull=True)
                | (~Q(state=BagState.OPEN) & Q(sealed_at__isnull=False, sealed_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"bag {self.number}"


class Melt(Document):
    """A bag in the crucible: what went in, what came out. Once."""

    bag = models.ForeignKey(Bag, models.PROTECT, related_name="melts", db_index=False)
    before_g = models.DecimalField(**GRAMS)
    after_g = models.DecimalField(**GRAMS)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_melt_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(name="purchasing_melt_once", fields=["shop", "bag"]),
            models.UniqueConstraint(name="purchasing_melt_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_melt_possible",
                condition=Q(after_g__gt=0, after_g__lte=F("before_g")),
            ),
        ]


class Assay(Document):
    """What the bar of a bag really is, and what that gained or lost.

    fine = bar x fineness; gain in grams = fine - assumed, gain in money = gain in grams x cost /
    assumed, rounded: a loss is below zero.
    """

    bag = models.ForeignKey(Bag, models.PROTECT, related_name="assays", db_index=False)
    fineness = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=12)
    laboratory = models.CharField(max_length=80, blank=True, default="")
    sample_g = models.DecimalField(**GRAMS)  # taken for the test and not given back
    bar_g = models.DecimalField(**GRAMS)
    fine_g = models.DecimalField(**GRAMS)
    assumed_fine_g = models.DecimalField(**GRAMS)
    cost = models.DecimalField(**MONEY)
    gain_g = models.DecimalField(**GRAMS)
    gain = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_assay_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(name="purchasing_assay_once", fields=["shop", "bag"]),
            models.UniqueConstraint(name="purchasing_assay_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_assay_possible",
                condition=Q(
                    fineness__gte=1,
                    fineness__lte=FULL_FINENESS,
                    sample_g__gte=0,
                    bar_g__gt=0,
                    gain_g=F("fine_g") - F("assumed_fine_g"),
                ),
            ),
        ]
