"""The Z reports of the drawers, and what was found out after them."""

from django.db import models
from django.db.models import Q

from apps.core.units import MONEY, MOST_MONEY
from apps.shops.models import Member, Shift, ShopOwned
from apps.till.models.counts import TillCount


class ZReport(ShopOwned):
    """The signed close of one shift, with everything it said. Never changed.

    A mistake in it is put right by a ZCorrection.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    count = models.ForeignKey(TillCount, models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=20)  # as printed: 1-Z000042, gap-free in its till
    day = models.DateField()  # the shop's day on which it was signed
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    snapshot = models.JSONField()  # apps.till.snapshot: what is printed, now and in ten years
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="till_zreport_shift", fields=["shop", "shift"]),
            models.UniqueConstraint(name="till_zreport_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="till_zreport_key", fields=["shop", "key"]),
            models.CheckConstraint(name="till_zreport_keyed", condition=~Q(key="")),
        ]
        indexes = [
            # The list of closes, newest first.
            models.Index(name="till_zreport_newest", fields=["shop", "-id"]),
        ]

    def __str__(self) -> str:
        return self.code


class ZCorrection(ShopOwned):
    """What a finished close had wrong about the cash in the safe. Never changed.

    `amount` above zero: there is more in the safe than the close said; below: less.
    """

    z = models.ForeignKey(ZReport, models.PROTECT, related_name="corrections", db_index=False)
    code = models.CharField(max_length=20)  # as printed: 1-K000042
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(**MONEY)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="till_zcorrection_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="till_zcorrection_key", fields=["shop", "key"]),
            models.CheckConstraint(
                name="till_zcorrection_possible",
                condition=Q(amount__gt=-MOST_MONEY, amount__lt=MOST_MONEY)
                & ~Q(amount=0)
                & ~Q(reason="")
                & ~Q(key=""),
            ),
        ]
        indexes = [
            models.Index(name="till_zcorrection_z", fields=["shop", "z", "id"]),
        ]

    def __str__(self) -> str:
        return self.code
