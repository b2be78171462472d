"""Doors of the drawer: its state, opening, cash in and out, the close, and what was closed."""

from apps.till.views.close import compare, count
from apps.till.views.drawer import cash, open_drawer, slip, slip_pdf
from apps.till.views.reports import x_report, z_correct, z_list, z_page, z_pdf
from apps.till.views.state import rules, state

__all__ = [
    "cash",
    "compare",
    "count",
    "open_drawer",
    "rules",
    "slip",
    "slip_pdf",
    "state",
    "x_report",
    "z_correct",
    "z_list",
    "z_page",
    "z_pdf",
]
