"""Which tags were printed, when, and by whose hand."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.inventory.models import Piece
from apps.shops.models import Approval, Member, ShopOwned


class PrintWay(models.TextChoices):
    PRINTER = "printer", _("The till's tag printer")
    FILE = "file", _("A file for the printer")


class TagPrint(ShopOwned):
    """One tag that was printed; append-only. Every copy after the first was permitted."""

    piece = models.ForeignKey(Piece, models.PROTECT, related_name="tag_prints", db_index=False)
    copy = models.PositiveSmallIntegerField()  # 1 is the first
    template = models.CharField(max_length=40)  # its name at that moment
    way = models.CharField(max_length=8, choices=PrintWay)
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    approval = models.ForeignKey(
        Approval, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )

    class Meta:
        constraints = [
            # Two people printing one tag at once: only one of the papers is the first.
            models.UniqueConstraint(
                name="labels_tagprint_copy_unique", fields=["shop", "piece", "copy"]
            ),
            models.CheckConstraint(
                name="labels_tagprint_possible",
                condition=Q(way__in=PrintWay.values)
                & (Q(copy=1, approval__isnull=True) | Q(copy__gt=1, approval__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"copy {self.copy}"
