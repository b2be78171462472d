"""What customers pay of their dues."""

from django.db import models
from django.db.models import F, Q

from apps.core.units import MONEY, MOST_MONEY
from apps.customers.models import Customer
from apps.shops.models import Member, Shift, ShopOwned


class DuesPayment(ShopOwned):
    """A payment on account. Never changed. amount = to_dues + to_credit."""

    number = models.CharField(max_length=20)  # 1-P000042
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    amount = models.DecimalField(**MONEY)
    to_dues = models.DecimalField(**MONEY)
    to_credit = models.DecimalField(**MONEY)  # what was more than they owed
    left = models.DecimalField(**MONEY)  # what they owe after it, as printed
    note = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    day = models.DateField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    idempotency_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="credit_duespayment_number", fields=["shop", "number"]),
            models.UniqueConstraint(
                name="credit_duespayment_key", fields=["shop", "idempotency_key"]
            ),
            models.CheckConstraint(
                name="credit_duespayment_adds_up",
                condition=Q(
                    amount=F("to_dues") + F("to_credit"),
                    amount__gt=0,
                    amount__lt=MOST_MONEY,
                    to_dues__gte=0,
                    to_credit__gte=0,
                    left__gte=0,
                ),
            ),
        ]
        indexes = [
            models.Index(name="credit_duespayment_customer", fields=["shop", "customer", "-id"]),
        ]

    def __str__(self) -> str:
        return self.number
