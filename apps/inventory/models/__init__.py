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
from apps.inventory.models.places import Movement, MovementKind, Place, PlaceKind
from apps.pricing.models import MakingBasis

__all__ = [
    "MakingBasis",
    "MakingMode",
    "Movement",
    "MovementKind",
    "Ownership",
    "Piece",
    "PieceImport",
    "PieceMetal",
    "PieceState",
    "PieceStone",
    "Place",
    "PlaceKind",
    "StonePriceMode",
    "WastageMode",
]
