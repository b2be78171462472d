"""A quote: what pieces would cost, of the stock by tag, or described. Writes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.units import UnknownCurrency
from apps.inventory.selectors import whole_pieces
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.policy import own_pricing
from apps.pricing.schemas import QuoteIn, terms_from
from apps.pricing.selectors import board_at
from apps.sales.pricing import PriceImpossible, refused
from apps.shops.days import day_of
from apps.shops.models import Shop


@dataclass(eq=False)
class ShopNeeded(Invalid):
    """The quote leaves something to a shop's settings, and no shop was named."""

    what: str

    def __str__(self) -> str:
        return _("The quote says no %(what)s. Write it, or name a shop with --shop.") % {
            "what": self.what
        }


def quote_of_shop(given: QuoteIn, *, shop: Shop, at: datetime) -> rules.Quote:
    """Price a quote in the shop in scope: its stock, its board, its tax pack and rounding.

    Raises PieceNotFound, RateMissing, PriceImpossible.
    """
    tags = given.tags()
    pieces = whole_pieces(tags=tags) if tags else []
    board = board_at(shop=shop, at=at)
    own = board.own.pricing if board.own else own_pricing(shop, at)

    def rate_for(metal: str, fineness: int | Decimal) -> rules.Rate:
        return board.rate_for(metal, int(fineness))

    try:
        terms = terms_from(
            given,
            tax_pack=shop.tax_pack,
            currency_code=shop.currency,
            today=day_of(shop, at),
            by_tag={whole.piece.tag: line_terms(whole, board) for whole in pieces},
            rate_for=rate_for,
            rounding=own.rounding,
            cash_step=shop.cash_step,
            table_for=board.making_table,
            tax_rates=own.charges.tax_rates,
        )
        return rules.price_document(terms)
    except rules.RuleBroken as broken:
        raise refused(broken) from broken
    except UnknownCurrency as unknown:
        raise PriceImpossible(field="currency", reason=str(unknown)) from unknown


def quote_alone(given: QuoteIn, *, today: date) -> rules.Quote:
    """Price a quote that says everything itself; asks no database.

    Raises ShopNeeded, PriceImpossible.
    """
    if given.tags():
        raise ShopNeeded(what=_("description of a piece, only its tag"))
    if given.tax_pack is None:
        raise ShopNeeded(what="tax_pack")
    if given.currency is None:
        raise ShopNeeded(what="currency")
    try:
        terms = terms_from(
            given, tax_pack=given.tax_pack, currency_code=given.currency, today=today
        )
        return rules.price_document(terms)
    except rules.RuleBroken as broken:
        raise refused(broken) from broken
    except UnknownCurrency as unknown:
        raise PriceImpossible(field="currency", reason=str(unknown)) from unknown
