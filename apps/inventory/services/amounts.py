"""Amounts of a new piece in the decimals of the shop's money."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import ngettext

from apps.core.units import currency
from apps.inventory.models import MakingMode, StonePriceMode
from apps.inventory.services.new_pieces import NewPiece, PieceImpossible


def check_amounts(piece: NewPiece, *, code: str) -> None:
    """Refuse an amount with more decimals than the currency `code` has. Raises PieceImpossible.

    A charge per gram or per carat is a rate and may have four; what is paid as it stands may not.
    """
    most = currency(code).exponent
    for field, amount in _paid_as_they_stand(piece):
        if -int(amount.normalize().as_tuple().exponent) > most:
            raise PieceImpossible(
                field=field, value=str(amount), reason=_reason(amount, code, most)
            )


def _paid_as_they_stand(piece: NewPiece) -> Iterator[tuple[str, Decimal]]:
    yield "cost", piece.cost
    if piece.fixed_price is not None:
        yield "fixed_price", piece.fixed_price
    if piece.hallmark_fee is not None:
        yield "hallmark_fee", piece.hallmark_fee
    if piece.margin_purchase_price is not None:
        yield "margin_purchase_price", piece.margin_purchase_price
    if piece.making_mode == MakingMode.PER_PIECE:
        yield "making.value", piece.making_value
    for position, stone in enumerate(piece.stones):
        if stone.price_mode in (StonePriceMode.FIXED, StonePriceMode.PER_PIECE):
            yield f"stones.{position}.price.value", stone.price_value
        if stone.certificate_fee is not None:
            yield f"stones.{position}.certificate_fee", stone.certificate_fee


def _reason(amount: Decimal, code: str, most: int) -> str:
    return ngettext(
        "%(amount)s has more decimals than %(currency)s, which has %(most)s. Round it.",
        "%(amount)s has more decimals than %(currency)s, which has %(most)s. Round it.",
        most,
    ) % {"amount": format(amount.normalize(), "f"), "currency": code, "most": most}
