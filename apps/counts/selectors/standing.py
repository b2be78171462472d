"""How far a sheet is: what who counts it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from apps.counts.models import CountExpected, CountScan, CountSheet, CountWeighing
from apps.inventory.selectors import IN_THE_SHOP
from apps.lots.models import Lot
from apps.lots.selectors import lots_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetStanding:
    """Tags read, and how many of those expected are among them. Units: grams gross."""

    scanned: int
    unknown: int
    expected: int
    expected_g: Decimal
    seen: int
    seen_g: Decimal


def standing_of(sheet: CountSheet) -> SheetStanding:
    """Two queries."""
    # What was read is hashed once. Asked piece by piece, whatever was read would be gone through
    # for each of them until the tables are analysed: a minute into the count, at the earliest.
    read = CountScan.objects.filter(sheet=sheet, piece__isnull=False)
    was_seen = Q(piece__in=read.values("piece"))
    expected = CountExpected.objects.filter(sheet=sheet).aggregate(
        expected=Count("pk"),
        expected_g=Coalesce(Sum("grams"), Decimal(0)),
        seen=Count("pk", filter=was_seen),
        seen_g=Coalesce(Sum("grams", filter=was_seen), Decimal(0)),
    )
    scans = CountScan.objects.filter(sheet=sheet).aggregate(
        scanned=Count("pk"), unknown=Count("pk", filter=Q(piece__isnull=True))
    )
    return SheetStanding(**expected, **scans)


def last_scans(sheet: CountSheet, *, most: int) -> Sequence[CountScan]:
    """The tags that were read last, newest first, with the piece of each."""
    return list(_scans(sheet).order_by("-pk")[:most])


def put_aside(sheet: CountSheet, *, most: int) -> Sequence[CountScan]:
    """Tags that do not belong to the tray, newest first: no tag of the shop, or of elsewhere."""
    here = Q(piece__place=sheet.place_id, piece__state__in=IN_THE_SHOP)
    strange = _scans(sheet).filter(was_expected=False)
    return list(strange.exclude(here).order_by("-pk")[:most])


def _scans(sheet: CountSheet) -> Any:
    expected = CountExpected.objects.filter(sheet=sheet, piece=OuterRef("piece"))
    return (
        CountScan.objects.filter(sheet=sheet)
        .select_related("piece__place", "by__user")
        .annotate(was_expected=Exists(expected))
    )


def lots_to_weigh(sheet: CountSheet) -> list[dict[str, Any]]:
    """The lots of the tray, each with its last weighing or None: ({"lot", "weighing"}, …)."""
    weighings: dict[int, CountWeighing] = {}
    for each in CountWeighing.objects.filter(sheet=sheet).select_related("lot").order_by("pk"):
        weighings[each.lot_id] = each
    lots: dict[int, Lot] = {lot.pk: lot for lot in lots_in(place=sheet.place_id)}
    lots |= {each.lot_id: each.lot for each in weighings.values() if each.lot_id not in lots}
    ordered = sorted(lots.values(), key=lambda lot: lot.code)
    return [{"lot": lot, "weighing": weighings.get(lot.pk)} for lot in ordered]
