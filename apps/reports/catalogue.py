"""Every report by the name in its address: what it is called, what it tells, how it is narrowed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.reports.account import account
from apps.reports.ask import Ask
from apps.reports.cash_received import cash_received
from apps.reports.day_book import day_book
from apps.reports.exceptions import exceptions
from apps.reports.margin_book import margin_book
from apps.reports.position import metal_position
from apps.reports.refusals import ReportNotFound
from apps.reports.sales import sales
from apps.reports.sold_pieces import sold_pieces
from apps.reports.stock import stock
from apps.reports.tables import Report
from apps.reports.tax import tax
from apps.reports.trial_balance import trial_balance

Build = Callable[[Ask], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`default`: the period nobody chose. `file`: the same whole, where the page has pages."""

    title: str | Promise
    tells: str | Promise
    build: Build
    icon: str = "reports"
    default: str = "month"
    of: str = "period"  # period, day (its last one), or now
    by_till: bool = False
    groups: tuple[tuple[str, str | Promise], ...] = ()
    file: Build | None = None
    listed: bool = True
    only: frozenset[str] = frozenset()  # tax packs whose law knows it; empty: all
    at_cost: bool = False  # all of it tells what pieces cost: for who may see that

    def is_for(self, pack: str) -> bool:
        return self.listed and (not self.only or pack in self.only)


_BY: Final = (
    ("category", _("By kind")),
    ("metal", _("By metal")),
    ("seller", _("By seller")),
    ("day", _("By day")),
    ("month", _("By month")),
)

CATALOGUE: Final[dict[str, Entry]] = {
    "sales": Entry(
        title=_("Sales"),
        tells=_("Pieces, grams, money and margin, by kind, metal, seller or day"),
        build=sales,
        icon="counter",
        by_till=True,
        groups=_BY,
    ),
    "metal-position": Entry(
        title=_("Metal position"),
        tells=_("How many fine grams the shop is long or short, with deposits and schemes"),
        build=metal_position,
        icon="scale",
        default="today",
        of="day",
    ),
    "stock": Entry(
        title=_("Stock"),
        tells=_("Every piece at cost and at the rate of today, against the books"),
        build=stock,
        icon="stock",
        default="today",
        of="now",
    ),
    "tax": Entry(
        title=_("Tax"),
        tells=_("By tax and rate, with the figures the return asks for"),
        build=tax,
        icon="bank",
        default="last-month",
        by_till=True,
    ),
    "cash-limits": Entry(
        title=_("Cash above the limits"),
        tells=_("Whose cash reached what the law, or the shop, asks about"),
        build=cash_received,
        icon="cash",
    ),
    "margin-book": Entry(
        title=_("Margin scheme stock book"),
        tells=_("Second-hand pieces: bought, sold, margin and the tax inside it"),
        build=margin_book,
        icon="tag",
        default="year",
        by_till=True,
        only=frozenset({"GB", "IN"}),
    ),
    "trial-balance": Entry(
        title=_("Trial balance"),
        tells=_("Every account in money and in fine grams, proved by zero"),
        build=trial_balance,
        at_cost=True,
        icon="columns",
        default="year",
    ),
    "day-book": Entry(
        title=_("Day book"),
        tells=_("Every entry of a day, from the document to the account"),
        build=day_book,
        at_cost=True,
        icon="calendar",
        default="today",
        of="day",
        file=lambda ask: day_book(ask, whole=True),
    ),
    "exceptions": Entry(
        title=_("Exceptions"),
        tells=_("Who voided, discounted, opened the drawer, printed again, and how often"),
        build=exceptions,
        icon="warn",
        by_till=True,
        file=lambda ask: exceptions(ask, whole=True),
    ),
    "account": Entry(
        title=_("Account"),
        tells=_("What moved one account, day by day"),
        build=account,
        at_cost=True,
        listed=False,
    ),
    "sold-pieces": Entry(
        title=_("Pieces sold"),
        tells=_("Every piece on the bills of a period"),
        build=sold_pieces,
        by_till=True,
        file=lambda ask: sold_pieces(ask, whole=True),
        icon="tag",
    ),
}


def report_named(name: str) -> Entry:
    """Raises ReportNotFound."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise ReportNotFound(name=name) from None
