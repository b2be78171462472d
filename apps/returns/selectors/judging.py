"""What the shop's rules make of pieces that came back. Reads only: the page shows it, the
service writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.core.units import currency, round_money
from apps.pricing.models import RateSide
from apps.pricing.rules import Component, Kind, TradeInTerms
from apps.pricing.rules.trade_ins import trade_in_value
from apps.pricing.selectors import Board, board_at
from apps.returns.models import Fate
from apps.returns.orders import Back, demand_sense
from apps.returns.policy import REFUSE, TO_CREDIT, TODAY, ReturnRules, ReturnTerms, return_rules
from apps.returns.refusals import (
    BeforeItsSale,
    Damaged,
    HallmarkGone,
    Heavier,
    Lighter,
    NotWeighed,
    TooLate,
)
from apps.returns.rules import Part, given_back, metal_share_of, share_of_grams, total_of
from apps.returns.selectors.bills import BillNow
from apps.sales.models import Sale, SaleLine
from apps.shops.days import day_of
from apps.shops.models import Shop

_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """One line that comes back: what of it is given back, and where the piece goes.

    `metal_share`: how much of the metal came back, 0 to 1. `worth`: at what the piece stands in
    the books from now on.
    """

    line: SaleLine
    back: Back
    terms: dict[str, Any]
    sold_g: Decimal | None
    parts: tuple[Part, ...]
    refunded: Decimal
    kept: Decimal
    tax: Decimal
    fate: Fate
    metal_share: Decimal
    worth: Decimal

    def as_json(self) -> dict[str, Any]:
        """What is stored and printed, as strings."""
        exponent = currency(self.line.sale.currency).exponent
        return {
            "terms": self.terms,
            "metal_share": format(self.metal_share.normalize(), "f"),
            "hallmark_intact": self.back.hallmark_intact,
            "damaged": self.back.damaged,
            "parts": [
                {
                    "kind": part.kind.value,
                    "label": part.label,
                    "gross": format(part.gross, "f"),
                    "discount": format(part.discount, "f"),
                    "refunded": format(part.refunded, "f"),
                    "kept": format(part.kept, "f"),
                    "within": part.is_within,
                    "shown": part.is_shown,
                    "percent": format(part.percent, "f"),
                    "base": format(round_money(part.base, exponent), "f"),
                }
                for part in self.parts
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All lines of one document. `total` = what the lines give back + round_off."""

    lines: tuple[LineResult, ...]
    round_off: Decimal
    to_credit: bool  # the policy gives store credit

    @property
    def total(self) -> Decimal:
        return sum((line.refunded for line in self.lines), _ZERO) + self.round_off

    @property
    def kept(self) -> Decimal:
        return sum((line.kept for line in self.lines), _ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), _ZERO)


def judged(bill: BillNow, backs: Sequence[Back], *, shop: Shop, at: datetime) -> Result:
    """What these pieces of a bill give, by the rules that were in force when it was sold.

    Raises NothingComesBack, ChosenTwice, WeightImpossible, NotOnBill, CameBackAlready,
    BeforeItsSale, TooLate, NotWeighed, Heavier, Lighter, HallmarkGone, Damaged, RateMissing.
    """
    demand_sense(backs)
    sale = bill.sale
    if at < sale.sold_at:
        raise BeforeItsSale(bill=sale.code)
    rules = return_rules(at=sale.sold_at)
    lines = tuple(_judged(bill.line_of(back.tag), back, rules, shop=shop, at=at) for back in backs)
    return Result(
        lines=lines,
        round_off=_round_off(bill, lines),
        to_credit=any(
            rules.terms_for(each.line.snapshot["category"]).refund_to == TO_CREDIT for each in lines
        ),
    )


def sold_weight_of(line: SaleLine) -> Decimal | None:
    """What the whole piece weighed when it was sold; None where nobody weighed it. Grams."""
    gross = line.snapshot["gross_weight_g"]
    weight = Decimal(gross) if gross is not None else Decimal(line.snapshot["net_weight_g"])
    return weight or None


def buying_value(
    line: SaleLine, *, share: Decimal, percent: Decimal, board: Board, exponent: int
) -> Decimal:
    """What the metal of a sold piece is worth at the board's rates.

    sum of net x share x rate x percent / 100, rounded once. Raises RateMissing.
    """
    value = _ZERO
    for metal in line.snapshot["metals"]:
        grams = share_of_grams(Decimal(metal["net_weight_g"]), share)
        if not grams:
            continue
        worth, _fine = trade_in_value(
            TradeInTerms(
                metal=metal["metal"],
                net_weight_g=grams,
                fineness=metal["fineness"],
                rate=board.rate_for(metal["metal"], metal["fineness"]),
                cut_percent=100 - percent,
            )
        )
        value += worth
    return round_money(value, exponent)


