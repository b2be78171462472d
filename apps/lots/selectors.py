"""Reads of the lots: one by its code, the list, what moved in one, what they hold together."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.core.typed import fold_digits
from apps.core.units import fine_grams
from apps.inventory.search import search_words
from apps.lots.models import Lot, LotMove
from apps.lots.quantities import Quantity

_ZERO = Decimal(0)


@dataclass(eq=False)
class LotNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        return _("%(code)s is no lot of this shop. Look at the list of lots.") % {
            "code": self.code[:30]
        }


def lot_by_code(*, code: str) -> Lot:
    """A lot with its place. Digits of any script and small letters do. Raises LotNotFound."""
    wanted = fold_digits(code).strip()
    found = (
        Lot.objects.select_related("place__branch").filter(code__iexact=wanted).order_by("pk")
        if "\x00" not in wanted
        else Lot.objects.none()
    )
    lots = list(found[:2])
    for lot in lots:
        if lot.code == wanted:
            return lot
    if not lots:
        raise LotNotFound(code=code.replace("\x00", "�"))
    return lots[0]


def lots_listed(*, search: str = "", empty: bool = False) -> QuerySet[Lot]:
    """Lots by code; those that hold nothing only where `empty` asks for them.

    Every word of `search` occurs in the code, the name, the stone or the category.
    """
    lots = Lot.objects.select_related("place")
    if not empty:
        lots = lots.filter(Q(pieces__gt=0) | Q(grams__gt=0) | Q(carats__gt=0))
    for word in search_words(search):
        lots = lots.filter(
            Q(code__icontains=word)
            | Q(name__icontains=word)
            | Q(stone__icontains=word)
            | Q(category__icontains=word)
        )
    return lots.order_by("code")


def lots_in(*, place: int) -> QuerySet[Lot]:
    """The lots of a place that hold something, by code: what a count weighs there."""
    return Lot.objects.filter(
        Q(pieces__gt=0) | Q(grams__gt=0) | Q(carats__gt=0), place=place
    ).order_by("code")


def moves_of(lot: Lot) -> QuerySet[LotMove]:
    """What went in and out, newest first, with the piece and the person of each."""
    return LotMove.objects.filter(lot=lot).select_related("piece", "by__user").order_by("-pk")


def held_by(lot: Lot) -> Quantity:
    """What is in the lot, as it was read."""
    return Quantity(pieces=lot.pieces, grams=lot.grams, carats=lot.carats)


def sum_of_moves(lot: Lot) -> tuple[Quantity, Decimal]:
    """What its moves come to: has to be what the lot holds, and its cost."""
    found = LotMove.objects.filter(lot=lot).aggregate(
        pieces=Coalesce(Sum("pieces"), 0),
        grams=Coalesce(Sum("grams"), _ZERO),
        carats=Coalesce(Sum("carats"), _ZERO),
        cost=Coalesce(Sum("cost"), _ZERO),
    )
    cost = found.pop("cost")
    return Quantity(**found), cost


def fine_of(lot: Lot) -> Decimal:
    """Fine grams in it: of the whole weight at once, as the books hold them."""
    return fine_grams(lot.grams, lot.fineness) if lot.fineness else _ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSum:
    """Lots of one metal and fineness, or of stones (metal ""), with what they cost."""

    metal: str
    fineness: int | None
    category: str
    lots: int
    pieces: int
    grams: Decimal
    carats: Decimal
    fine_g: Decimal
    cost: Decimal


def sums_of_lots() -> Sequence[LotSum]:
    """What all lots hold, by metal, fineness and kind of goods. One query.

    Fine grams are of each lot by itself, and then added up: that is what the books hold.
    """
    rows = (
        Lot.objects.filter(Q(pieces__gt=0) | Q(grams__gt=0) | Q(carats__gt=0))
        .values("metal", "fineness", "category", "grams", "carats", "pieces", "cost")
        .order_by("metal", "fineness", "category", "pk")
    )
    sums: dict[tuple[str, int | None, str], LotSum] = {}
    for row in rows:
        key = (row["metal"], row["fineness"], row["category"])
        fine = fine_grams(row["grams"], row["fineness"]) if row["fineness"] else _ZERO
        before = sums.get(key)
        sums[key] = LotSum(
            metal=key[0],
            fineness=key[1],
            category=key[2],
            lots=1 + (before.lots if before else 0),
            pieces=row["pieces"] + (before.pieces if before else 0),
            grams=row["grams"] + (before.grams if before else _ZERO),
            carats=row["carats"] + (before.carats if before else _ZERO),
            fine_g=fine + (before.fine_g if before else _ZERO),
            cost=row["cost"] + (before.cost if before else _ZERO),
        )
    return list(sums.values())
