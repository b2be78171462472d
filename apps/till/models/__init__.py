"""The drawer's tables: what was paid, counted, moved and closed, and the printers beside it."""

from apps.till.models.closes import ZCorrection, ZReport
from apps.till.models.counts import CountKind, TillCount
from apps.till.models.moves import CashMove, MoveKind, MovePlace
from apps.till.models.payments import Direction, Payment
from apps.till.models.printers import Printer, PrinterDots, PrinterUse

__all__ = [
    "CashMove",
    "CountKind",
    "Direction",
    "MoveKind",
    "MovePlace",
    "Payment",
    "Printer",
    "PrinterDots",
    "PrinterUse",
    "TillCount",
    "ZCorrection",
    "ZReport",
]
