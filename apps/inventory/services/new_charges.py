"""The charges of a new piece: what none can be, and what only this shop can know."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.inventory.models import MakingBasis, MakingMode, StonePriceMode, WastageMode
from apps.inventory.services.new_terms import NewPiece, NewStone

# What a price comes to at most (apps.pricing.rules); a hundred such costs still fit the books.
MOST_COST: Final = Decimal(10) ** 13
MOST_PERCENT: Final = Decimal(1000)
_OF_VALUE: Final = (MakingBasis.METAL, MakingBasis.METAL_AND_WASTAGE)


def wrong_charges(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    for field, mode, known in (
        ("making.mode", piece.making_mode, MakingMode.values),
        ("making.basis", piece.making_basis, MakingBasis.values),
        ("wastage.mode", piece.wastage_mode, WastageMode.values),
    ):
        if mode not in known:
            yield field, mode, _("%(value)s is none of %(known)s.") % choice(mode, known)
    for field, value in (
        ("making.value", piece.making_value),
        ("wastage.value", piece.wastage_value),
        ("cost", piece.cost),
    ):
        if not 0 <= value < MOST_COST:
            yield (
                field,
                str(value),
                _("%(value)s is below zero or too large. Check the amount.") % {"value": value},
            )
    yield from _wrong_basis(piece)
    yield from _wrong_amounts(
        [
            ("hallmark_fee", piece.hallmark_fee),
            ("margin_purchase_price", piece.margin_purchase_price),
        ]
    )
    if piece.profit_percent is not None and not 0 <= piece.profit_percent <= MOST_PERCENT:
        yield (
            "profit_percent",
            str(piece.profit_percent),
            _("%(value)s is no percent of profit. Write 0 to %(most)s.")
            % {"value": piece.profit_percent, "most": MOST_PERCENT},
        )
    yield from _too_long([("hallmark", piece.hallmark, 20)])
    if piece.fixed_price is not None and not 0 < piece.fixed_price < MOST_COST:
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


def _wrong_basis(piece: NewPiece) -> Iterator[tuple[str, str, str]]:
    """A weight beside a percent is not read and does no harm; a value is no count of grams."""
    if piece.making_mode == MakingMode.PER_GRAM and piece.making_basis in _OF_VALUE:
        yield (
            "making.basis",
            piece.making_basis,
            _("A charge per gram counts net, gross or chargeable weight. Choose one of them."),
        )
    by_table = piece.making_mode == MakingMode.SLAB
    if by_table and not piece.making_table:
        yield (
            "making.table",
            "",
            _("The making goes by a table, but names none. Choose a making table."),
        )
    if piece.making_table and not by_table:
        yield (
            "making.table",
            piece.making_table,
            _("A making table is named, but the making does not go by it. Choose one of the two."),
        )


def wrong_stone_charges(path: str, stone: NewStone) -> Iterator[tuple[str, str, str]]:
    """What cannot be of a stone's price, and of the fee for its certificate."""
    if stone.price_mode not in StonePriceMode.values:
        known = StonePriceMode.values
        yield (
            f"{path}.price.mode",
            stone.price_mode,
            _("%(value)s is none of %(known)s.") % choice(stone.price_mode, known),
        )
    if not 0 <= stone.price_value < MOST_COST:
        yield (
            f"{path}.price.value",
            str(stone.price_value),
            _("%(value)s is below zero or too large. Check the amount.")
            % {"value": stone.price_value},
        )
    yield from _wrong_amounts([(f"{path}.certificate_fee", stone.certificate_fee)])
    yield from _too_long([(f"{path}.certificate_lab", stone.certificate_lab, 20)])


def _wrong_amounts(
    amounts: Sequence[tuple[str, Decimal | None]],
) -> Iterator[tuple[str, str, str]]:
    for field, value in amounts:
        if value is not None and not 0 <= value < MOST_COST:
            yield (
                field,
                str(value),
                _("%(value)s is below zero or too large. Check the amount.") % {"value": value},
            )


def _too_long(texts: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, str, str]]:
    for field, text, most in texts:
        if len(text) > most:
            yield (
                field,
                text,
                _("%(text)s is longer than %(most)s characters. Shorten it.")
                % {"text": text[:40], "most": most},
            )


def choice(value: str, known: Sequence[str]) -> dict[str, str]:
    """The facts of the sentence that a word is none of those known."""
    return {"value": value or "“”", "known": ", ".join(known)}
