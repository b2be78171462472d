"""Sums of other apps' rows by day, for reports over years. Never the truth: made again at will."""

from django.db import models

from apps.core.units import GRAMS, MONEY
from apps.shops.models import Member, Register, ShopOwned


class SalesDay(ShopOwned):
    """What one person sold of one kind and metal at one till on one day; what came back is less.

    Money stands with the main metal of a piece, grams with each. Units: money with tax inside
    where prices include it, as printed; grams.
    """

    day = models.DateField()
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    seller = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=40)
    metal = models.CharField(max_length=10, blank=True)  # empty: a piece without a metal
    pieces = models.IntegerField()
    net_g = models.DecimalField(**GRAMS)
    fine_g = models.DecimalField(**GRAMS)
    metal_amount = models.DecimalField(**MONEY)
    making = models.DecimalField(**MONEY)
    stones = models.DecimalField(**MONEY)
    extras = models.DecimalField(**MONEY)
    discount = models.DecimalField(**MONEY)
    tax = models.DecimalField(**MONEY)
    total = models.DecimalField(**MONEY)
    cost = models.DecimalField(**MONEY)

    class Meta:
        indexes = [models.Index(name="reports_salesday_day", fields=["shop", "day"])]

    def __str__(self) -> str:
        return f"{self.day} {self.category} {self.metal}"


class TaxDay(ShopOwned):
    """One tax, or one part of it, at one rate on one day, less what came back.

    `base` stands with the first part alone, so that it adds up over parts.
    """

    day = models.DateField()
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    label = models.CharField(max_length=40)
    percent = models.DecimalField(max_digits=9, decimal_places=4)
    part = models.CharField(max_length=40)
    part_percent = models.DecimalField(max_digits=9, decimal_places=4)
    position = models.PositiveSmallIntegerField()
    shown = models.BooleanField()  # false: a margin scheme, whose tax no bill shows
    documents = models.IntegerField()
    base = models.DecimalField(**MONEY)
    amount = models.DecimalField(**MONEY)

    class Meta:
        indexes = [models.Index(name="reports_taxday_day", fields=["shop", "day"])]

    def __str__(self) -> str:
        return f"{self.day} {self.part} {self.amount}"
