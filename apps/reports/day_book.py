"""The day book: every entry of a day with its postings, each leading to its document."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.ledger.chart import account_name
from apps.ledger.documents import document_name, document_url
from apps.ledger.models import Entry
from apps.ledger.selectors import entries_of
from apps.reports.ask import Ask
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row
from apps.reports.words import commodity_word, is_metal

ENTRIES_PER_PAGE = 50


def day_book(ask: Ask, *, whole: bool = False) -> Report:
    """The entries of the last day of the period, in the order they were written. Three queries.

    `account`, `commodity` and `what` narrow it down; `whole` gives every page at once, for a file.
    """
    day = ask.period.until
    entries = entries_of(day=day, account=ask.account, commodity=ask.commodity, what=ask.what)
    pages = Paginator(entries, max(entries.count(), 1) if whole else ENTRIES_PER_PAGE)
    page = pages.get_page(ask.page)
    rows = [each for entry in page for each in _rows(ask, entry)]
    return Report(
        tables=[_table(ask, rows)] if rows else [],
        headline=_("%(count)s entries on %(day)s.")
        % {"count": formatting.number(pages.count), "day": formatting.day(day)}
        if rows
        else "",
        previous_url=_page(ask, page.previous_page_number()) if page.has_previous() else "",
        next_url=_page(ask, page.next_page_number()) if page.has_next() else "",
    )


def _page(ask: Ask, number: int) -> str:
    return ask.on(
        ask.period.until,
        "day-book",
        account=ask.account or None,
        commodity=ask.commodity or None,
        what=ask.what or None,
        page=number,
    )


def _table(ask: Ask, rows: list[Row]) -> Table:
    return Table(
        caption=_("Day book of %(day)s") % {"day": formatting.day(ask.period.until)},
        columns=[
            Column(_("Document or account")),
            Column(_("Number, or what moved"), Kind.CODE),
            Column(_("Debit"), Kind.MIXED),
            Column(_("Credit"), Kind.MIXED),
        ],
        rows=rows,
    )


def _rows(ask: Ask, entry: Entry) -> Iterator[Row]:
    at = formatting.clock(timezone.localtime(entry.posted_at))
    yield row(
        f"{at} {document_name(entry.what)}",
        Cell(entry.reference, document_url(entry.what, entry.reference)),
        style="group",
    )
    postings = sorted(entry.postings.all(), key=lambda p: (is_metal(p.commodity), -p.amount))
    for posting in postings:
        amount = Cell(abs(posting.amount), unit=posting.commodity)
        link = ask.on(entry.day, "account", account=posting.account, commodity=posting.commodity)
        yield row(
            Cell(account_name(posting.account), link),
            commodity_word(posting.commodity),
            amount if posting.amount > 0 else None,
            amount if posting.amount < 0 else None,
        )
