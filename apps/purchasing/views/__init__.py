"""Pages of the old gold: slips, bags, bars, metal of suppliers."""

from apps.purchasing.views.after import pay, void
from apps.purchasing.views.bags import assay, bag, bag_list, fill, melt, seal
from apps.purchasing.views.bars import bar, bar_list, send, settle
from apps.purchasing.views.metal import fixing, positions, receiving
from apps.purchasing.views.new_slip import new
from apps.purchasing.views.papers import document, fixing_page, metal_pdf
from apps.purchasing.views.rules import policy
from apps.purchasing.views.slips import photo, report, show, slip_list, slip_pdf

__all__ = [
    "assay",
    "bag",
    "bag_list",
    "bar",
    "bar_list",
    "document",
    "fill",
    "fixing",
    "fixing_page",
    "melt",
    "metal_pdf",
    "new",
    "pay",
    "photo",
    "policy",
    "positions",
    "receiving",
    "report",
    "seal",
    "send",
    "settle",
    "show",
    "slip_list",
    "slip_pdf",
    "void",
]
