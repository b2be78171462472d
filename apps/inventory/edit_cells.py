"""A piece as the fields of its form, in the reader's digits and unit of money."""

from decimal import Decimal

from apps.core.fields import as_typed
from apps.core.formatting import carats, money, number, rate
from apps.core.units import format_permille
from apps.inventory.models import MakingMode, StonePriceMode
from apps.inventory.selectors import MetalPart, StonePart, WholePiece
from apps.inventory.services.intake.columns import metal_field, stone_field

_MONEY_MODES = (MakingMode.PER_GRAM, MakingMode.PER_PIECE)


def cells_of(whole: WholePiece, *, code: str) -> dict[str, str]:
    """What `PieceForm` shows of a piece that is there already; it reads the same back.

    `code`: the shop's currency.
    """
    piece = whole.piece
    making = (
        _rate(piece.making_value, code)
        if piece.making_mode in _MONEY_MODES
        else as_typed(piece.making_value)
    )
    cells = {
        "tag": piece.tag,
        "name": piece.name,
        "category": piece.category,
        "gross_weight_g": _number(piece.gross_weight_g),
        "making_mode": piece.making_mode,
        "making_value": making if piece.making_value else "",
        "making_basis": piece.making_basis,
        "making_table": piece.making_table,
        "wastage_mode": piece.wastage_mode,
        "wastage_value": as_typed(piece.wastage_value) if piece.wastage_value else "",
        "fixed_price": _money(piece.fixed_price, code),
        "profit_percent": "" if piece.profit_percent is None else as_typed(piece.profit_percent),
        "hallmark": piece.hallmark,
        "hallmark_fee": _money(piece.hallmark_fee, code),
        "tax_category": piece.tax_category,
        "margin_purchase_price": _money(piece.margin_purchase_price, code),
        "cost": _money(piece.cost, code),
        "place": piece.place.name if piece.place else "",
    }
    for n, metal in enumerate(whole.metals, start=1):
        cells |= _metal(n, metal)
    for n, stone in enumerate(whole.stones, start=1):
        cells |= _stone(n, stone, code)
    return cells


def _metal(n: int, part: MetalPart) -> dict[str, str]:
    return {
        metal_field("metal", n): part.metal,
        metal_field("fineness", n): as_typed(Decimal(format_permille(part.fineness))),
        metal_field("net_weight_g", n): _number(part.net_weight_g),
    }


def _stone(n: int, part: StonePart, code: str) -> dict[str, str]:
    priced = part.price_mode != StonePriceMode.NONE
    return {
        stone_field("kind", n): part.kind,
        stone_field("pieces", n): _number(Decimal(part.count)),
        stone_field("carats", n): carats(part.carats, unit=False),
        stone_field("certificate", n): part.certificate,
        stone_field("lab", n): part.certificate_lab,
        stone_field("certificate_fee", n): _money(part.certificate_fee, code),
        stone_field("price_mode", n): part.price_mode,
        stone_field("price", n): _rate(part.price_value, code) if priced else "",
    }


def _number(value: Decimal | None) -> str:
    return "" if value is None else number(value)


def _money(amount: Decimal | None, code: str) -> str:
    return "" if amount is None else money(amount, code)


def _rate(value: Decimal, code: str) -> str:
    return rate(value, code)
