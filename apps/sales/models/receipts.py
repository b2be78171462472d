"""When a bill left the shop: on which paper, when, and by whose hand."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.sales.models.finished import Sale
from apps.shops.models import Member, ShopOwned


class Paper(models.TextChoices):
    A4 = "a4", _("A4")
    A5 = "a5", _("A5")
    ROLL = "80", _("80 mm")
    MAIL = "mail", _("Mail")


class ReceiptPrint(ShopOwned):
    """One printing of a bill; append-only.

    `copy` counts what came out on paper, the first being the original. A mail is no copy: the
    first paper after it is still the original.
    """

    sale = models.ForeignKey(Sale, models.PROTECT, related_name="prints", db_index=False)
    paper = models.CharField(max_length=4, choices=Paper)
    copy = models.PositiveSmallIntegerField(null=True, blank=True)
    printed_at = models.DateTimeField()
    # NULL for a mail, which nobody sends by hand.
    printed_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )

    class Meta:
        constraints = [
            # Two tills printing at once: only one of the papers is the original.
            models.UniqueConstraint(
                name="sales_receiptprint_copy_unique", fields=["shop", "sale", "copy"]
            ),
            models.UniqueConstraint(
                name="sales_receiptprint_mailed_once",
                fields=["shop", "sale"],
                condition=Q(paper=Paper.MAIL),
            ),
            models.CheckConstraint(
                name="sales_receiptprint_possible",
                condition=Q(paper=Paper.MAIL, copy__isnull=True)
                | Q(
                    paper__in=[Paper.A4, Paper.A5, Paper.ROLL],
                    copy__isnull=False,  # a check that is NULL would pass
                    copy__gte=1,
                    printed_by__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper} {self.copy or ''}".strip()
