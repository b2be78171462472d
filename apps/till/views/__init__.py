"""Doors of the drawer: its state, opening, cash in and out, the close, and what was closed."""

from apps.till.views.close import compare, count
from apps.till.views.drawer import cash, open_drawer, slip, slip_pdf
from apps.till.views.no_sale import no_sale
from apps.till.views.printers import printers
from apps.till.views.reports import x_pdf, x_report, z_correct, z_list, z_page, z_pdf
from apps.till.views.state import rules, state

__all__ = [
    "cash",
    "compare",
    "count",
    "no_sale",
    "open_drawer",
    "printers",
    "rules",
    "slip",
    "slip_pdf",
    "state",
    "x_pdf",
    "x_report",
    "z_correct",
    "z_list",
    "z_page",
    "z_pdf",
]
