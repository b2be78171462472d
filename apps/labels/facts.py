"""What of a piece can stand on its tag, as words of the tag's language. Never its cost."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core import formatting
from apps.inventory.prices import prices_today
from apps.inventory.selectors import WholePiece
from apps.labels.defaults import SAMPLE
from apps.labels.sheet import Field
from apps.pricing.words import karat_name, metal_name
from apps.shops.models import Shop


def facts_of(
    pieces: Sequence[WholePiece],
    *,
    fields: Iterable[Field],
    language: str,
    shop: Shop,
    at: datetime,
) -> list[dict[str, str]]:
    """What each tag says, by the fields' names. Prices are asked for only where they are shown."""
    with translation.override(language):
        totals: list[Decimal | None] = [None] * len(pieces)
        if any(field.what == "price" for field in fields):
            totals = [price.total for price in prices_today(pieces, shop=shop, at=at)]
        return [_facts(whole, total, shop) for whole, total in zip(pieces, totals, strict=True)]


def sample_facts(*, language: str, shop: Shop) -> dict[str, str]:
    """A piece that is none, for previews of shops without one."""
    with translation.override(language):
        return {
            "tag": SAMPLE["tag"],
            "name": _("Ring with a sapphire and two diamonds"),
            "metal": metal_name(SAMPLE["metal"]),
            "fineness": formatting.fineness(SAMPLE["fineness"]),
            "karat": karat_name(SAMPLE["metal"], SAMPLE["fineness"]),
            "gross": _gross(SAMPLE["gross_weight_g"]),
            "net": _net(SAMPLE["net_weight_g"]),
            "carats": formatting.carats(SAMPLE["carats"]),
            "huid": SAMPLE["huid"],
            "price": formatting.money(Decimal(48250), shop.currency, unit=True),
            "shop": shop.name,
        }


def _facts(whole: WholePiece, total: Decimal | None, shop: Shop) -> dict[str, str]:
    piece = whole.piece
    metals = whole.metals
    return {
        "tag": piece.tag,
        "name": piece.name,
        "metal": " + ".join(dict.fromkeys(metal_name(m.metal) for m in metals)),
        "fineness": " + ".join(dict.fromkeys(formatting.fineness(m.fineness) for m in metals)),
        "karat": " + ".join(
            dict.fromkeys(karat for m in metals if (karat := karat_name(m.metal, m.fineness)))
        ),
        "gross": "" if piece.gross_weight_g is None else _gross(piece.gross_weight_g),
        "net": _net(whole.net_weight_g) if metals else "",
        "carats": formatting.carats(whole.carats) if whole.carats else "",
        "huid": piece.hallmark,
        "price": "" if total is None else formatting.money(total, shop.currency, unit=True),
        "shop": shop.name,
    }


def _gross(weight_g: Decimal) -> str:
    word = pgettext("on a tag: gross weight", "G")
    return f"{word} {formatting.grams(weight_g)}"


def _net(weight_g: Decimal) -> str:
    word = pgettext("on a tag: net weight", "N")
    return f"{word} {formatting.grams(weight_g)}"
