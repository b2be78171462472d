"""Pieces with their metals and stones, in one query however many there are."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, Max, OuterRef
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.inventory.models import Ownership, Piece, PieceMetal, PieceStone

_BATCH: Final = 2_000


@dataclass(eq=False)
class PieceNotFound(NotFound):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is no tag of this shop. Check the letter O and the digit 0.") % {
            "tag": self.tag
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalPart:
    """A metal of a piece, as prices and books need it."""

    metal: str
    fineness: int
    net_weight_g: Decimal
    fine_weight_g: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StonePart:
    """Stones of one kind in a piece, as prices need them."""

    kind: str
    count: int
    carats: Decimal
    certificate: str
    price_mode: str
    price_value: Decimal
    certificate_lab: str = ""
    certificate_fee: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WholePiece:
    """A piece with its metals and stones."""

    piece: Piece
    metals: tuple[MetalPart, ...]
    stones: tuple[StonePart, ...]

    @property
    def net_weight_g(self) -> Decimal:
        return sum((metal.net_weight_g for metal in self.metals), Decimal(0))

    @property
    def carats(self) -> Decimal:
        return sum((stone.carats for stone in self.stones), Decimal(0))


def _text(name: str) -> Cast:
    """A number as text, since a JSON number would come back as a float."""
    return Cast(F(name), CharField())


_METALS = ArraySubquery(
    PieceMetal.objects.filter(piece=OuterRef("pk"))
    .order_by("position")
    .values(
        part=JSONObject(
            metal="metal",
            fineness="fineness",
            net_weight_g=_text("net_weight_g"),
            fine_weight_g=_text("fine_weight_g"),
        )
    )
)
_STONES = ArraySubquery(
    PieceStone.objects.filter(piece=OuterRef("pk"))
    .order_by("position")
    .values(
        part=JSONObject(
            kind="kind",
            count="count",
            carats=_text("carats"),
            certificate="certificate",
            price_mode="price_mode",
            price_value=_text("price_value"),
            certificate_lab="certificate_lab",
            certificate_fee=_text("certificate_fee"),
        )
    )
)


# Written by hand, because it stands in every sale: building it from parts costs
# Django more time than the database needs to answer it.
_BY_TAG = """
    SELECT piece.*,
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'metal', metal, 'fineness', fineness,
                'net_weight_g', net_weight_g::text, 'fine_weight_g', fine_weight_g::text
            ) ORDER BY position), '[]')
            FROM inventory_piecemetal AS of_it
            WHERE of_it.shop_id = piece.shop_id AND of_it.piece_id = piece.id) AS metal_parts,
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'kind', kind, 'count', count, 'carats', carats::text,
                'certificate', certificate, 'price_mode', price_mode,
                'price_value', price_value::text,
                'certificate_lab', certificate_lab, 'certificate_fee', certificate_fee::text
            ) ORDER BY position), '[]')
            FROM inventory_piecestone AS of_it
            WHERE of_it.shop_id = piece.shop_id AND of_it.piece_id = piece.id) AS stone_parts
    FROM inventory_piece AS piece
    WHERE piece.tag = ANY(%s)
    ORDER BY piece.tag
"""


def whole_pieces(*, tags: Sequence[str], to_change: bool = False) -> list[WholePiece]:
    """The pieces with these tags, in the order of `tags`, metals and stones included; one query.

    With `to_change` each stays locked until the transaction ends; locks are
    taken in tag order, so that two tills that sell the same pieces wait for
    each other instead of deadlocking.

    Raises PieceNotFound for the first tag the shop does not have.
    """
    # No key is changed: whoever writes a row that names a piece is not kept waiting by it.
    lock = "FOR NO KEY UPDATE OF piece" if to_change else ""
    found: dict[str, WholePiece] = {}
    for piece in Piece.objects.raw(_BY_TAG + lock, [list(tags)]):
        read = vars(piece)
        metals, stones = json.loads(read["metal_parts"]), json.loads(read["stone_parts"])
        found[piece.tag] = _whole(piece, metals, stones)
    for tag in tags:
        if tag not in found:
            raise PieceNotFound(tag=tag)
    return [found[tag] for tag in tags]


def pieces_in_tag_order(*, states: Sequence[str]) -> Iterator[WholePiece]:
    """Every piece of ours in one of these states, by tag, read in batches: for exports.

    What belongs to others is not among them: read back it would become ours.
    """
    pieces = (
        Piece.objects.filter(state__in=states, ownership=Ownership.OWNED)
        .select_related("place")
        .annotate(metal_parts=_METALS, stone_parts=_STONES)
        .order_by("tag")
    )
    last = ""
    while batch := list(pieces.filter(tag__gt=last)[:_BATCH]):
        yield from map(_annotated, batch)
        last = batch[-1].tag


def parts_at_most(*, states: Sequence[str]) -> tuple[int, int]:
    """The most metals and the most kinds of stones that any of these pieces has."""
    most = [
        part.objects.filter(piece__state__in=states).aggregate(most=Max("position"))["most"]
        for part in (PieceMetal, PieceStone)
    ]
    metals, stones = (0 if position is None else position + 1 for position in most)
    return metals, stones


def _annotated(piece: Piece) -> WholePiece:
    """A piece that was read with `metal_parts` and `stone_parts`."""
    read = vars(piece)
    return _whole(piece, read["metal_parts"], read["stone_parts"])


def _whole(piece: Piece, metals: list[dict[str, Any]], stones: list[dict[str, Any]]) -> WholePiece:
    return WholePiece(
        piece,
        tuple(
            MetalPart(
                metal=part["metal"],
                fineness=int(part["fineness"]),
                net_weight_g=Decimal(part["net_weight_g"]),
                fine_weight_g=Decimal(part["fine_weight_g"]),
            )
            for part in metals
        ),
        tuple(
            StonePart(
                kind=part["kind"],
                count=int(part["count"]),
                carats=Decimal(part["carats"]),
                certificate=part["certificate"],
                price_mode=part["price_mode"],
                price_value=Decimal(part["price_value"]),
                certificate_lab=part["certificate_lab"],
                certificate_fee=_amount(part["certificate_fee"]),
            )
            for part in stones
        ),
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def whole_pieces_by_id(*, ids: Sequence[int]) -> list[WholePiece]:
    """The pieces with these ids, in the order of `ids`, their places included; one query.

    An id that the shop does not have, or not any more, is left out.
    """
    pieces = (
        Piece.objects.filter(pk__in=ids)
        .select_related("place")
        .annotate(metal_parts=_METALS, stone_parts=_STONES)
    )
    found = {piece.pk: piece for piece in pieces}
    return [_annotated(found[pk]) for pk in ids if pk in found]


def piece_by_tag(*, tag: str) -> WholePiece:
    """One piece with its metals, stones. Raises PieceNotFound."""
    if "\x00" in tag:  # which PostgreSQL cannot even look for
        raise PieceNotFound(tag=tag.replace("\x00", "�"))
    return whole_pieces(tags=[tag])[0]
