"""What a new rate would change in the stock, before it is entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.inventory.models import Piece, PieceMetal
from apps.inventory.selectors import IN_THE_SHOP
from apps.pricing.models import RateSide
from apps.pricing.rules.rates import choose
from apps.pricing.selectors import board_at
from apps.pricing.words import karat_name
from apps.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Followed:
    """A fineness, as a row of the board is one."""

    metal: str
    fineness: int

    @property
    def karat(self) -> str:
        return karat_name(self.metal, self.fineness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Which pieces reprice, and which other finenesses follow because this quote prices them."""

    reprices: bool
    pieces: int
    follows: Sequence[Followed]


def effect_of(*, shop: Shop, metal: str, fineness: int, side: str, at: datetime) -> Effect:
    """What a rate for this fineness would touch. Three queries; one on the side we buy.

    Only sell rates price pieces; pieces with a tag price keep it. A fineness without a rate of
    its own is priced by the purest one. Units: parts per ten thousand.
    """
    if side != RateSide.SELL:
        return Effect(reprices=False, pieces=0, follows=())
    quotes = [
        Followed(metal, rate.fineness)
        for rate in board_at(shop=shop, at=at, metals=(metal,)).quotes.get(metal, ())
        if rate.fineness != fineness
    ] + [Followed(metal, fineness)]
    parts = PieceMetal.objects.filter(
        metal=metal, piece__state__in=IN_THE_SHOP, piece__fixed_price=None
    )
    touched = [
        found
        for found in parts.order_by("-fineness").values_list("fineness", flat=True).distinct()
        if (chosen := choose(quotes, found)) and chosen.fineness == fineness
    ]
    pieces = (
        Piece.objects.filter(pk__in=parts.filter(fineness__in=touched).values("piece_id")).count()
        if touched
        else 0
    )
    return Effect(
        reprices=True,
        pieces=pieces,
        follows=[Followed(metal, found) for found in touched if found != fineness],
    )
