from apps.counts.models.counts import CountFound, CountState, StockCount
from apps.counts.models.sheets import (
    CountExpected,
    CountHand,
    CountScan,
    CountSheet,
    CountWeighing,
    SheetState,
)

__all__ = [
    "CountExpected",
    "CountFound",
    "CountHand",
    "CountScan",
    "CountSheet",
    "CountState",
    "CountWeighing",
    "SheetState",
    "StockCount",
]
