"""A piece of the stock as terms of a price."""

from collections.abc import Iterator
from decimal import Decimal

from apps.core.units import carats_to_grams, round_grams
from apps.inventory.models import MakingBasis, MakingMode, Piece, WastageMode
from apps.inventory.selectors import StonePart, WholePiece
from apps.pricing import rules
from apps.pricing.selectors import Board


def line_terms(
    whole: WholePiece, board: Board, *, discounts: tuple[rules.DiscountTerms, ...] = ()
) -> rules.LineTerms:
    """The terms that price this piece at the board's rates.

    A piece with a tag price asks for a rate only where its metal is not
    taxed and so must be valued. The fees of the shop's policy are for pieces by weight: a tag
    price holds them already.

    Raises RateMissing, MakingTableMissing.
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
        making=_making(piece, board) if by_weight else None,
        wastage=_wastage(piece.wastage_mode, piece.wastage_value) if by_weight else None,
        profit_percent=_profit(piece, board) if by_weight else None,
        extras=tuple(_fees(whole, board)),
        fixed_price=piece.fixed_price,
        discounts=discounts,
        tax_category=piece.tax_category or None,
        scheme=(
            rules.Scheme.STANDARD if piece.margin_purchase_price is None else rules.Scheme.MARGIN
        ),
        purchase_price=piece.margin_purchase_price,
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


def _making(piece: Piece, board: Board) -> rules.MakingTerms | None:
    mode = piece.making_mode
    if mode == MakingMode.NONE:
        return None
    category = board.charges.making_category or None
    if mode == MakingMode.SLAB:
        return rules.MakingTerms(
            mode=rules.MakingMode.SLAB,
            tax_category=category,
            table=board.making_table(piece.making_table),
        )
    return rules.MakingTerms(
        mode=rules.MakingMode(mode),
        value=piece.making_value,
        basis=_basis(mode, piece.making_basis),
        tax_category=category,
    )


def _basis(mode: str, basis: str) -> rules.MakingBasis | None:
    """What the charge is of; a weight beside a percent says nothing, and means the metal."""
    if mode == MakingMode.PER_GRAM or (
        mode == MakingMode.PERCENT_OF_METAL and basis == MakingBasis.METAL_AND_WASTAGE
    ):
        return rules.MakingBasis(basis)
    return None


def _profit(piece: Piece, board: Board) -> Decimal | None:
    """The piece's own percent, else the shop's; none at all where it is nothing."""
    own = piece.profit_percent
    return (board.charges.profit_percent if own is None else own) or None


def _fees(whole: WholePiece, board: Board) -> Iterator[rules.ExtraTerms]:
    """The fee for the hallmark, and one for each certificate; a fee of nothing is none."""
    piece = whole.piece
    by_weight = piece.fixed_price is None
    fee = piece.hallmark_fee
    if fee is None and piece.hallmark and by_weight:
        known = board.charges.hallmark_fees
        fee = next((known[part.metal] for part in whole.metals if part.metal in known), None)
    if fee:
        yield _fee(rules.FeeKind.HALLMARK, "hallmark", fee, board)
    for stone in whole.stones:
        fee = stone.certificate_fee
        if fee is None and stone.certificate and stone.certificate_lab and by_weight:
            fee = board.charges.certificate_fees.get(stone.certificate_lab)
        if fee:
            name = stone.certificate_lab or "certificate"
            yield _fee(rules.FeeKind.CERTIFICATE, name, fee, board)


def _fee(kind: rules.FeeKind, label: str, amount: Decimal, board: Board) -> rules.ExtraTerms:
    return rules.ExtraTerms(
        kind=kind,
        label=label,
        amount=amount,
        tax_category=board.charges.fee_categories.get(kind),
    )


def _wastage(mode: str, value: Decimal) -> rules.WastageTerms | None:
    if mode == WastageMode.NONE:
        return None
    return rules.WastageTerms(mode=rules.WastageMode(mode), value=value)
