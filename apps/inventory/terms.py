"""A piece of the stock as terms of a price."""

from decimal import Decimal

from apps.core.units import carats_to_grams, round_grams
from apps.inventory.models import MakingMode, WastageMode
from apps.inventory.selectors import StonePart, WholePiece
from apps.pricing import rules
from apps.pricing.selectors import Board


def line_terms(
    whole: WholePiece, board: Board, *, discounts: tuple[rules.DiscountTerms, ...] = ()
) -> rules.LineTerms:
    """The terms that price this piece at the board's rates.

    A piece with a tag price asks for a rate only where its metal is not
    taxed and so must be valued. Raises RateMissing.
    """
    piece = whole.piece
    by_weight = piece.fixed_price is None
    valued = by_weight or board.values_all_metal
    return rules.LineTerms(
        tag=piece.tag,
        name=piece.name,
        category=piece.category,
        metals=tuple(
            rules.MetalTerms(
                metal=metal.metal,
                fineness=metal.fineness,
                net_weight_g=metal.net_weight_g,
                rate=board.rate_for(metal.metal, metal.fineness) if valued else None,
            )
            for metal in whole.metals
        ),
        gross_weight_g=piece.gross_weight_g,
        stones=tuple(_stone(stone, deduct=_fits(whole)) for stone in whole.stones),
        making=_making(piece.making_mode, piece.making_value, piece.making_basis)
        if by_weight
        else None,
        wastage=_wastage(piece.wastage_mode, piece.wastage_value) if by_weight else None,
        fixed_price=piece.fixed_price,
        discounts=discounts,
    )


def _fits(whole: WholePiece) -> bool:
    """Whether metal and stones come to no more than the gross weight, to the milligram.

    The scale and the carat balance may round apart by a few; then the stones' grams are not told,
    since the net weight was weighed and nothing is worked out from them.
    """
    gross_g = whole.piece.gross_weight_g
    return (
        gross_g is not None
        and whole.net_weight_g + round_grams(carats_to_grams(whole.carats)) <= gross_g
    )


def _stone(stone: StonePart, *, deduct: bool) -> rules.StoneTerms:
    return rules.StoneTerms(
        kind=stone.kind,
        pieces=stone.count,
        carats=stone.carats,
        price=rules.StonePrice(stone.price_mode),
        value=stone.price_value,
        deduct=deduct,
    )


def _making(mode: str, value: Decimal, basis: str) -> rules.MakingTerms | None:
    if mode == MakingMode.NONE:
        return None
    per_gram = mode == MakingMode.PER_GRAM
    return rules.MakingTerms(
        mode=rules.MakingMode(mode),
        value=value,
        basis=rules.MakingBasis(basis) if per_gram else None,
    )


def _wastage(mode: str, value: Decimal) -> rules.WastageTerms | None:
    if mode == WastageMode.NONE:
        return None
    return rules.WastageTerms(mode=rules.WastageMode(mode), value=value)
