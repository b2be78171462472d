"""The trial balance, in money and in fine grams: what lies in every account, proved by zero."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.ledger.chart import CHART, account_name
from apps.ledger.countries import country_of
from apps.ledger.models import AccountKind
from apps.ledger.selectors import Book, Moved, moved
from apps.reports.ask import Ask
from apps.reports.tables import Cell, Column, Report, Row, Table, row
from apps.reports.words import amounts, commodity_word, in_order

_NOTHING = Moved()


def trial_balance(ask: Ask) -> Report:
    """Each account: before the period, into it, out of it, after it. Eight queries.

    before + debit − credit = after; debits and credits of all accounts are equal, and the sums
    before and after are zero, in every currency and every metal. + is a debit balance.
    """
    before = moved(until=ask.period.since - timedelta(days=1))
    during = moved(since=ask.period.since, until=ask.period.until)
    commodities = in_order({c for _a, c in (*before, *during)}, first=ask.shop.currency)
    tables = [_table(ask, commodity, before, during) for commodity in commodities]
    off = [c for c in commodities if _sum(before, c).net or _sum(during, c).net]
    return Report(
        tables=tables,
        headline=_("The books balance.") if tables and not off else "",
        warnings=[
            _("The books are off in %(commodity)s. Tell who runs the installation.")
            % {"commodity": commodity_word(commodity)}
            for commodity in off
        ],
        notes=[country_of(ask.shop.tax_pack).note] if country_of(ask.shop.tax_pack).note else [],
    )


def _table(ask: Ask, commodity: str, before: Book, during: Book) -> Table:
    numbers = country_of(ask.shop.tax_pack)
    columns = [
        *([Column(_("No."))] if numbers.has_numbers else []),
        Column(_("Account")),
        amounts(_("Before"), commodity, wide=True),
        amounts(_("Debit"), commodity, wide=True),
        amounts(_("Credit"), commodity, wide=True),
        amounts(_("Balance"), commodity),
    ]
    was, now = _sum(before, commodity), _sum(during, commodity)
    total = row(
        *([""] if numbers.has_numbers else []),
        _("Sum"),
        was.net,
        now.debit,
        now.credit,
        was.net + now.net,
        style="total",
    )
    return Table(
        caption=commodity_word(commodity),
        columns=columns,
        rows=[*_rows(ask, commodity, before, during), total],
    )


def _rows(ask: Ask, commodity: str, before: Book, during: Book) -> Iterator[Row]:
    country = country_of(ask.shop.tax_pack)
    codes = {account for account, c in (*before, *during) if c == commodity}
    for kind in AccountKind:
        of_kind = [code for code in (*CHART, *sorted(codes - set(CHART))) if code in codes]
        of_kind = [code for code in of_kind if _kind(code) == kind]
        if of_kind:
            yield row(*([""] if country.has_numbers else []), str(kind.label), style="group")
        for code in sorted(of_kind, key=lambda code: country.number(code) or ""):
            was = before.get((code, commodity), _NOTHING)
            now = during.get((code, commodity), _NOTHING)
            link = ask.address("account", account=code, commodity=commodity)
            yield row(
                *([country.number(code)] if country.has_numbers else []),
                Cell(account_name(code), link),
                was.net,
                Cell(now.debit, link),
                Cell(now.credit, link),
                Cell(was.net + now.net, link),
            )


def _kind(code: str) -> AccountKind:
    return CHART[code][1] if code in CHART else AccountKind.ASSET


def _sum(book: Book, commodity: str) -> Moved:
    total = Moved(Decimal(0), Decimal(0))
    for (_account, of), amount in book.items():
        if of == commodity:
            total.add(amount)
    return total
