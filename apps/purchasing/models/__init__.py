from apps.purchasing.models.bags import Assay, Bag, BagState, Melt
from apps.purchasing.models.bars import Bar, BarState, Settlement, SettlementKind
from apps.purchasing.models.claims import ClaimMove, ClaimMoveKind, ClaimPayout
from apps.purchasing.models.metal import Fixing, MetalReceipt
from apps.purchasing.models.photos import Photo
from apps.purchasing.models.scraps import Scrap
from apps.purchasing.models.slips import (
    HowTested,
    OldGoldItem,
    OldGoldSlip,
    Purpose,
    SlipState,
    SlipVoid,
)

__all__ = [
    "Assay",
    "Bag",
    "BagState",
    "Bar",
    "BarState",
    "ClaimMove",
    "ClaimMoveKind",
    "ClaimPayout",
    "Fixing",
    "HowTested",
    "Melt",
    "MetalReceipt",
    "OldGoldItem",
    "OldGoldSlip",
    "Photo",
    "Purpose",
    "Scrap",
    "Settlement",
    "SettlementKind",
    "SlipState",
    "SlipVoid",
]
