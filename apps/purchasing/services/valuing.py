"""What the items of an offer are worth today: shown before anything is bought, and then paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.units import MOST_MONEY, RATE, format_permille, round_to
from apps.pricing.models import Metal, RateSide
from apps.pricing.rules.rates import Rate, quoted
from apps.pricing.selectors import Board, RateMissing, board_at
from apps.purchasing.models import Purpose
from apps.purchasing.policy import OldGoldPolicy, old_gold_policy
from apps.purchasing.rules.worth import Worth, worth
from apps.purchasing.services.offers import ItemImpossible, NewItem
from apps.shops.models import Shop

_RATE_STEP = Decimal(1).scaleb(-RATE["decimal_places"])


@dataclass(eq=False)
class BuyingRateMissing(Conflict):
    metal: str
    fineness: str

    def __str__(self) -> str:
        return _("%(metal)s %(fineness)s has no buying rate today. Ask the owner to set it.") % {
            "metal": Metal(self.metal).label,
            "fineness": self.fineness,
        }


class OfferTooLarge(Invalid):
    def __str__(self) -> str:
        return _("The slip is worth more than any till holds. Check the weights and the rate.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedItem:
    """An item with the rate and the value it is bought at.

    `rate_amount`, `rate_unit`, `rate_fineness`, `premium_percent`: the rate as it was quoted.
    `standard`: what it is worth by the test, the board and the shop's own cut.
    """

    item: NewItem
    offered_fineness: int
    cut_percent: Decimal
    rate_amount: Decimal
    rate_unit: str
    rate_fineness: int
    premium_percent: Decimal
    board_rate_per_g: Decimal
    worth: Worth
    standard: Worth

    @property
    def is_generous(self) -> bool:
        """More than the shop's own rules give: only somebody in charge may agree to it."""
        return self.worth.value > self.standard.value


@dataclass(frozen=True)
class Valuation:
    """All items of a slip, valued under one policy."""

    policy: OldGoldPolicy
    items: Sequence[ValuedItem]

    @cached_property
    def total(self) -> Decimal:
        return sum((valued.worth.value for valued in self.items), Decimal(0))

    @cached_property
    def fine_g(self) -> dict[str, Decimal]:
        """Fine grams by metal: what the ledger takes in."""
        fine: dict[str, Decimal] = {}
        for valued in self.items:
            metal = valued.item.metal
            fine[metal] = fine.get(metal, Decimal(0)) + valued.worth.fine_g
        return fine

    @property
    def is_generous(self) -> bool:
        return any(valued.is_generous for valued in self.items)


def value(items: Sequence[NewItem], *, purpose: str, shop: Shop, at: datetime) -> Valuation:
    """What the items are worth at the buying rates in force at `at`. Two queries.

    The items made sense already (`offers.demand_sense`).
    Raises BuyingRateMissing, ItemImpossible, OfferTooLarge.
    """
    policy = old_gold_policy(shop=shop, at=at)
    board = board_at(
        shop=shop, at=at, side=RateSide.BUY, metals={item.metal for item in items} or ("gold",)
    )
    premium = policy.premium_percent if purpose == Purpose.EXCHANGE else Decimal(0)
    valuation = Valuation(
        policy=policy,
        items=[
            _valued(item, position, board=board, policy=policy, premium=premium)
            for position, item in enumerate(items, start=1)
        ],
    )
    if valuation.total >= MOST_MONEY / 10:
        raise OfferTooLarge
    return valuation


def _valued(
    item: NewItem, position: int, *, board: Board, policy: OldGoldPolicy, premium: Decimal
) -> ValuedItem:
    assert item.tested_fineness is not None, "demand_sense was asked"
    offered = item.offered_fineness or item.tested_fineness
    try:
        quote = board.quote_for(item.metal, offered)
        for_tested = board.rate_for(item.metal, item.tested_fineness)
    except RateMissing as missing:
        raise BuyingRateMissing(metal=missing.metal, fineness=format_permille(offered)) from None
    of_board = quoted(quote.amount, quote.unit, quote.fineness)
    cut = policy.cut_percent if item.cut_percent is None else item.cut_percent

    def worth_at(rate: Rate, fineness: int, premium: Decimal, cut: Decimal) -> Worth:
        return worth(
            net_g=item.net_weight_g,
            fineness=fineness,
            rate=rate,
            premium_percent=premium,
            cut_percent=cut,
            step=policy.step,
        )

    by_board = worth_at(of_board, offered, premium, cut)
    standard = worth_at(for_tested, item.tested_fineness, premium, policy.cut_percent)
    if item.rate_per_g is None:
        amount, unit, fineness, raised = quote.amount, quote.unit, quote.fineness, premium
        agreed = by_board
    else:
        amount, unit, fineness, raised = item.rate_per_g, "g", offered, Decimal(0)
        agreed = worth_at(quoted(amount, unit, fineness), offered, raised, cut)
    if agreed.value <= 0 or agreed.fine_g <= 0:
        raise ItemImpossible(
            position=position,
            field="gross_weight_g",
            why=_("It is worth nothing. Check the weight, the rate and the cut."),
        )
    return ValuedItem(
        item=item,
        offered_fineness=offered,
        cut_percent=cut,
        rate_amount=amount,
        rate_unit=unit,
        rate_fineness=fineness,
        premium_percent=raised,
        board_rate_per_g=round_to(by_board.rate_per_g, _RATE_STEP),
        worth=agreed,
        standard=standard,
    )
