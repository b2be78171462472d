from apps.consignment.models.memos import (
    TERMS_IN,
    TERMS_OUT,
    Direction,
    LineState,
    Memo,
    MemoDay,
    MemoLine,
    MemoReturn,
    OwnerPayment,
    Terms,
)

__all__ = [
    "TERMS_IN",
    "TERMS_OUT",
    "Direction",
    "LineState",
    "Memo",
    "MemoDay",
    "MemoLine",
    "MemoReturn",
    "OwnerPayment",
    "Terms",
]
