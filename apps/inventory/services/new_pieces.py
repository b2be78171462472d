"""What a new piece is made of, and what no piece can be. Asks no database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.units import carats_to_grams
from apps.inventory.models import MakingBasis, MakingMode, Place, StonePriceMode, WastageMode
from apps.pricing.models import Metal

TAG_LENGTH: Final = 30
HEAVIEST_G: Final = Decimal(100_000)
# What the scale and the carat balance may round apart; the database allows the same.
WEIGHING_TOLERANCE_G: Final = Decimal("0.010")
# What a price comes to at most (apps.pricing.rules); a hundred such costs still fit the books.
_MOST_MONEY: Final = Decimal(10) ** 13


@dataclass(eq=False)
class PieceImpossible(Invalid):
    """A value of a new piece cannot be. `field` is its path, `reason` a whole sentence."""

    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMetal:
    metal: str
    fineness: int  # parts per ten thousand
    net_weight_g: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStone:
    kind: str
    count: int = 1
    carats: Decimal = Decimal(0)
    certificate: str = ""
    price_mode: str = StonePriceMode.NONE
    price_value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPiece:
    """A piece as its tag, its scale and its invoice describe it."""

    tag: str
    name: str
    category: str
    metals: tuple[NewMetal, ...] = ()
    stones: tuple[NewStone, ...] = ()
    gross_weight_g: Decimal | None = None
    making_mode: str = MakingMode.NONE
    making_value: Decimal = Decimal(0)
    making_basis: str = MakingBasis.NET
    wastage_mode: str = WastageMode.NONE
    wastage_value: Decimal = Decimal(0)
    fixed_price: Decimal | None = None
    cost: Decimal = Decimal(0)
    place: Place | None = None


def check(piece: NewPiece) -> None:
    """Refuse what no piece can be. Raises PieceImpossible for the first value that cannot."""
    for field, value, reason in _impossible(piece):
        raise PieceImpossible(field=field, value=value, reason=reason)


def _impossible(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    """Each thing that is wrong: field, value, sentence."""
    yield from _wrong_words(piece)
    yield from _wrong_charges(piece)
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


def _wrong_charges(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    for field, mode, known in (
        ("making.mode", piece.making_mode, MakingMode.values),
        ("making.basis", piece.making_basis, MakingBasis.values),
        ("wastage.mode", piece.wastage_mode, WastageMode.values),
    ):
        if mode not in known:
            yield field, mode, _("%(value)s is none of %(known)s.") % _choice(mode, known)
    for field, value in (
        ("making.value", piece.making_value),
        ("wastage.value", piece.wastage_value),
        ("cost", piece.cost),
    ):
        if not 0 <= value < _MOST_MONEY:
            yield (
                field,
                str(value),
                _("%(value)s is below zero or too large. Check the amount.") % {"value": value},
            )
    if piece.fixed_price is not None and not 0 < piece.fixed_price < _MOST_MONEY:
        yield (
            "fixed_price",
            str(piece.fixed_price),
            _("%(value)s cannot be a price. Write an amount above zero.")
            % {"value": piece.fixed_price},
        )
    if piece.fixed_price is None and not piece.metals:
        yield (
            "metals",
            "",
            _("The piece has neither a metal nor a tag price. Write one of them."),
        )


def _wrong_metal(path: str, metal: NewMetal) -> Iterator[tuple[str, str, str]]:
    if metal.metal not in Metal.values:
        yield (
            f"{path}.metal",
            metal.metal,
            _("%(value)s is none of %(known)s.") % _choice(metal.metal, Metal.values),
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
    if stone.price_mode not in StonePriceMode.values:
        known = StonePriceMode.values
        yield (
            f"{path}.price.mode",
            stone.price_mode,
            _("%(value)s is none of %(known)s.") % _choice(stone.price_mode, known),
        )
    if not 0 <= stone.price_value < _MOST_MONEY:
        yield (
            f"{path}.price.value",
            str(stone.price_value),
            _("%(value)s is below zero or too large. Check the amount.")
            % {"value": stone.price_value},
        )
    if len(stone.certificate) > 60:
        yield (
            f"{path}.certificate",
            stone.certificate,
            _("The certificate number is longer than 60 characters. Shorten it."),
        )


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


def _choice(value: str, known: Sequence[str]) -> dict[str, str]:
    return {"value": value or "“”", "known": ", ".join(known)}
