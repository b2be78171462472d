"""Money taken before a sale: contracts with what was paid on them, and savings schemes."""

from apps.deposits.models.contracts import (
    Deposit,
    DepositDue,
    DepositKind,
    DepositMove,
    DepositPiece,
    DepositState,
    DropBorneBy,
    LeftAs,
    MoveKind,
)
from apps.deposits.models.schemes import (
    Membership,
    MembershipState,
    SchemeKind,
    SchemeMove,
    SchemeMoveKind,
    SchemePlan,
)

__all__ = [
    "Deposit",
    "DepositDue",
    "DepositKind",
    "DepositMove",
    "DepositPiece",
    "DepositState",
    "DropBorneBy",
    "LeftAs",
    "Membership",
    "MembershipState",
    "MoveKind",
    "SchemeKind",
    "SchemeMove",
    "SchemeMoveKind",
    "SchemePlan",
]
