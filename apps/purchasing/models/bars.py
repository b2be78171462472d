"""Bars: of our own melts, of suppliers, back from the refiner."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import FULL_FINENESS, GRAMS, MONEY, RATE
from apps.customers.models import Customer
from apps.pricing.models import Metal
from apps.purchasing.models.documents import Document
from apps.shops.models import Member, ShopOwned


class BarState(models.TextChoices):
    HERE = "here", _("In the shop")
    AT_REFINER = "at_refiner", _("At the refiner")
    SETTLED = "settled", _("Settled")


class Bar(ShopOwned):
    """A bar, or metal as it came: what it weighs, what is fine in it, what it cost.

    `code` is the number of the document that brought it: an assay, a receipt, a settlement.
    """

    code = models.CharField(max_length=40)
    metal = models.CharField(max_length=10, choices=Metal)
    gross_g = models.DecimalField(**GRAMS)
    fineness = models.PositiveSmallIntegerField()
    fine_g = models.DecimalField(**GRAMS)
    cost = models.DecimalField(**MONEY)
    arrived_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=BarState, default=BarState.HERE)
    refiner = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_bar_code_unique", fields=["shop", "code"]),
            models.CheckConstraint(
                name="purchasing_bar_possible",
                condition=Q(
                    metal__in=Metal.values,
                    state__in=BarState.values,
                    gross_g__gt=0,
                    fineness__gte=1,
                    fineness__lte=FULL_FINENESS,
                    fine_g__gt=0,
                    fine_g__lte=F("gross_g"),
                    cost__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="purchasing_bar_sent_to_somebody",
                condition=Q(
                    state=BarState.HERE,
                    refiner__isnull=True,
                    sent_at__isnull=True,
                    sent_by__isnull=True,
                )
                | (
                    ~Q(state=BarState.HERE)
                    & Q(refiner__isnull=False, sent_at__isnull=False, sent_by__isnull=False)
                ),
            ),
        ]
        indexes = [models.Index(name="purchasing_bar_state", fields=["shop", "state", "-id"])]

    def __str__(self) -> str:
        return self.code


class SettlementKind(models.TextChoices):
    METAL = "metal", _("In metal")
    MONEY = "money", _("In money")


class Settlement(Document):
    """What a refiner gave for a bar: fine metal, or money at a rate; less their charges.

    gain in grams = credited - fine of the bar. Metal: a new bar of the credited grams.
    Money: amount = credited x rate - charges, received.
    """

    bar = models.ForeignKey(Bar, models.PROTECT, related_name="settlements", db_index=False)
    kind = models.CharField(max_length=6, choices=SettlementKind)
    credited_g = models.DecimalField(**GRAMS)  # fine
    gain_g = models.DecimalField(**GRAMS)
    charges = models.DecimalField(**MONEY)
    rate_per_fine_g = models.DecimalField(**RATE, null=True, blank=True)
    amount = models.DecimalField(**MONEY)  # received; 0 in metal
    gain = models.DecimalField(**MONEY)  # against the bar's cost, charges included

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="purchasing_settlement_code_unique", fields=["shop", "code"]
            ),
            models.UniqueConstraint(name="purchasing_settlement_once", fields=["shop", "bar"]),
            models.UniqueConstraint(
                name="purchasing_settlement_key_unique", fields=["shop", "key"]
            ),
            models.CheckConstraint(
                name="purchasing_settlement_possible",
                condition=Q(credited_g__gt=0, charges__gte=0)
                & (
                    Q(kind=SettlementKind.METAL, rate_per_fine_g__isnull=True, amount=0)
                    | Q(kind=SettlementKind.MONEY, rate_per_fine_g__gt=0, amount__gt=0)
                ),
            ),
        ]
