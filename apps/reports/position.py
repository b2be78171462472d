"""The open metal position: how many fine grams the shop is long or short of each metal."""

from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.units import EXACT, FULL_FINENESS, currency, round_money
from apps.ledger import chart
from apps.ledger.models import AccountKind
from apps.ledger.selectors import Book, moved
from apps.pricing.models import Metal
from apps.pricing.rules.rates import per_gram
from apps.pricing.selectors import Board, RateMissing, board_at
from apps.reports.ask import Ask
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row
from apps.reports.words import metal_word

# The other side of promised grams: it balances them in the books and is no metal anywhere.
_NO_METAL = frozenset({chart.METAL_PROMISED})
_COUNTED = (AccountKind.ASSET, AccountKind.LIABILITY)


def metal_position(ask: Ask) -> Report:
    """What the shop has and owes of each metal at the end of the period. Six queries.

    net = Σ fine grams in assets − Σ fine grams in liabilities, but for the accounts that only
    balance promises. + is long: a falling rate costs money. Value = net × today's rate of the
    pure metal.
    """
    book = moved(until=ask.period.until)
    board = board_at(shop=ask.shop, at=ask.now)
    metals = [metal for metal in Metal.values if any(c == metal for _a, c in book)]
    tables = [_table(ask, metal, book, board) for metal in metals]
    return Report(
        tables=tables,
        headline=" ".join(_sentence(metal, net_of(metal, book)) for metal in metals),
        notes=[_("Values are of the metal alone, at the rate of today for the pure metal.")],
    )


def net_of(metal: str, book: Book) -> Decimal:
    """The open position in fine grams; + is long."""
    return sum(
        (amount.net for (account, c), amount in book.items() if c == metal and _counts(account)),
        Decimal(0),
    )


def _counts(account: str) -> bool:
    return account not in _NO_METAL and chart.CHART[account][1] in _COUNTED


def _table(ask: Ask, metal: str, book: Book, board: Board) -> Table:
    code = ask.shop.currency
    try:
        rate = per_gram(board.rate_for(metal, FULL_FINENESS), FULL_FINENESS)
    except RateMissing:
        rate = None

    def value(grams: Decimal) -> Decimal | None:
        if rate is None:
            return None
        return round_money(EXACT.multiply(grams, rate), currency(code).exponent)

    rows: list[Row] = []
    for kind, heading in (
        (AccountKind.ASSET, _("In the shop and owed to it")),
        (AccountKind.LIABILITY, _("Owed by the shop")),
    ):
        lines = [
            (account, book[account, metal].net)
            for account, (_name, its_kind) in chart.CHART.items()
            if its_kind == kind and _counts(account) and (account, metal) in book
        ]
        if lines:
            rows.append(row(heading, style="group"))
        for account, grams in lines:
            where = "stock" if account == chart.STOCK else "account"
            link = ask.address(where, account=account, commodity=metal)
            rows.append(
                row(Cell(chart.account_name(account), link), Cell(grams, link), value(grams))
            )
    net = net_of(metal, book)
    rows.append(row(_("Open position"), net, value(net), style="total"))
    return Table(
        caption=metal_word(metal),
        columns=[
            Column(_("Where")),
            Column(_("Fine g"), Kind.GRAMS),
            Column(_("Value today"), Kind.MONEY, code),
        ],
        rows=rows,
        note="" if rate else _("There is no rate of today for the pure metal."),
    )


def _sentence(metal: str, net: Decimal) -> str:
    word = metal_word(metal).lower()
    if not net:
        return _("You are square in %(metal)s.") % {"metal": word}
    grams = formatting.grams(abs(net))
    if net > 0:
        return _("You are %(grams)s long of %(metal)s.") % {"grams": grams, "metal": word}
    return _("You are %(grams)s short of %(metal)s.") % {"grams": grams, "metal": word}
