"""Making tables: a shop's making charges by the rate of the metal or the weight of the piece."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, MOST_MONEY, RATE
from apps.shops.models import Member, ShopOwned


class SlabBy(models.TextChoices):
    """What chooses the slab. The words are those of the quote schema, here and below."""

    RATE = "rate", _("the rate of a gram")
    WEIGHT = "weight", _("the net weight")


class SlabMode(models.TextChoices):
    PERCENT_OF_METAL = "percent_of_metal", _("Percent of the metal")
    PER_GRAM = "per_gram", _("Per gram")
    PER_PIECE = "per_piece", _("Per piece")


class MakingBasis(models.TextChoices):
    """What a charge is worked out on: a value for a percent, grams for a charge per gram."""

    NET = "net", _("net weight")
    GROSS = "gross", _("gross weight")
    CHARGEABLE = "chargeable", _("chargeable weight")
    METAL = "metal", _("the metal")
    METAL_AND_WASTAGE = "metal_and_wastage", _("metal and wastage")


class MakingTable(ShopOwned):
    """One version of a making table. None is ever changed: the newest of a code counts."""

    code = models.CharField(max_length=20)  # what a piece names
    name = models.CharField(max_length=60)
    by = models.CharField(max_length=6, choices=SlabBy)
    # Of the gram whose rate chooses, parts per ten thousand. NULL: of the piece's own metal.
    fineness = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_from = models.DateTimeField()
    set_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    key = models.UUIDField()  # of the form that made it: sent twice, it makes one version

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pricing_makingtable_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="pricing_makingtable_possible",
                condition=Q(by__in=SlabBy.values, code__regex=r"^[a-z0-9][a-z0-9-]*$")
                & ~Q(name="")
                & (Q(fineness__isnull=True) | Q(fineness__gte=1, fineness__lte=10_000)),
            ),
        ]
        indexes = [
            # The version in force of a code.
            models.Index(
                name="pricing_makingtable_newest", fields=["shop", "code", "-valid_from", "-id"]
            ),
        ]

    def __str__(self) -> str:
        return self.code


class MakingSlab(ShopOwned):
    """The charge of a making table from `start` on. Never changed."""

    table = models.ForeignKey(MakingTable, models.PROTECT, related_name="slabs", db_index=False)
    start = models.DecimalField(**RATE)  # money per gram, or grams
    mode = models.CharField(max_length=20, choices=SlabMode)
    value = models.DecimalField(**MONEY)  # percent, or money per gram or per piece
    basis = models.CharField(max_length=20, choices=MakingBasis, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="pricing_makingslab_start", fields=["shop", "table", "start"]
            ),
            models.CheckConstraint(
                name="pricing_makingslab_possible",
                # The upper bounds also keep NaN out, which PostgreSQL holds above every number.
                condition=Q(
                    start__gte=0,
                    start__lt=Decimal(10) ** 14,
                    value__gte=0,
                    value__lt=MOST_MONEY,
                )
                & (
                    Q(mode="percent_of_metal", basis__in=["metal", "metal_and_wastage"])
                    | Q(mode="per_gram", basis__in=["net", "gross", "chargeable"])
                    | Q(mode="per_piece", basis="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.mode} {self.value}"
