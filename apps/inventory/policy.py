"""The shop's rules of its stock, dated: the section `stock`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from apps.shops.policies import policy

SECTION: Final = "stock"
_ALLOWED_LOSS_G: Final = Decimal("0.020")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRules:
    """`allowed_loss_g`: what a saw and two weighings may take of each metal without a word."""

    allowed_loss_g: Decimal


def stock_rules(*, at: datetime) -> StockRules:
    """The rules in force at `at`. One query."""
    given = policy(SECTION, at=at)
    return StockRules(allowed_loss_g=Decimal(given.get("allowed_loss_g", _ALLOWED_LOSS_G)))
