"""Statements and dues for a spreadsheet: numbers stay numbers, and no text is ever calculated."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.currencies import CURRENCIES
from apps.credit.accounts import Balance, Statement
from apps.credit.ageing import Ageing

_CALCULATED: Final = ("=", "+", "-", "@", "\t", "\r")


def statement_csv(found: Statement) -> bytes:
    """A row for each move, between what the account came to before and after."""
    head = [
        _("Day"), _("Document"), _("Number"), _("Account"), _("Unit"), _("Amount"), _("Balance"),
    ]  # fmt: skip
    moves: list[list[str | Decimal]] = [
        [
            line.day.isoformat(),
            line.name,
            line.reference,
            line.account_name,
            line.commodity,
            _figure(line.amount, line.commodity),
            _figure(line.balance, line.commodity),
        ]
        for line in found.lines
    ]
    opening = [_row(found.since.isoformat(), _("Opening balance"), one) for one in found.opening]
    closing = [_row(found.until.isoformat(), _("Closing balance"), one) for one in found.closing]
    return _csv([[found.customer.name], head, *opening, *moves, *closing])


def dues_csv(ageing: Ageing, currency: str) -> bytes:
    """A row for each customer who owes."""
    head = [
        _("Customer"), _("Phone"), _("Limit"), _("Owes"), _("0–30 days"), _("31–60 days"),
        _("61–90 days"), _("Older"),
    ]  # fmt: skip
    rows = [
        [
            row.name,
            row.phone,
            _figure(row.limit, currency) if row.limit is not None else "",
            *(
                _figure(amount, currency)
                for amount in (row.owed, row.month, row.second, row.third, row.older)
            ),
        ]
        for row in ageing.rows
    ]
    return _csv([head, *rows])


def _row(day: str, words: str, balance: Balance) -> list[str | Decimal]:
    figure = _figure(balance.amount, balance.commodity)
    return [day, words, "", "", balance.commodity, "", figure]


def _figure(amount: Decimal, commodity: str) -> Decimal:
    known = CURRENCIES.get(commodity)
    digits = known.exponent if known else 3
    return amount.quantize(Decimal(1).scaleb(-digits))


def _csv(rows: Iterable[Iterable[str | Decimal]]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if isinstance(cell, Decimal) else _escaped(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _escaped(text: str) -> str:
    """An apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if text.startswith(_CALCULATED) else text
