"""Words of a new piece that only its shop can know: a making table, a tax category."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.inventory.services.new_pieces import NewPiece, PieceImpossible
from apps.pricing.models import MakingTable
from apps.pricing.rules import RuleBroken, versions_of
from apps.shops.models import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopWords:
    """The making tables a shop has, and what its tax pack knows of today."""

    tables: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    has_margin_scheme: bool = False
    pack: str = ""


def shop_words(shop: Shop) -> ShopWords:
    """The words of the shop in scope. One query."""
    codes = MakingTable.objects.order_by("code").values_list("code", flat=True).distinct()
    try:
        newest = versions_of(shop.tax_pack)[-1]
    except RuleBroken:  # a pack that is gone: pricing says so by name
        return ShopWords(tables=tuple(codes), pack=shop.tax_pack)
    return ShopWords(
        tables=tuple(codes),
        categories=tuple(newest.categories),
        has_margin_scheme=newest.margin is not None,
        pack=shop.tax_pack,
    )


def check_words(piece: NewPiece, words: ShopWords) -> None:
    """Refuse a word that the shop does not know. Raises PieceImpossible."""
    for field, value, reason in _unknown(piece, words):
        raise PieceImpossible(field=field, value=value, reason=reason)


def asks_for_words(piece: NewPiece) -> bool:
    """Whether a piece names anything that `check_words` looks at."""
    return bool(piece.making_table or piece.tax_category or piece.margin_purchase_price is not None)


def _unknown(piece: NewPiece, words: ShopWords) -> Iterator[tuple[str, str, str]]:
    table, category = piece.making_table, piece.tax_category
    if table and table not in words.tables:
        yield (
            "making.table",
            table,
            _("There is no making table %(code)s. Make it under Rates, or choose another one.")
            % {"code": table[:40]},
        )
    if category and category not in words.categories:
        yield (
            "tax_category",
            category,
            _("Tax pack %(pack)s has no category %(name)s. It has: %(known)s.")
            % {
                "pack": words.pack,
                "name": category[:40],
                "known": ", ".join(words.categories),
            },
        )
    if piece.margin_purchase_price is not None and not words.has_margin_scheme:
        yield (
            "margin_purchase_price",
            str(piece.margin_purchase_price),
            _("Tax pack %(pack)s has no margin scheme. Leave the purchase price out.")
            % {"pack": words.pack},
        )
