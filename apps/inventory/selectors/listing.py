"""The stock list: its pages, its search, and what a result comes to.

The search is a function of the database (migration `find_pieces`), because row-level security
keeps PostgreSQL from using an index for it. It gives ids; the rows are read under the policy.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.inventory.models import Piece, PieceState, Place
from apps.inventory.search import search_words
from apps.inventory.selectors.whole import WholePiece, whole_pieces_by_id

PAGE_SIZE: Final = 50
# What can be laid a hand on; a reserved piece is still there.
IN_THE_SHOP: Final = (PieceState.IN_STOCK.value, PieceState.RESERVED.value)
# What is ours and in the books, where the piece is owned: it need not be in the shop.
IN_THE_BOOKS: Final = (
    *IN_THE_SHOP,
    PieceState.IN_TRANSIT.value,
    PieceState.ON_MEMO.value,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(eq=False)
class PlaceInListUnknown(Invalid):
    """The address of a page of the list that cannot be read."""

    given: str

    def __str__(self) -> str:
        return _("%(given)s marks no place in the list. Open the stock list again.") % {
            "given": self.given[:40] or "“”"
        }


@dataclass(eq=False)
class PlaceNotFound(Invalid):
    place: str

    def __str__(self) -> str:
        return _("No safe, tray or window of this shop is called %(place)s. Check the name.") % {
            "place": self.place
        }


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of the list as an address holds it; the next page begins beyond it."""

    arrived_at: datetime
    piece_id: int

    def __str__(self) -> str:
        return f"{(self.arrived_at - _EPOCH) // _MICROSECOND}-{self.piece_id}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The mark that `str()` wrote. Raises PlaceInListUnknown."""
        moment, dash, piece_id = text.partition("-")
        digits = moment + piece_id
        if not (dash and moment and piece_id and digits.isascii() and digits.isdigit()):
            raise PlaceInListUnknown(given=text)
        # Both fit a bigint, and the moment a calendar, or nobody's list has been there.
        if len(moment) > 17 or len(piece_id) > 18:
            raise PlaceInListUnknown(given=text)
        return cls(_EPOCH + int(moment) * _MICROSECOND, int(piece_id))

    @classmethod
    def of(cls, piece: Piece) -> Self:
        return cls(piece.arrived_at, piece.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pieces a list shows: words that must all occur, and filters; empty is no filter."""

    search: str = ""
    states: tuple[str, ...] = IN_THE_SHOP
    metal: str = ""
    category: str = ""
    place_id: int | None = None

    def arguments(self) -> list[Any]:
        """The first five arguments of the database's functions."""
        return [
            search_words(self.search),
            list(self.states),
            self.metal or None,
            self.category.replace("\x00", "") or None,
            self.place_id,
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of the list. A mark is None where there is nothing beyond it."""

    pieces: list[WholePiece]
    before: Mark | None
    after: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalSum:
    metal: str
    net_g: Decimal
    fine_g: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSums:
    """What all pieces of a result come to, in grams and carats."""

    pieces: int
    carats: Decimal
    metals: tuple[MetalSum, ...]

    @property
    def net_g(self) -> Decimal:
        return sum((metal.net_g for metal in self.metals), Decimal(0))


def page_from(
    wanted: Wanted,
    *,
    newest_first: bool = True,
    after: Mark | None = None,
    before: Mark | None = None,
) -> ListPage:
    """The page beyond a mark, or the one before it; the first with neither. Two queries.

    As fast at the end of the list as at its beginning: rows passed over are not read.
    """
    assert not (after and before), (after, before)
    backwards = before is not None
    ids = _found(
        wanted,
        newest_first=newest_first != backwards,
        beyond=before or after,
        most=PAGE_SIZE + 1,
    )
    more = len(ids) > PAGE_SIZE
    ids = ids[:PAGE_SIZE]
    if backwards:
        ids.reverse()
    pieces = whole_pieces_by_id(ids=ids)
    earlier = more if backwards else after is not None
    later = True if backwards else more
    return ListPage(
        pieces=pieces,
        before=Mark.of(pieces[0].piece) if pieces and earlier else None,
        after=Mark.of(pieces[-1].piece) if pieces and later else None,
    )


def page_by_number(wanted: Wanted, *, page: int, newest_first: bool = True) -> ListPage:
    """The page with this number, from 1. Two queries; rows passed over are counted in the index."""
    ids = _found(
        wanted, newest_first=newest_first, skipped=(page - 1) * PAGE_SIZE, most=PAGE_SIZE + 1
    )
    pieces = whole_pieces_by_id(ids=ids[:PAGE_SIZE])
    return ListPage(
        pieces=pieces,
        before=Mark.of(pieces[0].piece) if pieces and page > 1 else None,
        after=Mark.of(pieces[-1].piece) if len(ids) > PAGE_SIZE else None,
    )


def sums(wanted: Wanted) -> StockSums:
    """Pieces, grams by metal and carats of the whole result, exactly. One query over all of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory_sum_pieces(%s::text[], %s::text[], %s, %s, %s)", wanted.arguments()
        )
        found = json.loads(cursor.fetchone()[0])
    return StockSums(
        pieces=found["pieces"],
        carats=Decimal(found["carats"]),
        metals=tuple(
            MetalSum(
                metal=metal["metal"],
                net_g=Decimal(metal["net_g"]),
                fine_g=Decimal(metal["fine_g"]),
            )
            for metal in found["metals"]
        ),
    )


def categories() -> list[str]:
    """The categories in use, by name: one step of the index each, however many pieces there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE step AS ("
            " (SELECT category FROM inventory_piece ORDER BY category LIMIT 1)"
            " UNION ALL"
            " SELECT (SELECT p.category FROM inventory_piece p WHERE p.category > step.category"
            " ORDER BY p.category LIMIT 1) FROM step WHERE step.category IS NOT NULL"
            ") SELECT category FROM step WHERE category <> ''"
        )
        return [row[0] for row in cursor.fetchall()]


def place_named(name: str) -> Place:
    """The place with this name. Raises PlaceNotFound."""
    try:
        return Place.objects.get(name=name)
    except Place.DoesNotExist:
        raise PlaceNotFound(place=name) from None


def places() -> list[Place]:
    """Where pieces can lie, by name; each with its branch. What was closed is not among them."""
    open_ones = Place.objects.filter(closed_at__isnull=True)
    return list(open_ones.select_related("branch").order_by("name"))


def _found(
    wanted: Wanted,
    *,
    newest_first: bool,
    most: int,
    beyond: Mark | None = None,
    skipped: int = 0,
) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT piece_id FROM inventory_find_pieces("
            "%s::text[], %s::text[], %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *wanted.arguments(),
                beyond.arrived_at if beyond else None,
                beyond.piece_id if beyond else None,
                newest_first,
                skipped,
                most,
            ],
        )
        return [row[0] for row in cursor.fetchall()]
