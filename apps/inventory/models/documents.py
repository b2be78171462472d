"""Papers of the stock: write-offs, pieces found again, tags split and joined, what was changed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY
from apps.inventory.models.pieces import Piece
from apps.inventory.models.places import Movement
from apps.shops.models import Member, ShopOwned


class DocumentKind(models.TextChoices):
    WRITE_OFF = "write_off", _("Written off")
    FOUND = "found", _("Found again")
    SPLIT = "split", _("Tag split")
    JOIN = "join", _("Tags joined")


class StockDocument(ShopOwned):
    """One paper of the stock with a gap-free number. Its pieces are the movements that name it."""

    kind = models.CharField(max_length=9, choices=DocumentKind)
    code = models.CharField(max_length=20)  # the number: 1-WO000003
    # What it took out of the books at cost, or brought in. Units: the shop's money.
    amount = models.DecimalField(**MONEY, default=0)
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    # A form that is sent twice makes one paper.
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="inventory_document_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="inventory_document_key", fields=["shop", "key"]),
            models.CheckConstraint(
                name="inventory_document_kind_known", condition=Q(kind__in=DocumentKind.values)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PieceOrigin(ShopOwned):
    """A tag that came from another: the old piece ended as RETAGGED, the new one goes on."""

    document = models.ForeignKey(
        StockDocument, models.PROTECT, related_name="origins", db_index=False
    )
    parent = models.ForeignKey(Piece, models.PROTECT, related_name="children", db_index=False)
    child = models.ForeignKey(Piece, models.PROTECT, related_name="parents", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inventory_pieceorigin_once", fields=["shop", "parent", "child"]
            ),
            models.CheckConstraint(
                name="inventory_pieceorigin_two", condition=~Q(parent=F("child"))
            ),
        ]
        indexes = [models.Index(name="inventory_pieceorigin_child", fields=["shop", "child"])]

    def __str__(self) -> str:
        return f"{self.parent_id} to {self.child_id}"


class PieceChange(ShopOwned):
    """What a movement of kind `changed` changed: one field, as it was and as it is."""

    movement = models.ForeignKey(Movement, models.PROTECT, related_name="changes", db_index=False)
    field = models.CharField(max_length=40)
    before = models.CharField(max_length=200, blank=True, default="")
    after = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inventory_piecechange_once", fields=["shop", "movement", "field"]
            ),
        ]

    def __str__(self) -> str:
        return self.field
