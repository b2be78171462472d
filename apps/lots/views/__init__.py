"""Doors of the lots: the list, a new one, one with its history and what is done with it."""

from apps.lots.views.lists import edit, lot_list, new
from apps.lots.views.one import back, more, off, part, show

__all__ = ["back", "edit", "lot_list", "more", "new", "off", "part", "show"]
