"""The price of a bill together with what pays it: the same for the counter and for the sale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.deposits.services.redeem import making_discount
from apps.inventory.models import MakingMode
from apps.inventory.selectors import WholePiece
from apps.pricing import rules
from apps.pricing.selectors import Board
from apps.sales.claims import Claim, InPrice, Key, Priced, price_with_claims
from apps.sales.pricing import Wanted, price
from apps.sales.rules import Payment
from apps.shops.models import Shop

_ZERO: Final = Decimal(0)


@dataclass(eq=False)
class SchemeExcludes(Conflict):
    """A piece of a kind that is not sold against a savings scheme: coins, mostly."""

    number: str
    tag: str

    def __str__(self) -> str:
        return _("%(number)s does not pay for %(tag)s. Sell it on another bill.") % {
            "number": self.number,
            "tag": self.tag,
        }


def price_bill(
    *,
    shop: Shop,
    pieces: Sequence[WholePiece],
    wanted: Sequence[Wanted],
    board: Board,
    at: datetime,
    payments: Sequence[Payment],
    claims: Mapping[Key, Claim],
    discount: rules.DiscountTerms | None = None,
) -> Priced:
    """Price pieces as one bill, and settle what each claim pays of it.

    On the grams of a savings scheme of the gram kind no making is charged.
    Raises RateMissing, PriceImpossible, SchemeExcludes.
    """
    for claim in claims.values():
        _demand_allowed(claim, pieces)
    price_with = partial(price, shop=shop, pieces=pieces, board=board, at=at, discount=discount)

    def price_in(inside: InPrice) -> rules.Quote:
        return price_with(
            wanted=wanted if not inside.benefits else list(_freed(wanted, pieces, inside)),
            trade_ins=inside.trade_ins,
            deposit=inside.deposit,
        )

    return price_with_claims(price_in, payments, claims)


def _demand_allowed(claim: Claim, pieces: Sequence[WholePiece]) -> None:
    excluded = claim.benefit.excluded_category.casefold() if claim.benefit else ""
    for whole in pieces:
        if excluded and whole.piece.category.casefold() == excluded:
            raise SchemeExcludes(number=claim.number, tag=whole.piece.tag)


def _freed(
    wanted: Sequence[Wanted], pieces: Sequence[WholePiece], inside: InPrice
) -> Iterator[Wanted]:
    """The lines, with no making on the grams that schemes set free, the first pieces first."""
    benefits = list(inside.benefits)
    for each, whole in zip(wanted, pieces, strict=True):
        discounts = each.discounts
        grams = _with_making(whole)
        for i, benefit in enumerate(benefits):
            terms = making_discount(benefit, grams=grams) if grams else None
            if terms is None:
                continue
            free = min(benefit.free_making_g, grams)
            benefits[i] = replace(benefit, free_making_g=benefit.free_making_g - free)
            grams -= free
            discounts = (*discounts, terms)
        yield replace(each, discounts=discounts)


def _with_making(whole: WholePiece) -> Decimal:
    """Grams of a piece that a making charge is asked for."""
    piece = whole.piece
    if piece.fixed_price is not None or piece.making_mode == MakingMode.NONE:
        return _ZERO
    return whole.net_weight_g
