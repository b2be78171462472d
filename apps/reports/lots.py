"""The lots of the stock report: what is held by weight, at average cost and at today's rate."""

from collections.abc import Iterator
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.units import EXACT, currency, round_money
from apps.ledger import chart
from apps.ledger.selectors import moved
from apps.lots.selectors import LotSum, sums_of_lots
from apps.pricing.models import Metal
from apps.pricing.rules.rates import per_gram
from apps.pricing.selectors import Board, RateMissing
from apps.reports.ask import Ask
from apps.reports.tables import Cell, Column, Kind, OfCosts, Row, Table, row
from apps.reports.words import metal_word

_ZERO = Decimal(0)


def lots_table(board: Board, *, code: str) -> list[Table]:
    """One table, or none where the shop keeps no lots. One query."""
    rows = [_row(each, board, code) for each in sums_of_lots()]
    if not rows:
        return []
    columns = [
        Column(_("Lots")),
        Column(_("Pieces"), Kind.COUNT),
        Column(_("Grams"), Kind.GRAMS),
        Column(_("Fine g"), Kind.GRAMS, wide=True),
        Column(_("Carats"), Kind.TEXT, wide=True),
        Column(_("Cost"), Kind.MONEY, code, cost=True),
        Column(_("Value today"), Kind.MONEY, code),
    ]
    return [Table(caption=_("Lots, at average cost"), columns=columns, rows=rows)]


def _row(each: LotSum, board: Board, code: str) -> Row:
    goods = metal_word(each.metal) if each.metal else _("Stones")
    name = f"{goods} · {each.category}" if each.category else goods
    return row(
        Cell(name, reverse("lots:list")),
        each.pieces or None,
        each.grams or None,
        each.fine_g or None,
        formatting.carats(each.carats, unit=False) if each.carats else "",
        each.cost,
        _value(each, board, code),
    )


def _value(each: LotSum, board: Board, code: str) -> Decimal | None:
    """Of the metal alone; None for stones, and without a rate today."""
    if not each.metal or each.fineness is None:
        return None
    try:
        rate = per_gram(board.rate_for(each.metal, each.fineness), each.fineness)
    except RateMissing:
        return None
    return round_money(EXACT.multiply(each.grams, rate), currency(code).exponent)


def lots_warnings(ask: Ask) -> Iterator[str]:
    """What the lots come to and the books do not; nothing, if all is well."""
    held = sums_of_lots()
    book = moved(until=ask.today, account=chart.LOTS)
    in_books = {commodity: amount.net for (_account, commodity), amount in book.items()}
    code = ask.shop.currency
    cost = sum((each.cost for each in held), _ZERO)
    if cost != in_books.get(code, _ZERO):
        said = _("The lots cost %(lots)s, and the books say %(books)s.") % {
            "lots": formatting.money(cost, code),
            "books": formatting.money(in_books.get(code, _ZERO), code),
        }
        yield OfCosts(said)
    for metal in Metal.values:
        fine = sum((each.fine_g for each in held if each.metal == metal), _ZERO)
        if fine != in_books.get(metal, _ZERO):
            yield _("%(metal)s: the lots hold %(lots)s fine, and the books say %(books)s.") % {
                "metal": metal_word(metal),
                "lots": formatting.grams(fine),
                "books": formatting.grams(in_books.get(metal, _ZERO)),
            }
