"""What a line of every passbook says: money and grams, in or out, by which document."""

from django.db import models

from apps.core.units import GRAMS, MONEY, RATE
from apps.shops.models import Member, Shift, ShopOwned


class PassbookLine(ShopOwned):
    """One step of somebody's balance; + is what the shop owes from then on. Never changed.

    `grams` are of the contract's fineness, `fine_g` the same in fine metal, as the ledger has
    them. The rate is the one the grams were bought at: money for a `rate_unit` of metal of
    `rate_fineness` (parts per ten thousand).
    """

    position = models.PositiveSmallIntegerField()
    amount = models.DecimalField(**MONEY)
    grams = models.DecimalField(**GRAMS, default=0)
    fine_g = models.DecimalField(**GRAMS, default=0)
    rate_amount = models.DecimalField(**RATE, null=True, blank=True)
    rate_unit = models.CharField(max_length=8, blank=True, default="")
    rate_fineness = models.PositiveSmallIntegerField(null=True, blank=True)
    reference = models.CharField(max_length=40)  # the document: a receipt, a sale, a pay-out
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    day = models.DateField()  # the shop's day
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    # A repeated request finds its line by the key; the digest tells another request.
    key = models.CharField(max_length=80, null=True)  # noqa: DJ001 - unique among those that have one
    request_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        abstract = True
