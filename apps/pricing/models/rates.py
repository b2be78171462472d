"""The rate board: what a metal costs, dated, and who said so."""

from decimal import Decimal
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import RATE
from apps.shops.models import Member, ShopOwned


class Metal(models.TextChoices):
    """Metals a rate can be quoted for. The API speaks these very words."""

    GOLD = "gold", _("Gold")
    SILVER = "silver", _("Silver")
    PLATINUM = "platinum", _("Platinum")
    PALLADIUM = "palladium", _("Palladium")


class RateSide(models.TextChoices):
    """Seen from the shop: it sells pieces at one rate and buys old metal at the other."""

    SELL = "sell", _("We sell")
    BUY = "buy", _("We buy")


class RateUnit(models.TextChoices):
    """The weight a rate is quoted for."""

    GRAM = "g", _("gram")
    TOLA = "tola", _("tola")
    TROY_OUNCE = "ozt", _("troy ounce")
    MITHQAL = "mithqal", _("mithqal")


class RateSource(models.TextChoices):
    BOARD = "board", _("Entered on the board")
    API = "api", _("Sent by a program")
    IMPORT = "import", _("Imported history")
    DEMO = "demo", _("Demo shop")


# Written by a machine into the past, for the chart: nobody stands behind it as the shop's rate.
OF_HISTORY: Final = Q(source__in=[RateSource.IMPORT, RateSource.DEMO], entered_by=None)


class MetalRate(ShopOwned):
    """One quotation, as it was entered. A new one follows it; none is ever changed."""

    metal = models.CharField(max_length=10, choices=Metal)
    # Parts per ten thousand: 9160 is 22 karat. Karat is a label, never the truth.
    fineness = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=4, choices=RateSide)
    unit = models.CharField(max_length=8, choices=RateUnit)
    amount = models.DecimalField(**RATE)  # money per unit of metal of this fineness
    currency = models.CharField(max_length=3)  # the shop's, on the day
    valid_from = models.DateTimeField()
    source = models.CharField(max_length=8, choices=RateSource)
    reason = models.CharField(max_length=120, blank=True, default="")
    entered_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pricing_metalrate_fineness_possible",
                condition=Q(fineness__gte=1, fineness__lte=10_000),
            ),
            models.CheckConstraint(
                # The upper bound also keeps NaN out, which PostgreSQL holds above every number.
                name="pricing_metalrate_amount_positive",
                condition=Q(amount__gt=0, amount__lt=Decimal(10) ** 14),
            ),
            models.CheckConstraint(
                name="pricing_metalrate_words_known",
                condition=Q(
                    metal__in=Metal.values,
                    side__in=RateSide.values,
                    unit__in=RateUnit.values,
                    source__in=RateSource.values,
                ),
            ),
        ]
        indexes = [
            # The board, the history chart, and the rate of a sale: newest first.
            models.Index(
                name="pricing_metalrate_newest",
                fields=["shop", "metal", "side", "fineness", "-valid_from", "-id"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metal} {self.fineness} {self.side} {self.amount}/{self.unit}"
