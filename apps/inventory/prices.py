"""What pieces of the stock cost today, each as a bill of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.inventory.selectors import WholePiece
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.bills import billing_of
from apps.pricing.making import PriceMissing
from apps.pricing.selectors import board_at
from apps.shops.models import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceToday:
    """A priced line; or no line and the sentence that says why there is no price."""

    line: rules.QuoteLine | None = None
    missing: str = ""

    @property
    def total(self) -> Decimal | None:
        return None if self.line is None else self.line.total


def prices_today(pieces: Sequence[WholePiece], *, shop: Shop, at: datetime) -> list[PriceToday]:
    """The price of each piece at the board's selling rates, in their order; one query.

    The total holds the tax, as the shop's tax pack says. A piece without a
    rate does not spoil the list: it says so in its own place.
    """
    metals = {metal.metal for whole in pieces for metal in whole.metals}
    board = board_at(shop=shop, at=at, metals=metals)
    try:
        billing = billing_of(shop, at, board=board)
    except rules.RuleBroken as broken:
        return [PriceToday(missing=_sentence(broken)) for _whole in pieces]

    def bill_of(whole: WholePiece) -> rules.QuoteTerms:
        return billing.terms((line_terms(whole, board),))

    return [_price(whole, bill_of) for whole in pieces]


def _price(whole: WholePiece, bill_of: Callable[[WholePiece], rules.QuoteTerms]) -> PriceToday:
    try:
        return PriceToday(line=rules.price_document(bill_of(whole)).lines[0])
    except PriceMissing as missing:
        return PriceToday(missing=str(missing))
    except rules.RuleBroken as broken:
        return PriceToday(missing=_sentence(broken))


def _sentence(broken: rules.RuleBroken) -> str:
    return _(broken.message).format(**broken.facts)
