"""New pieces are looked at and written: rows, metals, stones, movements. Nothing is posted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict
from apps.core.units import MONEY, fine_grams
from apps.customers.models import Customer
from apps.inventory.models import (
    Movement,
    MovementKind,
    Ownership,
    Piece,
    PieceMetal,
    PieceStone,
)
from apps.inventory.search import search_text
from apps.inventory.services.amounts import check_amounts
from apps.inventory.services.new_pieces import (
    NewMetal,
    NewPiece,
    NewStone,
    PieceImpossible,
    check,
)
from apps.inventory.services.shop_words import asks_for_words, check_words, shop_words
from apps.shops.models import Member

_BATCH: Final = 1000
_MOST_POSTED: Final = Decimal(10) ** (MONEY["max_digits"] - MONEY["decimal_places"])


@dataclass(eq=False)
class TagTaken(Conflict):
    tag: str

    def __str__(self) -> str:
        return _("Tag %(tag)s is already on another piece. Print a new tag for this one.") % {
            "tag": self.tag
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How new pieces come: whose they are, since when, and what their first movement says."""

    owner: Customer | None = None
    ownership: str = Ownership.OWNED
    kind: str = MovementKind.TAKEN_IN
    reference: str = ""
    since: datetime | None = None  # None: now


def fine_of(metal: NewMetal) -> Decimal:
    """Its fine grams: as somebody shared them out, else net weight × fineness."""
    if metal.fine_weight_g is not None:
        return metal.fine_weight_g
    return fine_grams(metal.net_weight_g, metal.fineness)


def write_pieces(
    pieces: Sequence[NewPiece],
    *,
    by: Member,
    at: datetime,
    arrival: Arrival,
    progress: Callable[[int], None] | None = None,
) -> list[Piece]:
    """Look at new pieces and write them, all or none, in a transaction of the caller's.

    Raises PieceImpossible, TagTaken; nothing is written then.
    """
    assert (arrival.owner is None) == (arrival.ownership == Ownership.OWNED), "whose it is"
    for piece in pieces:
        check(piece)
        check_amounts(piece, code=by.shop.currency)
    if any(map(asks_for_words, pieces)):
        words = shop_words(by.shop)
        for piece in pieces:
            check_words(piece, words)
    _refuse_costs_too_large(pieces)
    _refuse_taken_tags(pieces)
    if len(pieces) >= _BATCH:
        _plan_for_many()
    taken: list[Piece] = []
    for start in range(0, len(pieces), _BATCH):
        taken += _write(pieces[start : start + _BATCH], by=by, at=at, arrival=arrival)
        if progress:
            progress(len(taken))
    return taken


def _plan_for_many() -> None:
    """Let the checks of foreign keys and weights be planned anew, by index, in this transaction.

    A connection keeps the plans of those checks. Made while the tables were
    small they read whole tables, and for ten thousand rows that is ten
    thousand times ten thousand: the commit met the role's time limit.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET LOCAL enable_seqscan = off")


def _refuse_costs_too_large(pieces: Sequence[NewPiece]) -> None:
    """The books take the pieces as one amount. Raises PieceImpossible."""
    together = sum((piece.cost for piece in pieces), Decimal(0))
    if together >= _MOST_POSTED:
        raise PieceImpossible(
            field="cost",
            value=str(together),
            reason=_("The pieces cost %(together)s together. Check the costs, or split the file.")
            % {"together": format(together, "f")},
        )


def _refuse_taken_tags(pieces: Sequence[NewPiece]) -> None:
    """The first tag that is twice in the file or already in the shop. Raises TagTaken.

    The unique key decides between two files at the same moment; this look
    before it can say which tag of ten thousand it is.
    """
    tags: set[str] = set()
    for piece in pieces:
        if piece.tag in tags:
            raise TagTaken(tag=piece.tag)
        tags.add(piece.tag)
    taken = Piece.objects.filter(tag__in=tags).order_by("tag").values_list("tag", flat=True).first()
    if taken is not None:
        raise TagTaken(tag=taken)


def _write(
    pieces: Sequence[NewPiece], *, by: Member, at: datetime, arrival: Arrival
) -> list[Piece]:
    """Four statements. The shop is named, unlike elsewhere: with every value known beforehand
    each column goes to the database as one array, in half the time of rows of values."""
    with refuse_on({"inventory_piece_tag_unique": TagTaken(tag=pieces[0].tag)}, savepoint=False):
        rows = Piece.objects.bulk_create(_row(piece, by.shop_id, at, arrival) for piece in pieces)
    write_metals(zip(rows, (piece.metals for piece in pieces), strict=True))
    write_stones(zip(rows, (piece.stones for piece in pieces), strict=True))
    Movement.objects.bulk_create(
        Movement(
            shop_id=by.shop_id,
            piece=row,
            kind=arrival.kind,
            place=row.place,
            moved_at=at,
            moved_by=by,
            reference=arrival.reference,
        )
        for row in rows
    )
    return rows


def write_metals(of: Iterable[tuple[Piece, Sequence[NewMetal]]]) -> None:
    """The metals of these pieces, which have none yet. One statement."""
    PieceMetal.objects.bulk_create(
        PieceMetal(
            shop_id=row.shop_id,
            piece=row,
            position=position,
            metal=metal.metal,
            fineness=metal.fineness,
            net_weight_g=metal.net_weight_g,
            fine_weight_g=fine_of(metal),
        )
        for row, metals in of
        for position, metal in enumerate(metals)
    )


def write_stones(of: Iterable[tuple[Piece, Sequence[NewStone]]]) -> None:
    """The stones of these pieces, which have none yet. One statement."""
    PieceStone.objects.bulk_create(
        PieceStone(
            shop_id=row.shop_id,
            piece=row,
            position=position,
            kind=stone.kind,
            count=stone.count,
            carats=stone.carats,
            certificate=stone.certificate,
            price_mode=stone.price_mode,
            price_value=stone.price_value,
            certificate_lab=stone.certificate_lab,
            certificate_fee=stone.certificate_fee,
        )
        for row, stones in of
        for position, stone in enumerate(stones)
    )


def _row(piece: NewPiece, shop_id: int, at: datetime, arrival: Arrival) -> Piece:
    return Piece(
        shop_id=shop_id,
        tag=piece.tag,
        name=piece.name,
        category=piece.category,
        gross_weight_g=piece.gross_weight_g,
        making_mode=piece.making_mode,
        making_value=piece.making_value,
        making_basis=piece.making_basis,
        making_table=piece.making_table,
        wastage_mode=piece.wastage_mode,
        wastage_value=piece.wastage_value,
        fixed_price=piece.fixed_price,
        profit_percent=piece.profit_percent,
        tax_category=piece.tax_category,
        hallmark=piece.hallmark,
        hallmark_fee=piece.hallmark_fee,
        margin_purchase_price=piece.margin_purchase_price,
        cost=piece.cost,
        ownership=arrival.ownership,
        owner=arrival.owner,
        place=piece.place,
        arrived_at=arrival.since or at,
        made_of=" ".join(sorted({metal.metal for metal in piece.metals})),
        search_text=search_text(
            tag=piece.tag,
            name=piece.name,
            category=piece.category,
            certificates=[*(stone.certificate for stone in piece.stones), piece.hallmark],
        ),
    )
