"""Bags and bars: what lies in them, what of it is on hold."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce

from django.db import connection
from django.db.models import (
    Aggregate,
    Count,
    DecimalField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.purchasing.models import Bag, BagState, Bar, BarState, OldGoldItem, Scrap, SlipState


@dataclass(eq=False)
class BagNotFound(NotFound):
    number: int

    def __str__(self) -> str:
        return _("There is no bag %(number)s. Look in the list of bags.") % {"number": self.number}


@dataclass(eq=False)
class BarNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        return _("There is no bar %(code)s. Look in the list of bars.") % {"code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class BagSums:
    """What a bag holds: things, grams as weighed, grams after deductions, fine grams, money."""

    pieces: int
    gross_g: Decimal
    net_g: Decimal
    fine_g: Decimal
    cost: Decimal


def bag_by_number(number: int, *, to_change: bool = False) -> Bag:
    """The bag; `to_change` locks its row until the transaction ends. Raises BagNotFound."""
    bags = Bag.objects.select_related("opened_by__user", "sealed_by__user")
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        bags = bags.select_for_update(of=("self",))
    try:
        return bags.get(number=number)
    except Bag.DoesNotExist:
        raise BagNotFound(number=number) from None


def bags() -> QuerySet[Bag]:
    """Every bag, the newest first, with its sums as `pieces`, `gross_g`, `fine_g`, `cost`."""
    return (
        Bag.objects.select_related("opened_by__user")
        .annotate(
            pieces=_in_bag(Count("pk")),
            gross_g=_in_bag(Sum("gross_weight_g")),
            fine_g=_in_bag(Sum("fine_weight_g")),
            cost=_in_bag(Sum("value")),
        )
        .order_by("-number")
    )


def _in_bag(of: Aggregate) -> Combinable:
    """A sum over what lies in a bag: old gold of strangers and pieces of our own."""
    return reduce(
        operator.add,
        (
            Coalesce(
                Subquery(
                    each.objects.filter(bag=OuterRef("pk"))
                    .order_by()
                    .values("bag")
                    .annotate(sum=of)
                    .values("sum")
                ),
                Value(0),
                output_field=DecimalField(),
            )
            for each in (OldGoldItem, Scrap)
        ),
    )


def open_bags() -> QuerySet[Bag]:
    """Bags that something can still be put into."""
    return Bag.objects.filter(state=BagState.OPEN).order_by("number")


def items_in(bag: Bag) -> QuerySet[OldGoldItem]:
    """What lies in the bag, in the order it was bought."""
    return (
        OldGoldItem.objects.filter(bag=bag)
        .select_related("slip", "tested_by__user")
        .order_by("slip_id", "position")
    )


def scraps_in(bag: Bag) -> QuerySet[Scrap]:
    """Pieces of our own that lie in the bag, in the order they came back."""
    return Scrap.objects.filter(bag=bag).order_by("pk")


def sums_of(items: Sequence[OldGoldItem | Scrap]) -> BagSums:
    """The sums of what lies in a bag."""
    zero = Decimal(0)
    return BagSums(
        pieces=len(items),
        gross_g=sum((item.gross_weight_g for item in items), zero),
        net_g=sum((item.net_weight_g for item in items), zero),
        fine_g=sum((item.fine_weight_g for item in items), zero),
        cost=sum((item.value for item in items), zero),
    )


def to_bag(*, metal: str, today: date, most: int = 200) -> QuerySet[OldGoldItem]:
    """What may be put into a bag now: bought, loose, off hold; the oldest first."""
    return (
        OldGoldItem.objects.filter(
            Q(slip__hold_until__isnull=True) | Q(slip__hold_until__lte=today),
            metal=metal,
            bag__isnull=True,
            slip__state=SlipState.TAKEN,
        )
        .select_related("slip")
        .order_by("slip_id", "position")[:most]
    )


def scraps_to_bag(*, metal: str, most: int = 200) -> QuerySet[Scrap]:
    """Pieces of our own that came back and lie loose; the oldest first."""
    return Scrap.objects.filter(metal=metal, bag__isnull=True).order_by("pk")[:most]


def bar_by_code(code: str, *, to_change: bool = False) -> Bar:
    """The bar; `to_change` locks its row until the transaction ends. Raises BarNotFound."""
    bars_ = Bar.objects.select_related("refiner")
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        bars_ = bars_.select_for_update(of=("self",))
    try:
        return bars_.get(code=code.replace("\x00", ""))
    except Bar.DoesNotExist:
        raise BarNotFound(code=code) from None


def bars(*, settled: bool = False) -> QuerySet[Bar]:
    """Bars that are ours, here or at a refiner; with `settled` those that are not any more."""
    found = Bar.objects.select_related("refiner")
    which = Q(state=BarState.SETTLED)
    return found.filter(which if settled else ~which).order_by("-pk")
