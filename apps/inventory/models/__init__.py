from apps.inventory.models.documents import (
    DocumentKind,
    PieceChange,
    PieceOrigin,
    StockDocument,
)
from apps.inventory.models.imports import PieceImport
from apps.inventory.models.pieces import (
    MakingMode,
    Ownership,
    Piece,
    PieceMetal,
    PieceState,
    PieceStone,
    StonePriceMode,
    WastageMode,
)
from apps.inventory.models.places import Custody, Movement, MovementKind, Place, PlaceKind
from apps.inventory.models.reservations import Reservation, ReservationEnd
from apps.inventory.models.transfers import (
    LineState,
    Transfer,
    TransferLine,
    TransferReceipt,
    TransferState,
)
from apps.pricing.models import MakingBasis

__all__ = [
    "Custody",
    "DocumentKind",
    "LineState",
    "MakingBasis",
    "MakingMode",
    "Movement",
    "MovementKind",
    "Ownership",
    "Piece",
    "PieceChange",
    "PieceImport",
    "PieceMetal",
    "PieceOrigin",
    "PieceState",
    "PieceStone",
    "Place",
    "PlaceKind",
    "Reservation",
    "ReservationEnd",
    "StockDocument",
    "StonePriceMode",
    "Transfer",
    "TransferLine",
    "TransferReceipt",
    "TransferState",
    "WastageMode",
]
