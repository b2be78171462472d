"""When a document left the shop on paper, and by whose hand."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.returns.models.documents import Document
from apps.shops.models import Member, ShopOwned


class Paper(models.TextChoices):
    A4 = "a4", _("A4")
    ROLL = "80", _("80 mm")


class DocumentPrint(ShopOwned):
    """One printing of a document; append-only. `copy` counts them, the first is the original."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="prints", db_index=False)
    paper = models.CharField(max_length=4, choices=Paper)
    copy = models.PositiveSmallIntegerField()
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            # Two printers at once: only one of the papers is the original.
            models.UniqueConstraint(
                name="returns_documentprint_copy_unique", fields=["shop", "document", "copy"]
            ),
            models.CheckConstraint(
                name="returns_documentprint_possible",
                condition=Q(paper__in=Paper.values, copy__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper} {self.copy}"
