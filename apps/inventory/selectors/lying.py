"""Places, and what should lie in each: pieces, grams, who answers for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from apps.inventory.models import Custody, Piece, PieceMetal, Place
from apps.inventory.selectors.listing import IN_THE_SHOP
from apps.shops.models import Member

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """A place and what should be in it. Units: grams; fine grams by metal."""

    place: Place
    pieces: int
    not_ours: int  # of the pieces
    gross_g: Decimal
    fine_g: Sequence[tuple[str, Decimal]]
    custodian: Member | None


def every_place() -> list[Place]:
    """Open and closed places, by name; each with its branch."""
    return list(Place.objects.select_related("branch").order_by("name"))


def place_facts(places: Sequence[Place]) -> list[PlaceFacts]:
    """What should lie in each of these places, in their order. Three queries."""
    ids = [place.pk for place in places]
    sums: dict[int, Any] = {
        row["place"]: row
        for row in Piece.objects.filter(place__in=ids, state__in=IN_THE_SHOP)
        .values("place")
        .annotate(
            pieces=Count("pk"),
            not_ours=Count("pk", filter=~Q(ownership="owned")),
            gross_g=Sum("gross_weight_g"),
        )
        .order_by()
    }
    fine: dict[int, list[tuple[str, Decimal]]] = {}
    for row in (
        PieceMetal.objects.filter(piece__place__in=ids, piece__state__in=IN_THE_SHOP)
        .values("piece__place", "metal")
        .annotate(fine_g=Sum("fine_weight_g"))
        .order_by("-fine_g")
    ):
        fine.setdefault(row["piece__place"], []).append((row["metal"], row["fine_g"]))
    custodians = _custodians(ids)
    return [
        PlaceFacts(
            place=place,
            pieces=found.get("pieces", 0),
            not_ours=found.get("not_ours", 0),
            gross_g=found.get("gross_g") or _ZERO,
            fine_g=fine.get(place.pk, ()),
            custodian=custodians.get(place.pk),
        )
        for place in places
        for found in [sums.get(place.pk, {})]
    ]


def _custodians(places: Sequence[int]) -> dict[int, Member | None]:
    newest = Custody.objects.filter(place=OuterRef("place")).order_by("-pk").values("pk")[:1]
    return {
        found.place_id: found.custodian
        for found in Custody.objects.filter(place__in=places, pk=Subquery(newest)).select_related(
            "custodian__user"
        )
    }


def custodies_of(place: Place) -> list[Custody]:
    """Who answered for a place, newest first."""
    return list(
        Custody.objects.filter(place=place)
        .select_related("custodian__user", "given_by__user")
        .order_by("-pk")[:50]
    )
