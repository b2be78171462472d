"""What the shop would pay for pieces that it sold. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.core.units import currency
from apps.pricing.models import RateSide
from apps.pricing.selectors import board_at
from apps.returns.models import Fate
from apps.returns.orders import Back, demand_sense
from apps.returns.policy import TO_STOCK, BuyBackTerms, buy_back_terms
from apps.returns.refusals import BeforeItsSale, Heavier, NoMetalToBuy, NotWeighed
from apps.returns.rules import metal_share_of
from apps.returns.selectors.bills import BillNow
from apps.returns.selectors.judging import buying_value, metals_of, sold_weight_of
from apps.sales.models import SaleLine
from apps.shops.models import Shop

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """What is paid for one piece: the metal that is there, at the buying rate, by the percent."""

    line: SaleLine
    back: Back
    terms: BuyBackTerms
    sold_g: Decimal | None
    metal_share: Decimal
    value: Decimal
    fate: Fate

    def as_json(self) -> dict[str, Any]:
        """What is stored and printed, as strings."""
        return {
            "terms": self.terms.as_json(),
            "metal_share": format(self.metal_share.normalize(), "f"),
            "hallmark_intact": self.back.hallmark_intact,
            "damaged": self.back.damaged,
            "parts": [],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    lines: tuple[OfferLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.value for line in self.lines), _ZERO)


def offered(bill: BillNow, backs: Sequence[Back], *, shop: Shop, at: datetime) -> Offer:
    """What these pieces of a bill are bought for, by today's policy and today's buying rates.

    Raises NothingComesBack, ChosenTwice, WeightImpossible, NotOnBill, CameBackAlready,
    BeforeItsSale, NotWeighed, Heavier, NoMetalToBuy, RateMissing.
    """
    demand_sense(backs)
    if at < bill.sale.sold_at:
        raise BeforeItsSale(bill=bill.sale.code)
    terms = buy_back_terms(at=at)
    return Offer(
        lines=tuple(
            _offered(bill.line_of(back.tag), back, terms, shop=shop, at=at) for back in backs
        )
    )


def _offered(
    line: SaleLine, back: Back, terms: BuyBackTerms, *, shop: Shop, at: datetime
) -> OfferLine:
    sold_g = sold_weight_of(line)
    if sold_g is None or not line.snapshot["metals"]:
        raise NoMetalToBuy(tag=line.tag)
    if back.weighed_g is None:
        raise NotWeighed(tag=line.tag)
    if back.weighed_g > sold_g + terms.tolerance_g:
        raise Heavier(tag=line.tag, sold_g=sold_g, weighed_g=back.weighed_g)
    short = back.weighed_g < sold_g - terms.tolerance_g
    share = Decimal(1)
    if short:
        share = metal_share_of(
            sold_g=sold_g,
            weighed_g=back.weighed_g,
            net_g=Decimal(line.snapshot["net_weight_g"]),
        )
    board = board_at(shop=shop, at=at, side=RateSide.BUY, metals=metals_of(line))
    value = buying_value(
        line,
        share=share,
        percent=terms.percent,
        board=board,
        exponent=currency(line.sale.currency).exponent,
    )
    if value <= 0:
        raise NoMetalToBuy(tag=line.tag)
    whole = not short and not back.damaged and back.hallmark_intact
    return OfferLine(
        line=line,
        back=back,
        terms=terms,
        sold_g=sold_g,
        metal_share=share,
        value=value,
        fate=Fate.STOCK if whole and terms.to == TO_STOCK else Fate.OLD_GOLD,
    )
