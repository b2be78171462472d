"""The drawer's tables: what was paid, counted, moved and closed."""

from apps.till.models.closes import ZCorrection, ZReport
from apps.till.models.counts import CountKind, TillCount
from apps.till.models.moves import CashMove, MoveKind, MovePlace
from apps.till.models.payments import Direction, Payment

__all__ = [
    "CashMove",
    "CountKind",
    "Direction",
    "MoveKind",
    "MovePlace",
    "Payment",
    "TillCount",
    "ZCorrection",
    "ZReport",
]
