"""A piece: one physical article, its metals, its stones, and the terms of its price."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import CARATS, GRAMS, MONEY, MOST_MONEY
from apps.customers.models import Customer
from apps.inventory.models.places import Place
from apps.pricing.models import MakingBasis, Metal
from apps.shops.models import ShopOwned


class PieceState(models.TextChoices):
    IN_STOCK = "in_stock", _("In stock")
    RESERVED = "reserved", _("Reserved")
    SOLD = "sold", _("Sold")
    SCRAPPED = "scrapped", _("Old gold")
    IN_TRANSIT = "in_transit", _("On the way to another branch")
    ON_MEMO = "on_memo", _("Lent on approval")
    SENT_BACK = "sent_back", _("Given back to its owner")
    LOST = "lost", _("Written off")
    RETAGGED = "retagged", _("Split or joined under other tags")


class Ownership(models.TextChoices):
    """Whose the piece is. What is not ours is in our care and our count, never in our books."""

    OWNED = "owned", _("Ours")
    MEMO_IN = "memo_in", _("On approval from its owner")
    CUSTOMER = "customer", _("A customer's")


class MakingMode(models.TextChoices):
    """How the making charge is figured. The words are those of the quote schema."""

    NONE = "none", _("No making charge")
    PERCENT_OF_METAL = "percent_of_metal", _("Percent of the metal")
    PER_GRAM = "per_gram", _("Per gram")
    PER_PIECE = "per_piece", _("Per piece")
    SLAB = "slab", _("By a making table")


class WastageMode(models.TextChoices):
    NONE = "none", _("No wastage")
    PERCENT_OF_VALUE = "percent_of_value", _("Percent of the metal's value")
    PERCENT_OF_WEIGHT = "percent_of_weight", _("Percent of the weight")
    GRAMS = "grams", _("Grams")


class StonePriceMode(models.TextChoices):
    NONE = "none", _("Not priced")
    PER_CARAT = "per_carat", _("Per carat")
    PER_PIECE = "per_piece", _("Per stone")
    FIXED = "fixed", _("Fixed")


def _null_or_possible(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lt": MOST_MONEY})


class Piece(ShopOwned):
    """One physical article with its own tag. Two equal rings are two pieces."""

    tag = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=40)
    # NULL where nobody weighed it: a piece sold by its tag price.
    gross_weight_g = models.DecimalField(**GRAMS, null=True, blank=True)
    making_mode = models.CharField(max_length=20, choices=MakingMode, default=MakingMode.NONE)
    making_value = models.DecimalField(**MONEY, default=0)  # percent, or money per gram or piece
    making_basis = models.CharField(max_length=20, choices=MakingBasis, default=MakingBasis.NET)
    # The code of a making table: its newest version says the charge. Empty for every other mode.
    making_table = models.CharField(max_length=20, blank=True, default="", db_default="")
    wastage_mode = models.CharField(max_length=20, choices=WastageMode, default=WastageMode.NONE)
    wastage_value = models.DecimalField(**MONEY, default=0)  # percent, or grams
    # A tag price: the whole price of the piece, whatever its metal. NULL prices by weight.
    fixed_price = models.DecimalField(**MONEY, null=True, blank=True)
    # Percent of metal, wastage and making. NULL: as the shop's policy says.
    profit_percent = models.DecimalField(**MONEY, null=True, blank=True)
    # A category of the shop's tax pack. Empty: as the pack says.
    tax_category = models.CharField(max_length=40, blank=True, default="", db_default="")
    hallmark = models.CharField(max_length=20, blank=True, default="", db_default="")  # HUID
    # NULL: what the shop's policy says for a piece with a hallmark. 0 charges none.
    hallmark_fee = models.DecimalField(**MONEY, null=True, blank=True)
    # What a second-hand piece was bought for: it is sold under the margin scheme. NULL: it is not.
    margin_purchase_price = models.DecimalField(**MONEY, null=True, blank=True)
    cost = models.DecimalField(**MONEY)
    ownership = models.CharField(
        max_length=8, choices=Ownership, default=Ownership.OWNED, db_default=Ownership.OWNED
    )
    # Whose it is where it is not ours.
    owner = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="pieces", db_index=False
    )
    state = models.CharField(max_length=10, choices=PieceState, default=PieceState.IN_STOCK)
    arrived_at = models.DateTimeField()
    # Tag, name, category and certificates, folded for searching: apps.inventory.search.
    search_text = models.TextField(default="")
    # Its metals once more, as words, so that the stock list filters by them without a join.
    made_of = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="inventory_piece_tag_unique", fields=["shop", "tag"]),
            models.CheckConstraint(
                name="inventory_piece_gross_possible",
                condition=Q(gross_weight_g__isnull=True)
                | Q(gross_weight_g__gt=0, gross_weight_g__lte=100_000),
            ),
            models.CheckConstraint(
                name="inventory_piece_money_possible",
                # The upper bound also keeps NaN out, which PostgreSQL holds above every number.
                condition=Q(
                    cost__gte=0,
                    cost__lt=MOST_MONEY,
                    making_value__gte=0,
                    making_value__lt=MOST_MONEY,
                    wastage_value__gte=0,
                    wastage_value__lt=MOST_MONEY,
                )
                & (Q(fixed_price__isnull=True) | Q(fixed_price__gt=0, fixed_price__lt=MOST_MONEY))
                & _null_or_possible("profit_percent")
                & _null_or_possible("hallmark_fee")
                & _null_or_possible("margin_purchase_price"),
            ),
            models.CheckConstraint(
                name="inventory_piece_tag_written",
                condition=Q(tag__regex=r"^\S(.*\S)?$") & ~Q(name=""),
            ),
            models.CheckConstraint(
                name="inventory_piece_words_known",
                condition=Q(
                    state__in=PieceState.values,
                    making_mode__in=MakingMode.values,
                    making_basis__in=MakingBasis.values,
                    wastage_mode__in=WastageMode.values,
                ),
            ),
            models.CheckConstraint(
                name="inventory_piece_owner_named",
                condition=Q(ownership=Ownership.OWNED, owner__isnull=True)
                | Q(ownership__in=[Ownership.MEMO_IN, Ownership.CUSTOMER], owner__isnull=False),
            ),
            models.CheckConstraint(
                name="inventory_piece_table_named",
                condition=(Q(making_mode="slab") & ~Q(making_table=""))
                | (~Q(making_mode="slab") & Q(making_table="")),
            ),
        ]
        indexes = [
            # The stock list: one shop, one state, newest first. What it is filtered by is
            # included, so that a deep page is counted off without a look at the rows.
            models.Index(
                name="inventory_piece_listed",
                fields=["shop", "state", "-arrived_at", "-id"],
                include=["category", "place", "made_of"],
            ),
            # The categories in use, for the filter of the list.
            models.Index(name="inventory_piece_category", fields=["shop", "category"]),
            # Any part of a tag, name, category or certificate. Found by inventory_find_pieces()
            # alone: row-level security keeps everybody else from a trigram index. The short
            # pending list keeps a search after many sales as fast as before them.
            GinIndex(
                name="inventory_piece_search",
                fields=["shop", "search_text"],
                opclasses=["int8_ops", "gin_trgm_ops"],
                gin_pending_list_limit=256,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.name}"


class PieceMetal(ShopOwned):
    """One metal of a piece. A two-tone ring has two."""

    piece = models.ForeignKey(Piece, models.CASCADE, related_name="metals", db_index=False)
    position = models.PositiveSmallIntegerField()
    metal = models.CharField(max_length=10, choices=Metal)
    fineness = models.PositiveSmallIntegerField()  # parts per ten thousand
    net_weight_g = models.DecimalField(**GRAMS)
    # Net weight × fineness, rounded once to the milligram: what price and ledger share.
    fine_weight_g = models.DecimalField(**GRAMS)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inventory_piecemetal_position", fields=["shop", "piece", "position"]
            ),
            models.CheckConstraint(
                name="inventory_piecemetal_possible",
                condition=Q(
                    fineness__gte=1,
                    fineness__lte=10_000,
                    net_weight_g__gt=0,
                    net_weight_g__lte=100_000,
                    fine_weight_g__gte=0,
                    fine_weight_g__lte=F("net_weight_g"),
                    metal__in=Metal.values,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metal} {self.fineness} {self.net_weight_g} g"


class PieceStone(ShopOwned):
    """Stones of one kind set in a piece."""

    piece = models.ForeignKey(Piece, models.CASCADE, related_name="stones", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=1)
    carats = models.DecimalField(**CARATS, default=0)
    certificate = models.CharField(max_length=60, blank=True, default="")
    certificate_lab = models.CharField(max_length=20, blank=True, default="", db_default="")
    # NULL: what the shop's policy says for certificates of this laboratory. 0 charges none.
    certificate_fee = models.DecimalField(**MONEY, null=True, blank=True)
    price_mode = models.CharField(
        max_length=10, choices=StonePriceMode, default=StonePriceMode.NONE
    )
    price_value = models.DecimalField(**MONEY, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inventory_piecestone_position", fields=["shop", "piece", "position"]
            ),
            models.CheckConstraint(
                name="inventory_piecestone_possible",
                condition=Q(
                    count__gte=1,
                    carats__gte=0,
                    carats__lte=100_000,
                    price_value__gte=0,
                    price_value__lt=MOST_MONEY,
                    price_mode__in=StonePriceMode.values,
                )
                & _null_or_possible("certificate_fee"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.kind} {self.carats} ct"
