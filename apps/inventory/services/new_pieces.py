"""What a new piece is made of, and what no piece can be. Asks no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.units import carats_to_grams
from apps.inventory.services.new_charges import (
    choice,
    wrong_charges,
    wrong_stone_charges,
)
from apps.inventory.services.new_terms import NewMetal, NewPiece, NewStone
from apps.pricing.models import Metal

__all__ = ["NewMetal", "NewPiece", "NewStone", "PieceImpossible", "check"]

TAG_LENGTH: Final = 30
HEAVIEST_G: Final = Decimal(100_000)
# What the scale and the carat balance may round apart; the database allows the same.
WEIGHING_TOLERANCE_G: Final = Decimal("0.010")


@dataclass(eq=False)
class PieceImpossible(Invalid):
    """A value of a new piece cannot be. `field` is its path, `reason` a whole sentence."""

    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return self.reason


def check(piece: NewPiece) -> None:
    """Refuse what no piece can be. Raises PieceImpossible for the first value that cannot."""
    for field, value, reason in _impossible(piece):
        raise PieceImpossible(field=field, value=value, reason=reason)


def _impossible(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    """Each thing that is wrong: field, value, sentence."""
    yield from _wrong_words(piece)
    yield from wrong_charges(piece)
    for position, metal in enumerate(piece.metals):
        yield from _wrong_metal(f"metals.{position}", metal)
    for position, stone in enumerate(piece.stones):
        yield from _wrong_stone(f"stones.{position}", stone)
    yield from _wrong_weights(piece)


def _wrong_words(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    tag = piece.tag
    if not tag or tag != tag.strip() or "\x00" in tag:
        yield "tag", tag, _("The tag is empty or has a space at an end. Write it as it is printed.")
    if not tag.isprintable():
        # A counter reads no such tag, and no address leads to the page of one with a line break.
        yield (
            "tag",
            tag,
            _("Tag %(tag)s has a line break or a sign that nobody sees. Type it again.")
            % {"tag": "".join(sign for sign in tag if sign.isprintable())},
        )
    if any(part in (".", "..") for part in tag.split("/")):
        # Browsers take such a part of an address away: the link would open another piece.
        yield (
            "tag",
            tag,
            _("Tag %(tag)s has dots where a name belongs. Put a letter or a digit with them.")
            % {"tag": tag},
        )
    if len(tag) > TAG_LENGTH:
        yield (
            "tag",
            tag,
            _("Tag %(tag)s has %(count)s characters; %(most)s is the most. Shorten it.")
            % {"tag": tag, "count": len(tag), "most": TAG_LENGTH},
        )
    if not piece.name.strip():
        yield "name", piece.name, _("The piece has no name. Write what it is.")
    for field, value, most in (("name", piece.name, 120), ("category", piece.category, 40)):
        if len(value) > most:
            yield (
                field,
                value,
                _("The %(field)s has %(count)s characters; %(most)s is the most. Shorten it.")
                % {"field": field, "count": len(value), "most": most},
            )


def _wrong_metal(path: str, metal: NewMetal) -> Iterator[tuple[str, str, str]]:
    if metal.metal not in Metal.values:
        yield (
            f"{path}.metal",
            metal.metal,
            _("%(value)s is none of %(known)s.") % choice(metal.metal, Metal.values),
        )
    if not 1 <= metal.fineness <= 10_000:
        yield (
            f"{path}.fineness",
            str(Decimal(metal.fineness) / 10),
            _("Fineness %(value)s is not between 0.1 and 1000. 22 karat is 916.")
            % {"value": Decimal(metal.fineness) / 10},
        )
    yield from _wrong_weight(f"{path}.net_weight_g", metal.net_weight_g)


def _wrong_weight(field: str, weight_g: Decimal) -> Iterator[tuple[str, str, str]]:
    if not 0 < weight_g <= HEAVIEST_G:
        yield (
            field,
            str(weight_g),
            _("%(value)s g cannot be the weight of a piece. Weigh it again.") % {"value": weight_g},
        )
    elif int(weight_g.normalize().as_tuple().exponent) < -3:
        yield (
            field,
            str(weight_g),
            _("%(value)s has more than three decimals. The scale gives three.")
            % {"value": weight_g},
        )


def _wrong_stone(path: str, stone: NewStone) -> Iterator[tuple[str, str, str]]:
    if not stone.kind.strip() or len(stone.kind) > 40:
        yield (
            f"{path}.kind",
            stone.kind,
            _("The kind of stone is empty or longer than 40 characters. Write what it is."),
        )
    if not 1 <= stone.count <= 100_000:
        yield (
            f"{path}.pieces",
            str(stone.count),
            _("%(value)s cannot be a number of stones. Count them again.") % {"value": stone.count},
        )
    if not 0 <= stone.carats <= HEAVIEST_G:
        yield (
            f"{path}.carats",
            str(stone.carats),
            _("%(value)s ct cannot be a weight of stones. Weigh them again.")
            % {"value": stone.carats},
        )
    if len(stone.certificate) > 60:
        yield (
            f"{path}.certificate",
            stone.certificate,
            _("The certificate number is longer than 60 characters. Shorten it."),
        )
    yield from wrong_stone_charges(path, stone)


def _wrong_weights(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    if piece.gross_weight_g is None:
        if piece.fixed_price is None:
            yield "gross_weight_g", "", _("The gross weight is missing. Weigh the piece.")
        return
    yield from _wrong_weight("gross_weight_g", piece.gross_weight_g)
    net = sum((metal.net_weight_g for metal in piece.metals), Decimal(0))
    stones = sum((carats_to_grams(stone.carats) for stone in piece.stones), Decimal(0))
    if net > piece.gross_weight_g:
        yield (
            "gross_weight_g",
            str(piece.gross_weight_g),
            _("Net %(net)s g is more than gross %(gross)s g. Check both.")
            % {"net": net, "gross": piece.gross_weight_g},
        )
    elif net + stones > piece.gross_weight_g + WEIGHING_TOLERANCE_G:
        yield (
            "gross_weight_g",
            str(piece.gross_weight_g),
            _("Metal %(net)s g and stones %(stones)s g are more than gross %(gross)s g. Check all.")
            % {"net": net, "stones": stones, "gross": piece.gross_weight_g},
        )
