"""The bill for pieces of the stock: what a quote and a sale have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.inventory.selectors import WholePiece
from apps.inventory.terms import line_terms
from apps.pricing import rules
from apps.pricing.bills import billing_of
from apps.pricing.quote_lines import raised_by
from apps.pricing.selectors import Board, board_at
from apps.shops.models import Shop


@dataclass(eq=False)
class PriceImpossible(Invalid):
    """The terms make no price: a sentence of the pricing rules, in the reader's language."""

    field: str
    reason: str

    def __str__(self) -> str:
        return self.reason


def refused(broken: rules.RuleBroken) -> PriceImpossible:
    """The refusal that a broken rule is to its reader."""
    return PriceImpossible(field=broken.field, reason=_(broken.message).format(**broken.facts))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece that is to be on the bill; `raised` before tax is agreed on top of its price."""

    tag: str
    discounts: tuple[rules.DiscountTerms, ...] = ()
    raised: Decimal | None = None


def board_for(shop: Shop, pieces: Sequence[WholePiece], at: datetime) -> Board:
    """The selling rates that these pieces may need; one query, however many pieces."""
    metals = {metal.metal for whole in pieces for metal in whole.metals}
    return board_at(shop=shop, at=at, metals=metals)


def price(
    *,
    shop: Shop,
    pieces: Sequence[WholePiece],
    wanted: Sequence[Wanted],
    board: Board,
    at: datetime,
    discount: rules.DiscountTerms | None = None,
    trade_ins: tuple[rules.TradeInTerms, ...] = (),
    deposit: rules.DepositTerms | None = None,
) -> rules.Quote:
    """Price pieces as one bill, by the shop's tax pack, rounding and coins.

    Old gold may lower what is taxed, and a deposit may fix the rate of grams.
    Raises RateMissing, PriceImpossible.
    """
    lines = tuple(_terms(whole, each, board) for whole, each in zip(pieces, wanted, strict=True))
    try:
        terms = billing_of(shop, at, board=board).terms(lines, discount=discount)
        if trade_ins or deposit:
            terms = replace(terms, trade_ins=trade_ins, deposit=deposit)
        return rules.price_document(terms)
    except rules.RuleBroken as broken:
        raise refused(broken) from broken


def _terms(whole: WholePiece, wanted: Wanted, board: Board) -> rules.LineTerms:
    terms = line_terms(whole, board, discounts=wanted.discounts)
    return raised_by(terms, wanted.raised)
