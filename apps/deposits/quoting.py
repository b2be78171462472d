"""What pieces would cost: the price that a contract is agreed on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.inventory.selectors import WholePiece
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.bills import billing_of
from apps.pricing.selectors import board_at
from apps.shops.models import Shop


@dataclass(eq=False)
class PriceImpossible(Invalid):
    """The terms make no price: a sentence of the pricing rules, in the reader's language."""

    field: str
    reason: str

    def __str__(self) -> str:
        return self.reason


def quote_for(
    *,
    shop: Shop,
    pieces: Sequence[WholePiece],
    at: datetime,
    deposit: rules.DepositTerms | None = None,
) -> rules.Quote:
    """Price pieces as one bill at `at`, with what a deposit does to it.

    Raises RateMissing, PriceImpossible.
    """
    metals = {metal.metal for whole in pieces for metal in whole.metals}
    board = board_at(shop=shop, at=at, metals=metals)
    lines = tuple(line_terms(whole, board) for whole in pieces)
    try:
        return rules.price_document(replace(billing_of(shop, at).terms(lines), deposit=deposit))
    except rules.RuleBroken as broken:
        raise PriceImpossible(
            field=broken.field, reason=_(broken.message).format(**broken.facts)
        ) from broken
