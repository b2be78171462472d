"""What a part of a lot is as a piece: its tag, its weight, and the terms of its price."""

from decimal import Decimal

from apps.core.units import carats_to_grams, round_grams, round_money
from apps.inventory.models import MakingMode, Piece
from apps.inventory.services.new_terms import NewMetal, NewPiece, NewStone
from apps.lots.models import Lot, LotKind, LotPrice
from apps.lots.quantities import Quantity


def next_tag(lot: Lot) -> tuple[int, str]:
    """The next number of a part whose tag nobody has, and that tag."""
    number = lot.parts
    while True:
        number += 1
        tag = f"{lot.code}-{number}"
        if not Piece.objects.filter(tag=tag).exists():
            return number, tag


def new_piece(lot: Lot, part: Quantity, *, cost: Decimal, tag: str, exponent: int) -> NewPiece:
    """The part as a piece to be taken in; `exponent` is that of the shop's money."""
    fixed = _fixed_price(lot, part, exponent)
    metals: tuple[NewMetal, ...] = ()
    stones: tuple[NewStone, ...] = ()
    if lot.kind == LotKind.STONES:
        stones = (NewStone(kind=lot.stone, count=part.pieces or 1, carats=part.carats),)
        gross_g = round_grams(carats_to_grams(part.carats))
    else:
        assert lot.fineness is not None
        metals = (NewMetal(metal=lot.metal, fineness=lot.fineness, net_weight_g=part.grams),)
        gross_g = part.grams
    by_rate = fixed is None
    # A charge per piece is for each of the pieces that the part holds.
    times = part.pieces or 1 if lot.making_mode == MakingMode.PER_PIECE else 1
    return NewPiece(
        tag=tag,
        name=lot.name,
        category=lot.category,
        metals=metals,
        stones=stones,
        gross_weight_g=gross_g or None,
        making_mode=lot.making_mode if by_rate else MakingMode.NONE,
        making_value=lot.making_value * times if by_rate else Decimal(0),
        wastage_mode=lot.wastage_mode if by_rate else "none",
        wastage_value=lot.wastage_value if by_rate else Decimal(0),
        fixed_price=fixed,
        tax_category=lot.tax_category,
        cost=cost,
        place=lot.place,
    )


def _fixed_price(lot: Lot, part: Quantity, exponent: int) -> Decimal | None:
    """The price of the whole part, rounded once to the shop's money; None: by the day's rate."""
    units = {
        LotPrice.PER_GRAM: part.grams,
        LotPrice.PER_CARAT: part.carats,
        LotPrice.PER_PIECE: Decimal(part.pieces or 1),
    }
    if lot.price_mode == LotPrice.BY_RATE:
        return None
    return round_money(lot.price_value * units[LotPrice(lot.price_mode)], exponent)
