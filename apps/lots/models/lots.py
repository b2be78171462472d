"""A lot: goods that have no tag of their own each, held at average cost; and each of its moves."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import CARATS, GRAMS, MONEY, MOST_MONEY
from apps.inventory.models import MakingMode, Piece, Place, WastageMode
from apps.pricing.models import Metal
from apps.shops.models import Member, ShopOwned


class LotKind(models.TextChoices):
    METAL = "metal", _("Metal, by the gram")
    STONES = "stones", _("Stones, by the carat")


class LotMode(models.TextChoices):
    """What is counted when something comes in or goes out."""

    PER_PIECE = "per_piece", _("Pieces alone")
    PIECE_AND_MEASURE = "piece_and_measure", _("Pieces and weight")
    MEASURE = "measure", _("Weight alone")
    MIXED = "mixed", _("Pieces or weight, as it comes")


class LotPrice(models.TextChoices):
    """What a part of the lot is sold for."""

    BY_RATE = "by_rate", _("The day's rate, with its charges")
    PER_GRAM = "per_gram", _("A price per gram")
    PER_CARAT = "per_carat", _("A price per carat")
    PER_PIECE = "per_piece", _("A price per piece")


class Lot(ShopOwned):
    """Loose goods under one code. What it holds is the sum of its moves, kept here under lock."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=8, choices=LotKind)
    mode = models.CharField(max_length=20, choices=LotMode)
    metal = models.CharField(max_length=10, choices=Metal, blank=True, default="")
    fineness = models.PositiveSmallIntegerField(null=True, blank=True)  # parts per ten thousand
    stone = models.CharField(max_length=40, blank=True, default="")  # what kind of stones
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="lots", db_index=False
    )
    price_mode = models.CharField(max_length=10, choices=LotPrice, default=LotPrice.BY_RATE)
    price_value = models.DecimalField(**MONEY, default=0)  # money per gram, carat or piece
    making_mode = models.CharField(max_length=20, choices=MakingMode, default=MakingMode.NONE)
    making_value = models.DecimalField(**MONEY, default=0)  # percent, or money per gram or piece
    wastage_mode = models.CharField(max_length=20, choices=WastageMode, default=WastageMode.NONE)
    wastage_value = models.DecimalField(**MONEY, default=0)  # percent, or grams
    tax_category = models.CharField(max_length=40, blank=True, default="")
    # What is in it now.
    pieces = models.IntegerField(default=0)
    grams = models.DecimalField(**GRAMS, default=0)
    carats = models.DecimalField(**CARATS, default=0)
    cost = models.DecimalField(**MONEY, default=0)
    parts = models.PositiveIntegerField(default=0)  # the last number given to a part: its tag
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lots_lot_code_unique", fields=["shop", "code"]),
            models.CheckConstraint(
                name="lots_lot_written", condition=Q(code__regex=r"^\S(.*\S)?$") & ~Q(name="")
            ),
            models.CheckConstraint(
                name="lots_lot_words_known",
                condition=Q(
                    mode__in=LotMode.values,
                    price_mode__in=LotPrice.values,
                    making_mode__in=[mode for mode in MakingMode.values if mode != "slab"],
                    wastage_mode__in=WastageMode.values,
                ),
            ),
            models.CheckConstraint(
                name="lots_lot_of_one_kind",
                condition=Q(
                    kind="metal",
                    metal__in=Metal.values,
                    fineness__gte=1,
                    fineness__lte=10_000,
                    stone="",
                    carats=0,
                )
                | (Q(kind="stones", metal="", fineness__isnull=True, grams=0) & ~Q(stone="")),
            ),
            models.CheckConstraint(
                name="lots_lot_never_below_nothing",
                condition=Q(
                    pieces__gte=0, grams__gte=0, carats__gte=0, cost__gte=0, cost__lt=MOST_MONEY
                ),
            ),
            # What holds nothing is worth nothing: the last part takes the rest of the cost.
            models.CheckConstraint(
                name="lots_lot_empty_costs_nothing",
                condition=Q(pieces__gt=0) | Q(grams__gt=0) | Q(carats__gt=0) | Q(cost=0),
            ),
            models.CheckConstraint(
                name="lots_lot_prices_possible",
                condition=Q(
                    price_value__gte=0,
                    price_value__lt=MOST_MONEY,
                    making_value__gte=0,
                    making_value__lt=MOST_MONEY,
                    wastage_value__gte=0,
                    wastage_value__lt=MOST_MONEY,
                ),
            ),
        ]
        indexes = [
            # The lots that lie in a place: what a count weighs there.
            models.Index(name="lots_lot_place", fields=["shop", "place"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_empty(self) -> bool:
        return not (self.pieces or self.grams or self.carats)


class LotMoveKind(models.TextChoices):
    IN = "in", _("Came in")
    DRAWN = "drawn", _("Drawn as a piece")
    PUT_BACK = "put_back", _("Put back")
    COUNTED = "counted", _("Counted")
    WRITTEN_OFF = "written_off", _("Written off")


class LotMove(ShopOwned):
    """What went into a lot (+) or out of it (−): pieces, weight and cost. Never changed."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="moves", db_index=False)
    kind = models.CharField(max_length=12, choices=LotMoveKind)
    pieces = models.IntegerField(default=0)
    grams = models.DecimalField(**GRAMS, default=0)
    carats = models.DecimalField(**CARATS, default=0)
    cost = models.DecimalField(**MONEY, default=0)
    # The piece that was made of it, or put back into it.
    piece = models.ForeignKey(
        Piece, models.PROTECT, null=True, blank=True, related_name="lot_moves", db_index=False
    )
    reference = models.CharField(max_length=40, blank=True, default="")  # an invoice, a count …
    # Of the request that made it: sent again, it answers the first one.
    key = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lots_lotmove_goes_its_way",
                condition=Q(
                    kind="in",
                    pieces__gte=0,
                    grams__gte=0,
                    carats__gte=0,
                    cost__gte=0,
                    piece__isnull=True,
                )
                | Q(
                    kind="drawn",
                    pieces__lte=0,
                    grams__lte=0,
                    carats__lte=0,
                    cost__lte=0,
                    piece__isnull=False,
                )
                | Q(
                    kind="put_back",
                    pieces__gte=0,
                    grams__gte=0,
                    carats__gte=0,
                    cost__gte=0,
                    piece__isnull=False,
                )
                | Q(kind="counted", piece__isnull=True)
                | Q(
                    kind="written_off",
                    pieces__lte=0,
                    grams__lte=0,
                    carats__lte=0,
                    cost__lte=0,
                    piece__isnull=True,
                ),
            ),
            # A piece is drawn once and put back once.
            models.UniqueConstraint(
                name="lots_lotmove_piece_once",
                fields=["shop", "piece", "kind"],
                condition=Q(piece__isnull=False),
            ),
            models.UniqueConstraint(
                name="lots_lotmove_key_unique", fields=["shop", "key"], condition=~Q(key="")
            ),
        ]
        indexes = [
            # The history of a lot.
            models.Index(F("shop"), F("lot"), F("id").desc(), name="lots_lotmove_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pieces} {self.grams} g {self.carats} ct"
