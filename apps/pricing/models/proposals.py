"""A rate that somebody entered and may not set alone: it waits for an owner or a manager."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import RATE
from apps.pricing.models.rates import Metal, RateSide, RateUnit
from apps.shops.models import Member, ShopOwned


class Outcome(models.TextChoices):
    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("Refused")


class RateProposal(ShopOwned):
    """A rate that waits until the shop's day ends. What it says stays; how it ended is added.

    Terms and units as those of MetalRate.
    """

    metal = models.CharField(max_length=10, choices=Metal)
    fineness = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=4, choices=RateSide)
    unit = models.CharField(max_length=8, choices=RateUnit)
    amount = models.DecimalField(**RATE)
    reason = models.CharField(max_length=120)
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    decided_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pricing_rateproposal_possible",
                condition=Q(amount__gt=0, amount__lt=Decimal(10) ** 14)
                & ~Q(reason="")
                & Q(
                    fineness__gte=1,
                    fineness__lte=10_000,
                    metal__in=Metal.values,
                    side__in=RateSide.values,
                    unit__in=RateUnit.values,
                ),
            ),
            models.CheckConstraint(
                name="pricing_rateproposal_decided_by_another",
                condition=Q(outcome="", decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    outcome__in=Outcome.values,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                & ~Q(decided_by=models.F("asked_by")),
            ),
        ]
        indexes = [
            # What waits.
            models.Index(
                name="pricing_rateproposal_waiting",
                fields=["shop", "-id"],
                condition=Q(outcome=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.metal} {self.fineness} {self.side} {self.amount}/{self.unit}"