def metals_of(line: SaleLine) -> set[str]:
    return {metal["metal"] for metal in line.snapshot["metals"]}


def _judged(
    line: SaleLine, back: Back, rules: ReturnRules, *, shop: Shop, at: datetime
) -> LineResult:
    terms = rules.terms_for(line.snapshot["category"])
    _demand_in_time(line, terms, shop=shop, at=at)
    sold_g = sold_weight_of(line)
    share = _share(line, back, terms, sold_g)
    if back.damaged and terms.damaged == REFUSE:
        raise Damaged(tag=line.tag)
    if not back.hallmark_intact and terms.hallmark:
        raise HallmarkGone(tag=line.tag)
    components = [Component.from_json(stored) for stored in line.snapshot["components"]]
    money = currency(line.sale.currency)
    parts = given_back(
        components,
        refunded=terms.refunded,
        step=money.step,
        metal_share=share * _rate_share(line, components, terms, shop=shop, at=at),
        fee_percent=terms.fee_percent,
    )
    total = total_of(parts)
    # What is not as it was sold does not lie in the tray again: its tag would lie.
    whole = share == _ONE and not back.damaged and back.hallmark_intact
    return LineResult(
        line=line,
        back=back,
        terms=terms.as_json(),
        sold_g=sold_g,
        parts=parts,
        refunded=total.total,
        kept=total.kept,
        tax=total.refunded(Kind.TAX),
        fate=Fate.STOCK if whole else Fate.OLD_GOLD,
        metal_share=share,
        worth=line.cost if whole else _scrap_worth(line, share, shop=shop, at=at),
    )


def _demand_in_time(line: SaleLine, terms: ReturnTerms, *, shop: Shop, at: datetime) -> None:
    last_day = line.sale.day + timedelta(days=terms.window_days)
    if day_of(shop, at) > last_day:
        raise TooLate(tag=line.tag, last_day=last_day, days=terms.window_days)


def _share(line: SaleLine, back: Back, terms: ReturnTerms, sold_g: Decimal | None) -> Decimal:
    """How much of the metal came back; what differs by less than the tolerance is all of it."""
    if sold_g is None:
        return _ONE
    if back.weighed_g is None:
        raise NotWeighed(tag=line.tag)
    if back.weighed_g > sold_g + terms.tolerance_g:
        raise Heavier(tag=line.tag, sold_g=sold_g, weighed_g=back.weighed_g)
    if back.weighed_g >= sold_g - terms.tolerance_g:
        return _ONE
    if terms.short == REFUSE:
        raise Lighter(tag=line.tag, sold_g=sold_g, weighed_g=back.weighed_g)
    return metal_share_of(
        sold_g=sold_g,
        weighed_g=back.weighed_g,
        net_g=Decimal(line.snapshot["net_weight_g"]),
    )


def _rate_share(
    line: SaleLine,
    components: Sequence[Component],
    terms: ReturnTerms,
    *,
    shop: Shop,
    at: datetime,
) -> Decimal:
    """Today's worth of the metal by what it cost then, at most 1."""
    charged = sum((part.amount for part in components if part.kind == Kind.METAL), _ZERO)
    if terms.rates != TODAY or charged <= 0:
        return _ONE
    board = board_at(shop=shop, at=at, side=RateSide.SELL, metals=metals_of(line))
    today = buying_value(
        line,
        share=_ONE,
        percent=Decimal(100),
        board=board,
        exponent=currency(line.sale.currency).exponent,
    )
    return min(_ONE, today / charged)


def _scrap_worth(line: SaleLine, share: Decimal, *, shop: Shop, at: datetime) -> Decimal:
    """The lower of what the piece cost and what its metal is worth today."""
    board = board_at(shop=shop, at=at, side=RateSide.BUY, metals=metals_of(line))
    exponent = currency(line.sale.currency).exponent
    metal = buying_value(line, share=share, percent=Decimal(100), board=board, exponent=exponent)
    return min(line.cost, metal)


def _round_off(bill: BillNow, lines: Sequence[LineResult]) -> Decimal:
    """The bill's own rounding comes back with its last piece, if nothing was kept of any."""
    sale: Sale = bill.sale
    coming = {each.line.pk for each in lines}
    if not sale.round_off or any(each.line.pk not in coming for each in bill.live):
        return _ZERO
    earlier = [each.taken for each in bill.lines if each.taken is not None]
    kept = any(each.kept for each in lines) or any(taken.kept for taken in earlier)
    # Where the bill was rounded down the customer paid less than its lines: never more goes back.
    return _ZERO if kept and sale.round_off > 0 else sale.round_off
