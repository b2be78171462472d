"""Writes of the lots: opening one, taking in, drawing a part, putting it back, adjusting."""

from apps.lots.services.adjusting import adjust, write_off
from apps.lots.services.drawing import draw, put_back
from apps.lots.services.opening import NewLot, change_terms, open_lot
from apps.lots.services.taking_in import take_more

__all__ = [
    "NewLot",
    "adjust",
    "change_terms",
    "draw",
    "open_lot",
    "put_back",
    "take_more",
    "write_off",
]
