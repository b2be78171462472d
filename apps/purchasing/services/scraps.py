"""Pieces of our own that came back wait for a bag, as old gold of strangers does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.purchasing.models import Scrap
from apps.shops.models import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalBack:
    """One metal of a piece that came back. Units: grams; parts per ten thousand; money."""

    tag: str
    position: int
    description: str
    metal: str
    gross_g: Decimal
    net_g: Decimal
    fineness: int
    fine_g: Decimal
    value: Decimal


def add_scraps(metals: Iterable[MetalBack], *, reference: str, by: Member, at: datetime) -> None:
    """Let what a document brought to the old gold be bagged; the document posts it."""
    Scrap.objects.bulk_create(
        Scrap(
            shop_id=by.shop_id,
            reference=reference,
            tag=one.tag,
            position=one.position,
            description=one.description,
            metal=one.metal,
            gross_weight_g=one.gross_g,
            net_weight_g=one.net_g,
            tested_fineness=one.fineness,
            fine_weight_g=one.fine_g,
            value=one.value,
            came_at=at,
        )
        for one in metals
    )
