"""Every payment over the counter but a sale's own: in, and out."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, MOST_MONEY, RATE
from apps.shops.models import Member, Shift, ShopOwned
from apps.till.kinds import TenderKind


class Direction(models.TextChoices):
    IN = "in", _("Received")
    OUT = "out", _("Paid out")


class Payment(ShopOwned):
    """One tender of a document that is no sale. Never changed.

    `amount` is in the shop's currency; `foreign` of `currency` is what changed
    hands where the cash was of another one: amount = foreign x rate, rounded.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=24)  # as in the ledger: deposit, refund, old-gold …
    reference = models.CharField(max_length=40)  # the document's number
    position = models.PositiveSmallIntegerField()
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=16, choices=TenderKind)
    amount = models.DecimalField(**MONEY)
    given = models.DecimalField(**MONEY)  # handed over; the rest went back as change
    currency = models.CharField(max_length=3)
    foreign = models.DecimalField(**MONEY, null=True, blank=True)
    rate = models.DecimalField(**RATE, null=True, blank=True)
    instrument = models.CharField(max_length=60, blank=True, default="")  # card slip, gift card …
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="till_payment_position",
                fields=["shop", "reference", "direction", "position"],
            ),
            models.CheckConstraint(
                name="till_payment_possible",
                condition=Q(
                    kind__in=TenderKind.values,
                    direction__in=Direction.values,
                    amount__gt=0,
                    given__gte=F("amount"),
                    given__lt=MOST_MONEY,
                )
                & (
                    Q(foreign__isnull=True, rate__isnull=True)
                    | Q(foreign__gt=0, rate__gt=0, kind=TenderKind.CASH)
                ),
            ),
        ]
        indexes = [
            models.Index(name="till_payment_shift", fields=["shop", "shift"]),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.kind} {self.amount}"
