"""A price that was agreed: the discount, or the addition, that makes it. Reads only.

Tax and rounding come after a discount, so that the amount is looked for and not worked out: the
total only ever falls with more taken off, and rises with more on top.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from apps.core.units import currency
from apps.inventory.selectors import WholePiece
from apps.pricing import rules
from apps.pricing.selectors import Board
from apps.sales.given import sum_of
from apps.sales.price_refusals import PriceUnreachable
from apps.sales.pricing import Wanted, price
from apps.shops.models import Shop

_ZERO = Decimal(0)


class Agreeing:
    """One piece whose price is being agreed."""

    def __init__(self, whole: WholePiece, *, board: Board, shop: Shop, at: datetime) -> None:
        self._whole, self._board, self._shop, self._at = whole, board, shop, at
        self._step = currency(shop.currency).step
        self._full = self._priced(_ZERO, _ZERO)

    def for_total(self, total: Decimal, reason: str) -> Wanted:
        """The terms whose line comes nearest to `total`, tax included; of two, the lower.

        Raises PriceUnreachable.
        """
        full = self._full.total
        if total == full:
            return Wanted(self._tag)
        if total > full:
            on_top = self._nearest(total, total - full, lambda x: self._priced(_ZERO, x).total)
            return Wanted(self._tag, raised=on_top or None)
        most = self._full.total - sum_of(self._full, rules.Kind.TAX)
        if any(p.is_within for p in self._full.components if p.kind == rules.Kind.TAX):
            most = full
        off = self._nearest(total, most, lambda x: self._priced(x, _ZERO).total)
        return self._less(off, rules.DiscountOn.LINE, reason)

    def for_making(self, making: Decimal, reason: str) -> Wanted:
        """The terms whose making, before tax, is `making`. Raises PriceUnreachable."""
        now = sum_of(self._full, rules.Kind.MAKING)
        if making >= now:
            return Wanted(self._tag, raised=making - now or None)
        return self._less(now - making, rules.DiscountOn.MAKING, reason)

    @property
    def _tag(self) -> str:
        return self._whole.piece.tag

    def _less(self, amount: Decimal, on: rules.DiscountOn, reason: str) -> Wanted:
        if not amount:
            return Wanted(self._tag)
        return Wanted(self._tag, (rules.DiscountTerms(amount=amount, on=on, reason=reason),))

    def _priced(self, off: Decimal, on_top: Decimal) -> rules.QuoteLine:
        less = rules.DiscountTerms(amount=off, on=rules.DiscountOn.LINE, reason="-")
        wanted = Wanted(self._tag, (less,) if off else (), on_top or None)
        quote = price(
            shop=self._shop, pieces=[self._whole], wanted=[wanted], board=self._board, at=self._at
        )
        return quote.lines[0]

    def _nearest(
        self, total: Decimal, most: Decimal, total_with: Callable[[Decimal], Decimal]
    ) -> Decimal:
        """The amount up to `most` with which the line comes nearest to `total`."""
        step = self._step
        low, high = 0, int(most / step)
        falls = total_with(_ZERO) > total

        def reached(steps: int) -> bool:
            at = total_with(steps * step)
            return at <= total if falls else at >= total

        if high < 1 or not reached(high):
            raise PriceUnreachable
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) else (middle + 1, high)
        around = [steps for steps in (low - 1, low) if steps >= 0]
        return min(
            (steps * step for steps in around),
            key=lambda amount: (abs(total_with(amount) - total), total_with(amount)),
        )
