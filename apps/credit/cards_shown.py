"""Reads: the list of gift cards, the moves of one, and what all of them come to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet, Sum

from apps.core.typed import fold_digits
from apps.credit.models import GiftCard, GiftCardMove

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsWanted:
    """`search`: the document's number, or the last four of the code. `before`: a mark."""

    search: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsPage:
    cards: list[GiftCard]
    older: int | None


def cards_page(wanted: CardsWanted) -> CardsPage:
    """The cards, newest first. One query."""
    found = GiftCard.objects.select_related("sold_by__user")
    if wanted.search:
        typed = fold_digits(wanted.search).upper().replace("\x00", "")
        found = found.filter(Q(number=typed) | Q(last4=typed))
    if wanted.before is not None:
        found = found.filter(pk__lt=wanted.before)
    cards = list(found.order_by("-pk")[: PAGE_SIZE + 1])
    more, cards = len(cards) > PAGE_SIZE, cards[:PAGE_SIZE]
    return CardsPage(cards=cards, older=cards[-1].pk if more else None)


def history_of(card: GiftCard) -> QuerySet[GiftCardMove]:
    """Its moves, newest first, with who made each."""
    return GiftCardMove.objects.filter(card=card).select_related("by__user").order_by("-pk")


def outstanding() -> Decimal:
    """What the shop owes on all cards together."""
    total: Decimal | None = GiftCard.objects.filter(balance__gt=0).aggregate(sum=Sum("balance"))[
        "sum"
    ]
    return total if total is not None else Decimal(0)
