"""Cash that goes into a drawer or out of it, and pays for no document of the counter."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, MOST_MONEY
from apps.shops.models import Member, Shift, ShopOwned


class MoveKind(models.TextChoices):
    FLOAT = "float", _("Float")
    IN = "in", _("Cash in")
    OUT = "out", _("Cash out")


class MovePlace(models.TextChoices):
    SAFE = "safe", _("The safe")
    BANK = "bank", _("The bank")
    OWNER = "owner", _("The owner")
    EXPENSE = "expense", _("An expense")


class CashMove(ShopOwned):
    """One amount of one currency into or out of a drawer, with its slip. Never changed."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=20)  # as printed: 1-M000042
    kind = models.CharField(max_length=5, choices=MoveKind)
    place = models.CharField(max_length=8, choices=MovePlace)  # where it came from, or went
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(**MONEY)
    reason = models.CharField(max_length=200, blank=True, default="")  # a float explains itself
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="till_cashmove_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="till_cashmove_key", fields=["shop", "key"]),
            models.CheckConstraint(
                name="till_cashmove_possible",
                condition=Q(
                    kind__in=MoveKind.values,
                    place__in=MovePlace.values,
                    amount__gt=0,
                    amount__lt=MOST_MONEY,
                )
                & ~Q(key="")
                & (Q(kind=MoveKind.FLOAT, place=MovePlace.SAFE) | ~Q(reason="")),
            ),
        ]
        indexes = [
            # What went in and out in a shift.
            models.Index(name="till_cashmove_shift", fields=["shop", "shift", "id"]),
        ]

    def __str__(self) -> str:
        return self.code
