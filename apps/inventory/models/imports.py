"""A file of pieces on its way in: read, looked at, then brought in whole or not at all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.shops.models import Member, ShopOwned


class PieceImport(ShopOwned):
    """One uploaded file, what was read in it, and how far its bringing in has come."""

    class State(models.TextChoices):
        READ = "read", _("Read, nothing brought in yet")
        RUNNING = "running", _("Being brought in")
        DONE = "done", _("Brought in")
        FAILED = "failed", _("Not brought in")

    file_name = models.CharField(max_length=120)
    content = models.BinaryField()
    preview = models.JSONField(
        default=dict
    )  # counts, columns, refused rows: services.intake.preview
    state = models.CharField(max_length=8, choices=State, default=State.READ)
    rows = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True, default="")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="inventory_pieceimport_state_known",
                condition=Q(state__in=["read", "running", "done", "failed"]),
            ),
        ]
        indexes = [
            # Earlier imports on the import page, newest first.
            models.Index(name="inventory_pieceimport_newest", fields=["shop", "-id"]),
        ]

    def __str__(self) -> str:
        return self.file_name
