"""What somebody counted in a drawer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.shops.models import Member, Shift, ShopOwned


class CountKind(models.TextChoices):
    OPENING = "opening", _("The float")
    CLOSING = "closing", _("The close")


class TillCount(ShopOwned):
    """One count of a drawer. Never changed: who counts again makes a second one."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=CountKind)
    number = models.PositiveSmallIntegerField()  # 1st, 2nd … of its kind in the shift
    counted = models.JSONField()  # apps.till.counted.Counted
    # How many entries of the ledger the shift had: one more, and the count is out of date.
    entries = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)  # a form that is sent twice is one count

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="till_tillcount_number", fields=["shop", "shift", "kind", "number"]
            ),
            models.UniqueConstraint(name="till_tillcount_key", fields=["shop", "key"]),
            models.CheckConstraint(
                name="till_tillcount_possible",
                condition=Q(kind__in=CountKind.values, number__gte=1) & ~Q(key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
