"""What an owner looks at twice: who undid, gave away, went around a rule, and how often."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.units import EXACT, round_to
from apps.reports.ask import Ask
from apps.reports.exception_kinds import KINDS
from apps.reports.odd import Tally, sum_of
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row
from apps.sales.models import SaleLine
from apps.shops.models import Member

ROWS_PER_PAGE = 100
_TENTH = Decimal("0.1")


def exceptions(ask: Ask, *, whole: bool = False) -> Report:
    """Every kind of exception of a period, by person; or a page of the rows of one.

    The database counts: as many statements whatever happened.
    """
    if ask.what in KINDS:
        return _rows_of(ask, whole=whole)
    found = {key: kind.source(ask).tallies() for key, kind in KINDS.items()}
    names = _names(ask)
    counted = [(key, tallies) for key, tallies in found.items() if tallies]
    tables = [_kinds(ask, found), *([_people(ask, counted, names)] if counted else [])]
    return Report(
        tables=[*tables, *_discounts(ask, names)],
        headline=_("%(count)s exceptions in this period.")
        % {"count": formatting.number(sum(_count(tallies) for tallies in found.values()))},
        notes=[
            _("An exception is nothing wrong by itself. Look at who has many, and when."),
            _("Documents outside the opening hours are counted where the hours are set."),
        ],
    )


def _kinds(ask: Ask, found: Mapping[str, Sequence[Tally]]) -> Table:
    """Every kind, those that did not happen too: what is watched."""
    code = ask.shop.currency
    return Table(
        caption=_("Exceptions"),
        columns=[
            Column(_("What")),
            Column(_("Count"), Kind.COUNT),
            Column(_("Amount"), Kind.MONEY, code),
        ],
        rows=[
            row(
                str(KINDS[key].label),
                Cell(_count(tallies), ask.address("exceptions", what=key) if tallies else ""),
                Cell(sum_of(tallies), cost=KINDS[key].at_cost),
            )
            for key, tallies in found.items()
        ],
    )


def _people(
    ask: Ask, counted: Sequence[tuple[str, Sequence[Tally]]], names: dict[int | None, str]
) -> Table:
    code = ask.shop.currency
    rows: list[Row] = []
    by_person: dict[int | None, dict[str, Tally]] = defaultdict(dict)
    for key, tallies in counted:
        for tally in tallies:
            by_person[tally.who][key] = tally
    for who in sorted(by_person, key=lambda who: names.get(who, "")):
        rows.append(row(names.get(who, _("nobody")), style="group"))
        rows += [
            row(
                str(KINDS[key].label),
                Cell(tally.count, ask.address("exceptions", what=key, seller=who)),
                Cell(tally.amount, cost=KINDS[key].at_cost),
            )
            for key, tally in by_person[who].items()
        ]
    return Table(
        caption=_("By person"),
        columns=[
            Column(_("What")),
            Column(_("Count"), Kind.COUNT),
            Column(_("Amount"), Kind.MONEY, code),
        ],
        rows=rows,
    )


def _discounts(ask: Ask, names: dict[int | None, str]) -> list[Table]:
    """What each seller gave away, and its share of what the pieces would have cost. One query."""
    lines = SaleLine.objects.filter(sale__day__range=(ask.period.since, ask.period.until))
    if ask.register:
        lines = lines.filter(sale__register=ask.register)
    found = (
        lines.order_by()
        .values("sale__sold_by")
        .annotate(given=-Sum("discount"), asked=Sum(F("total") - F("tax_on_top") - F("discount")))
        .filter(given__gt=0)
        .order_by("-given")
    )
    code = ask.shop.currency
    rows = [
        row(
            names.get(each["sale__sold_by"], ""),
            each["asked"],
            Cell(
                each["given"],
                ask.address("exceptions", what="discounts", seller=each["sale__sold_by"]),
            ),
            _share(each["given"], each["asked"]),
        )
        for each in found
    ]
    columns = [
        Column(_("Seller")),
        Column(_("Before discounts"), Kind.MONEY, code, wide=True),
        Column(_("Given away"), Kind.MONEY, code),
        Column(_("Share"), Kind.PERCENT),
    ]
    return [Table(caption=_("Discounts by seller"), columns=columns, rows=rows)] if rows else []


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    if not whole:
        return None
    return round_to(EXACT.divide(EXACT.multiply(part, Decimal(100)), whole), _TENTH)


def _rows_of(ask: Ask, *, whole: bool) -> Report:
    """The rows behind a number: a page of them, or in a file the whole."""
    source = KINDS[ask.what].source(ask)
    count = _count(
        [each for each in source.tallies() if ask.seller is None or each.who == ask.seller]
    )
    page = Paginator(range(count), max(count, 1) if whole else ROWS_PER_PAGE).get_page(ask.page)
    start, stop = page.start_index() - 1, page.end_index()
    found = source.page(who=ask.seller, start=start, stop=stop) if count else []
    names = _names(ask)
    columns = [
        Column(_("Document"), Kind.CODE),
        Column(_("When")),
        Column(_("Person")),
        Column(_("What"), wide=True),
        Column(_("Amount"), Kind.MONEY, ask.shop.currency),
    ]
    rows = [
        row(
            Cell(odd.reference, odd.link),
            f"{formatting.day(odd.at, table=True)} {formatting.clock(odd.at)}",
            names.get(odd.who, ""),
            odd.said,
            Cell(odd.amount, cost=KINDS[ask.what].at_cost),
        )
        for odd in found
    ]
    caption = str(KINDS[ask.what].label)
    return Report(
        tables=[Table(caption=caption, columns=columns, rows=rows)] if rows else [],
        headline=_("%(count)s in this period.") % {"count": formatting.number(count)},
        notes=[str(KINDS[ask.what].tells)],
        previous_url=_page(ask, page.previous_page_number()) if page.has_previous() else "",
        next_url=_page(ask, page.next_page_number()) if page.has_next() else "",
    )


def _page(ask: Ask, number: int) -> str:
    return ask.address("exceptions", what=ask.what, seller=ask.seller, page=number)


def _names(ask: Ask) -> dict[int | None, str]:
    members = Member.objects.filter(shop=ask.shop).select_related("user")
    return {member.pk: str(member.user) for member in members}


def _count(tallies: Sequence[Tally]) -> int:
    return sum(tally.count for tally in tallies)
