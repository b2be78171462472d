"""One account: day by day what moved it, and what lay in it after each; a long period by month."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _

from apps.ledger.chart import CHART, account_name
from apps.ledger.selectors import Moved, moved, moved_by_day
from apps.reports.ask import Ask
from apps.reports.periods import month_start
from apps.reports.refusals import AccountNotFound
from apps.reports.tables import Cell, Column, Kind, Report, Table, row
from apps.reports.words import amounts, commodity_word, in_order

_DAYS_SHOWN = 92  # a quarter; above it the rows are months


def account(ask: Ask) -> Report:
    """The days of a period that moved the account, with its balance after each. Six queries.

    Without a commodity every one that the account holds has a table. Raises AccountNotFound.
    """
    if ask.account not in CHART:
        raise AccountNotFound(account=ask.account)
    before = moved(until=ask.period.since - timedelta(days=1), account=ask.account)
    during = moved(since=ask.period.since, until=ask.period.until, account=ask.account)
    held = {commodity for _account, commodity in (*before, *during)}
    wanted = [ask.commodity] if ask.commodity else in_order(held, first=ask.shop.currency)
    return Report(
        tables=[
            _table(ask, each, before.get((ask.account, each), Moved()))
            for each in wanted
            if each in held
        ],
        headline=account_name(ask.account),
    )


def _table(ask: Ask, commodity: str, before: Moved) -> Table:
    days = moved_by_day(
        account=ask.account, commodity=commodity, since=ask.period.since, until=ask.period.until
    )
    balance, total = before.net, Moved()
    rows = [row(_("Before"), None, None, None, before.net, style="group")]
    for head, amount in _steps(ask, commodity, days):
        balance += amount.net
        total.add(amount)
        count = Cell(amount.postings, head.link)
        rows.append(row(head, count, amount.debit, amount.credit, balance))
    rows.append(row(_("Sum"), total.postings, total.debit, total.credit, balance, style="total"))
    return Table(
        caption=_("%(account)s: %(commodity)s")
        % {"account": account_name(ask.account), "commodity": commodity_word(commodity)},
        columns=[
            Column(_("Day") if ask.period.days <= _DAYS_SHOWN else _("Month from"), Kind.DAY),
            Column(_("Postings"), Kind.COUNT, wide=True),
            amounts(_("Debit"), commodity),
            amounts(_("Credit"), commodity),
            amounts(_("Balance"), commodity),
        ],
        rows=rows,
    )


def _steps(ask: Ask, commodity: str, days: dict[date, Moved]) -> Iterator[tuple[Cell, Moved]]:
    """Days, each leading to its entries; of a long period months, each leading to its days."""
    which = {"account": ask.account, "commodity": commodity}
    if ask.period.days <= _DAYS_SHOWN:
        for day, amount in days.items():
            yield Cell(day, ask.on(day, "day-book", **which)), amount
        return
    months: dict[date, tuple[date, Moved]] = {}
    for day, amount in days.items():
        first = month_start(day, pack=ask.shop.tax_pack)
        _last, sums = months.get(first, (day, Moved()))
        sums.add(amount)
        months[first] = (day, sums)
    for first, (last, sums) in months.items():
        link = ask.address(
            "account",
            since=max(first, ask.period.since).isoformat(),
            until=last.isoformat(),
            **which,
        )
        yield Cell(first, link), sums
