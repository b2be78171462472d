"""Slips: by number, by what is still to be done with them, with all that lies on them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.purchasing.models import (
    OldGoldItem,
    OldGoldSlip,
    Photo,
    SlipState,
    SlipVoid,
)
from apps.till.models import Direction, Payment

PAGE_SIZE: Final = 50
FILTERS: Final = ("", "held", "claims", "loose", "voided")


@dataclass(eq=False)
class SlipNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("There is no old-gold slip %(number)s. Check the number on the paper.") % {
            "number": self.number
        }


class PhotoNotFound(NotFound):
    def __str__(self) -> str:
        return _("This photo is not in the shop. Open the slip and choose one there.")


def slip_by_code(code: str, *, to_change: bool = False) -> OldGoldSlip:
    """The slip; `to_change` locks its row until the transaction ends. Raises SlipNotFound."""
    slips = OldGoldSlip.objects.select_related("customer", "register", "by__user", "by__shop")
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        slips = slips.select_for_update(of=("self",))
    try:
        return slips.get(code=code.replace("\x00", ""))
    except OldGoldSlip.DoesNotExist:
        raise SlipNotFound(number=code) from None


def items_of(slip: OldGoldSlip) -> list[OldGoldItem]:
    """Its items in their order, with who tested them, their bag, and their photos' ids."""
    items = list(
        OldGoldItem.objects.filter(slip=slip)
        .select_related("tested_by__user", "bag")
        .order_by("position")
    )
    photos: dict[int, list[int]] = {}
    found = Photo.objects.filter(item__slip=slip).order_by("pk").values_list("item_id", "pk")
    for item_id, pk in found:
        photos.setdefault(item_id, []).append(pk)
    for item in items:
        item.photo_ids = photos.get(item.pk, [])
    return items


def slips(
    *, only: str = "", search: str = "", today: date, before: int | None = None
) -> QuerySet[OldGoldSlip]:
    """Slips, the newest first, each with its `gross_g` and `fine_g` of all items.

    `only`: held (nothing may be melted yet), claims (not used up), loose (in no bag), voided.
    """
    found = OldGoldSlip.objects.select_related("customer", "by__user").annotate(
        pieces=Count("items"),
        gross_g=Sum("items__gross_weight_g"),
        fine_g=Sum("items__fine_weight_g"),
    )
    if only == "held":
        found = found.filter(state=SlipState.TAKEN, hold_until__gt=today)
    elif only == "claims":
        found = found.filter(claim_left__gt=0)
    elif only == "loose":
        loose = OldGoldItem.objects.filter(slip=OuterRef("pk"), bag__isnull=True)
        found = found.filter(Exists(loose), state=SlipState.TAKEN)
    elif only == "voided":
        found = found.filter(state=SlipState.VOIDED)
    words = search.replace("\x00", "").strip()
    if words:
        found = found.filter(
            Q(code__iendswith=words) | Q(seller_name__icontains=words) | Q(seller_phone=words)
        )
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def bought_between(*, first: date, last: date) -> QuerySet[OldGoldItem]:
    """Every item of the slips of these days, void ones too, with slip and seller."""
    return (
        OldGoldItem.objects.filter(slip__day__gte=first, slip__day__lte=last)
        .select_related("slip", "slip__by__user", "slip__by__shop", "slip__identity_paper")
        .order_by("slip_id", "position")
    )


def payments_of(slip: OldGoldSlip) -> QuerySet[Payment]:
    """How a slip and what was left of its claim were paid, in their order."""
    papers = [slip.code, *slip.payouts.values_list("code", flat=True)]
    return Payment.objects.filter(reference__in=papers, direction=Direction.OUT).order_by("pk")


def voids_of(slip: OldGoldSlip) -> QuerySet[SlipVoid]:
    """The void of a slip, if there is one."""
    return SlipVoid.objects.filter(slip=slip).select_related("by__user")


def photo_by_id(pk: int) -> Photo:
    """A picture of this shop. Raises PhotoNotFound."""
    try:
        return Photo.objects.get(pk=pk)
    except Photo.DoesNotExist:
        raise PhotoNotFound from None
