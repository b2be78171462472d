"""What the shop owes for old gold that was taken in exchange, and where it went."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY
from apps.purchasing.models.documents import Document
from apps.purchasing.models.slips import OldGoldSlip
from apps.shops.models import Member, ShopOwned


class ClaimMoveKind(models.TextChoices):
    USED = "used", _("Used in a sale")
    RELEASED = "released", _("Given back by a void")
    PAID_OUT = "paid_out", _("Paid out")
    VOIDED = "voided", _("Slip voided")


class ClaimMove(ShopOwned):
    """A part of a slip's claim that was used, or came back. Never changed."""

    slip = models.ForeignKey(OldGoldSlip, models.PROTECT, related_name="moves", db_index=False)
    kind = models.CharField(max_length=10, choices=ClaimMoveKind)
    reference = models.CharField(max_length=40)  # of the sale, the payout, the slip's void
    amount = models.DecimalField(**MONEY)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="purchasing_claimmove_once", fields=["shop", "slip", "kind", "reference"]
            ),
            models.CheckConstraint(
                name="purchasing_claimmove_possible",
                condition=Q(kind__in=ClaimMoveKind.values, amount__gt=0) & ~Q(reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class ClaimPayout(Document):
    """What was left of a claim, paid to the seller."""

    slip = models.ForeignKey(OldGoldSlip, models.PROTECT, related_name="payouts", db_index=False)
    amount = models.DecimalField(**MONEY)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_payout_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(name="purchasing_payout_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_payout_possible", condition=Q(amount__gt=0) & ~Q(reason="")
            ),
        ]
