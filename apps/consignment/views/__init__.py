"""Doors of memos: the lists, one with what comes back, an owner's pieces, what they are paid."""

from apps.consignment.views.memos import back, day, memo_list, memo_pdf, show
from apps.consignment.views.owners import pay, payment, statement, statement_pdf
from apps.consignment.views.taking_in import add_piece, again, buy_piece, new

__all__ = [
    "add_piece",
    "again",
    "back",
    "buy_piece",
    "day",
    "memo_list",
    "memo_pdf",
    "new",
    "pay",
    "payment",
    "show",
    "statement",
    "statement_pdf",
]
