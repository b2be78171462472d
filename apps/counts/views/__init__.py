"""Doors of the counts: the list, a count, the scanner's page of a tray, the approval."""

from apps.counts.views.approval import approval, found
from apps.counts.views.counts import count_list, give_up, new, paper, show
from apps.counts.views.scanning import scans
from apps.counts.views.sheets import again, done, sheet_page, take, weigh_lot

__all__ = [
    "again",
    "approval",
    "count_list",
    "done",
    "found",
    "give_up",
    "new",
    "paper",
    "scans",
    "sheet_page",
    "show",
    "take",
    "weigh_lot",
]
