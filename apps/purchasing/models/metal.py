"""Metal bought before its price was agreed, and the price that was agreed later."""

from django.db import models
from django.db.models import Q

from apps.core.units import FULL_FINENESS, GRAMS, MONEY, RATE
from apps.customers.models import Customer
from apps.pricing.models import Metal
from apps.purchasing.models.documents import Document


class MetalReceipt(Document):
    """Metal of a supplier that is ours, at a rate that is not fixed yet.

    Until it is fixed the supplier is owed grams; `provisional` is what stands for them in money.
    """

    supplier = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    metal = models.CharField(max_length=10, choices=Metal)
    gross_g = models.DecimalField(**GRAMS)
    fineness = models.PositiveSmallIntegerField()
    fine_g = models.DecimalField(**GRAMS)
    rate_per_fine_g = models.DecimalField(**RATE)  # provisional
    provisional = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_receipt_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(name="purchasing_receipt_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_receipt_possible",
                condition=Q(
                    metal__in=Metal.values,
                    gross_g__gt=0,
                    fineness__gte=1,
                    fineness__lte=FULL_FINENESS,
                    fine_g__gt=0,
                    rate_per_fine_g__gt=0,
                    provisional__gt=0,
                ),
            ),
        ]
        indexes = [
            models.Index(name="purchasing_receipt_supplier", fields=["shop", "supplier", "metal"])
        ]


class Fixing(Document):
    """Grams that became money at a rate: all that is owed in grams, or a part of it.

    amount = grams x rate, rounded. `provisional` is what stood for these grams before.
    """

    supplier = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    metal = models.CharField(max_length=10, choices=Metal)
    fine_g = models.DecimalField(**GRAMS)
    rate_per_fine_g = models.DecimalField(**RATE)
    amount = models.DecimalField(**MONEY)
    provisional = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_fixing_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(name="purchasing_fixing_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_fixing_possible",
                condition=Q(
                    metal__in=Metal.values,
                    fine_g__gt=0,
                    rate_per_fine_g__gt=0,
                    amount__gt=0,
                    provisional__gte=0,
                ),
            ),
        ]
        indexes = [
            models.Index(name="purchasing_fixing_supplier", fields=["shop", "supplier", "metal"])
        ]
