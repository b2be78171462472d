"""Bags: opened, filled, emptied, sealed. What the law has on hold stays loose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.formatting import day as written_day
from apps.pricing.models import Metal
from apps.purchasing.models import Bag, BagState, OldGoldItem, OldGoldSlip, Scrap, SlipState
from apps.purchasing.selectors.bags import bag_by_number, scraps_in
from apps.shops.days import day_of
from apps.shops.models import Member


class BagBeingOpened(Conflict):
    def __str__(self) -> str:
        return _("Somebody else opened a bag at this moment. Open yours again.")


@dataclass(eq=False)
class BagNotOpen(Conflict):
    number: int
    state: str

    def __str__(self) -> str:
        return _("Bag %(number)s is %(state)s. Open another bag.") % {
            "number": self.number,
            "state": str(BagState(self.state).label).lower(),
        }


class NothingToBag(Invalid):
    def __str__(self) -> str:
        return _("Nothing was chosen. Tick what goes into the bag.")


class ItemGone(NotFound):
    def __str__(self) -> str:
        return _("One of the items is not in this shop's old gold. Load the page again.")


@dataclass(eq=False)
class ItemNotLoose(Conflict):
    """`why`: voided, bagged, metal."""

    slip: str
    description: str
    why: str

    def __str__(self) -> str:
        return {
            "voided": _("%(item)s went back to its seller: slip %(slip)s is void."),
            "bagged": _("%(item)s of slip %(slip)s lies in another bag. Take it out there first."),
            "metal": _("%(item)s of slip %(slip)s is of another metal. Put it into its own bag."),
            "elsewhere": _("%(item)s of slip %(slip)s does not lie in this bag."),
        }[self.why] % {"item": self.description, "slip": self.slip}


@dataclass(eq=False)
class OnHold(Conflict):
    """The police may still ask for it."""

    slip: str
    until: date

    def __str__(self) -> str:
        return _("Slip %(slip)s is on hold until %(day)s. Leave its items loose until then.") % {
            "slip": self.slip,
            "day": written_day(self.until),
        }


@transaction.atomic
def open_bag(*, metal: str, key: str, by: Member, at: datetime, note: str = "") -> Bag:
    """A new bag for one metal; a key that came before is answered with its bag.

    Raises BagBeingOpened.
    """
    assert metal in Metal.values, metal
    first = Bag.objects.filter(key=key).first()
    if first is not None:
        return first
    last = Bag.objects.aggregate(last=Max("number"))["last"] or 0
    bag = Bag(
        number=last + 1, metal=metal, note=note.strip()[:200], key=key, opened_at=at, opened_by=by
    )
    busy = BagBeingOpened()
    taken = {"purchasing_bag_number_unique": busy, "purchasing_bag_key_unique": busy}
    with refuse_on(taken):
        bag.save(force_insert=True)
    return bag


@transaction.atomic
def put_in(
    *, bag: int, items: Sequence[int], scraps: Sequence[int] = (), by: Member, at: datetime
) -> Bag:
    """Put loose items into an open bag. What lies in it already stays; all or none.

    `scraps`: pieces of our own that came back; they were never on hold.

    Raises BagNotFound, BagNotOpen, NothingToBag, ItemGone, ItemNotLoose, OnHold.
    """
    into = open_to_change(bag)
    chosen = _locked(items, besides=scraps)
    came_back = _locked_scraps(scraps)
    slips = demand_off_hold(chosen, today=day_of(by.shop, at))
    for item in chosen:
        slip = slips[item.slip_id]
        if slip.state != SlipState.TAKEN:
            raise ItemNotLoose(slip=slip.code, description=item.description, why="voided")
        if item.bag_id not in (None, into.pk):
            raise ItemNotLoose(slip=slip.code, description=item.description, why="bagged")
        if item.metal != into.metal:
            raise ItemNotLoose(slip=slip.code, description=item.description, why="metal")
    for scrap in came_back:
        if scrap.bag_id not in (None, into.pk):
            raise ItemNotLoose(slip=scrap.reference, description=scrap.tag, why="bagged")
        if scrap.metal != into.metal:
            raise ItemNotLoose(slip=scrap.reference, description=scrap.tag, why="metal")
    OldGoldItem.objects.filter(pk__in=[item.pk for item in chosen]).update(bag=into)
    Scrap.objects.filter(pk__in=[scrap.pk for scrap in came_back]).update(bag=into)
    return into


@transaction.atomic
def take_out(*, bag: int, items: Sequence[int], scraps: Sequence[int] = ()) -> Bag:
    """Take items out of an open bag again.

    Raises BagNotFound, BagNotOpen, NothingToBag, ItemGone, ItemNotLoose.
    """
    out_of = open_to_change(bag)
    chosen = _locked(items, besides=scraps)
    came_back = _locked_scraps(scraps)
    for item in chosen:
        if item.bag_id != out_of.pk:
            code = OldGoldSlip.objects.get(pk=item.slip_id).code
            raise ItemNotLoose(slip=code, description=item.description, why="elsewhere")
    for scrap in came_back:
        if scrap.bag_id != out_of.pk:
            raise ItemNotLoose(slip=scrap.reference, description=scrap.tag, why="elsewhere")
    OldGoldItem.objects.filter(pk__in=[item.pk for item in chosen]).update(bag=None)
    Scrap.objects.filter(pk__in=[scrap.pk for scrap in came_back]).update(bag=None)
    return out_of


@transaction.atomic
def seal_bag(*, bag: int, seal: str, by: Member, at: datetime) -> Bag:
    """Close a bag for good; `seal` is the number on its seal.

    A bag that was sealed under the same number is answered as it is.
    Raises BagNotFound, BagNotOpen, NothingToBag.
    """
    closing = bag_by_number(bag, to_change=True)
    if closing.state == BagState.SEALED and closing.seal == seal.strip():
        return closing
    if closing.state != BagState.OPEN:
        raise BagNotOpen(number=closing.number, state=closing.state)
    if not closing.items.exists() and not scraps_in(closing).exists():
        raise NothingToBag
    closing.state, closing.seal = BagState.SEALED, seal.strip()[:40]
    closing.sealed_at, closing.sealed_by = at, by
    closing.save(update_fields=["state", "seal", "sealed_at", "sealed_by"])
    return closing


def open_to_change(number: int) -> Bag:
    """The bag, locked, if it is open. Raises BagNotFound, BagNotOpen."""
    bag = bag_by_number(number, to_change=True)
    if bag.state != BagState.OPEN:
        raise BagNotOpen(number=bag.number, state=bag.state)
    return bag


def demand_off_hold(items: Sequence[OldGoldItem], *, today: date) -> dict[int, OldGoldSlip]:
    """The slips of the items by id, read after the items were locked. Raises OnHold."""
    slips = OldGoldSlip.objects.in_bulk({item.slip_id for item in items})
    for slip in sorted(slips.values(), key=lambda slip: slip.pk):
        if slip.hold_until is not None and slip.hold_until > today:
            raise OnHold(slip=slip.code, until=slip.hold_until)
    return slips


def _locked(items: Sequence[int], *, besides: Sequence[int]) -> list[OldGoldItem]:
    wanted = set(items)
    if not wanted and not besides:
        raise NothingToBag
    found = list(
        OldGoldItem.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    )
    if len(found) != len(wanted):
        raise ItemGone
    return found


def _locked_scraps(scraps: Sequence[int]) -> list[Scrap]:
    wanted = set(scraps)
    found = list(Scrap.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise ItemGone
    return found
