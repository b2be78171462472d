"""Words of a column that may be one of a few: ours, and what others write for them."""

import re
from typing import Final

from django.db.models import TextChoices

from apps.core.typed import fold_letters
from apps.inventory.models import MakingBasis, MakingMode, StonePriceMode, WastageMode
from apps.pricing.models import Metal

_OTHERS: Final[dict[type[TextChoices], dict[str, str]]] = {
    Metal: {
        "au": Metal.GOLD, "طلا": Metal.GOLD, "ذهب": Metal.GOLD,
        "ag": Metal.SILVER, "نقره": Metal.SILVER, "فضه": Metal.SILVER,
        "pt": Metal.PLATINUM, "پلاتین": Metal.PLATINUM, "بلاتین": Metal.PLATINUM,
        "pd": Metal.PALLADIUM, "پالادیوم": Metal.PALLADIUM, "بلادیوم": Metal.PALLADIUM,
    },
    MakingMode: {
        "%": MakingMode.PERCENT_OF_METAL, "percent": MakingMode.PERCENT_OF_METAL,
        "% of metal": MakingMode.PERCENT_OF_METAL,
        "g": MakingMode.PER_GRAM, "per g": MakingMode.PER_GRAM, "/g": MakingMode.PER_GRAM,
        "fixed": MakingMode.PER_PIECE, "piece": MakingMode.PER_PIECE,
        "table": MakingMode.SLAB,
    },
    MakingBasis: {"net weight": MakingBasis.NET, "gross weight": MakingBasis.GROSS,
        "metal + wastage": MakingBasis.METAL_AND_WASTAGE},
    WastageMode: {
        "%": WastageMode.PERCENT_OF_WEIGHT, "percent": WastageMode.PERCENT_OF_WEIGHT,
        "g": WastageMode.GRAMS,
    },
    StonePriceMode: {
        "ct": StonePriceMode.PER_CARAT, "/ct": StonePriceMode.PER_CARAT,
        "per ct": StonePriceMode.PER_CARAT, "per stone": StonePriceMode.PER_PIECE,
        "total": StonePriceMode.FIXED,
    },
}  # fmt: skip


def word_of(text: str, known: type[TextChoices]) -> str | None:
    """The word of `known` that is meant: its own, its label, or what others write; else None."""
    folded = _folded(text)
    for word, label in known.choices:
        if folded in (_folded(word), _folded(str(label))):
            return str(word)
    return _OTHERS.get(known, {}).get(folded)


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", fold_letters(text)).strip()
