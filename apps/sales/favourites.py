"""Reads of favourites: the buttons of the counter, and the piece that a press means."""

from apps.inventory.models import Piece, PieceState
from apps.sales.models import Favourite, OpenSaleLine
from apps.sales.price_refusals import FavouriteGone, NoneInStock


def favourites() -> list[Favourite]:
    """The shop's favourites in their order. One query."""
    return list(Favourite.objects.order_by("position", "pk"))


def favourite_by_id(pk: int) -> Favourite:
    """Raises FavouriteGone."""
    try:
        return Favourite.objects.get(pk=pk)
    except Favourite.DoesNotExist:
        raise FavouriteGone from None


def tag_for(favourite: Favourite) -> str:
    """The tag of the oldest piece in stock that matches and lies on no counter.

    Raises NoneInStock.
    """
    pieces = Piece.objects.filter(
        state=PieceState.IN_STOCK, category__iexact=favourite.category
    ).exclude(pk__in=OpenSaleLine.objects.filter(removed=False).values("piece"))
    wanted = {
        "metals__metal": favourite.metal or None,
        "metals__fineness": favourite.fineness,
        "metals__net_weight_g": favourite.net_weight_g,
    }
    pieces = pieces.filter(**{name: value for name, value in wanted.items() if value is not None})
    tag = pieces.order_by("arrived_at", "pk").values_list("tag", flat=True).first()
    if tag is None:
        raise NoneInStock(label=favourite.label)
    return tag
