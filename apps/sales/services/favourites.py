"""The shop arranges its favourites: add, take away, move up and down."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from apps.core.constraints import refuse_on
from apps.lots.selectors import lot_by_code
from apps.sales.favourites import favourite_by_id, favourites
from apps.sales.models import Favourite
from apps.sales.price_refusals import FavouriteTwice


@transaction.atomic
def add_favourite(
    *,
    label: str,
    category: str = "",
    metal: str = "",
    fineness: int | None = None,
    net_weight_g: Decimal | None = None,
    lot_code: str = "",
) -> Favourite:
    """A new button, the last of the row. Units: parts per ten thousand, grams.

    Raises FavouriteTwice, LotNotFound.
    """
    last = Favourite.objects.aggregate(last=Max("position"))["last"] or 0
    with refuse_on({"sales_favourite_label": FavouriteTwice(label=label)}):
        return Favourite.objects.create(
            label=label,
            position=last + 1,
            category=category,
            metal=metal,
            fineness=fineness if metal else None,
            net_weight_g=net_weight_g if metal else None,
            lot_code=_code(lot_code),
        )


def _code(lot_code: str) -> str:
    """The lot's code as it is written on it; empty for none. Raises LotNotFound."""
    return lot_by_code(code=lot_code.strip()).code if lot_code.strip() else ""


@transaction.atomic
def remove_favourite(*, pk: int) -> None:
    """Take the button away; no piece changes. Raises FavouriteGone."""
    favourite_by_id(pk).delete()


@transaction.atomic
def move_favourite(*, pk: int, up: bool) -> None:
    """Change places with the one before, or the one after; at an end nothing moves.

    Raises FavouriteGone.
    """
    favourite_by_id(pk)
    order = favourites()
    at = next(index for index, one in enumerate(order) if one.pk == pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    for position, one in enumerate(order, start=1):
        one.position = position
    Favourite.objects.bulk_update(order, ["position"])
