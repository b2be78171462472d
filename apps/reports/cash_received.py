"""Cash above the limits: whose cash of a period reached what the law or the shop asks about."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.formatting import listed
from apps.core.units import currency, round_money
from apps.customers.cash import rules_in_force
from apps.customers.models import PaperKind
from apps.customers.rules.places import CashRule, Way
from apps.reports.ask import Ask
from apps.reports.tables import Cell, Column, Kind, Report, Row, Table, row

# Cash by person and day, of the period and of the longest window before it; whoever was merged is
# counted with whom they turned out to be.
_CASH: Final = """
SELECT coalesce(c.merged_into_id, c.id), k.day, k.way, sum(k.amount)
FROM customers_cashkept k JOIN customers_customer c ON c.id = k.customer_id
WHERE k.day BETWEEN %s AND %s
GROUP BY 1, 2, 3 HAVING sum(k.amount) <> 0 ORDER BY 1, 2
"""
_NAMES: Final = """
SELECT c.id, c.name, array_remove(array_agg(DISTINCT p.kind), NULL)
FROM customers_customer c LEFT JOIN customers_identitypaper p ON p.customer_id = c.id
WHERE c.id = ANY (%s) GROUP BY c.id, c.name
"""
_LONGEST_WINDOW: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The most that one person's cash came to within the days of one limit, and when."""

    customer: int
    rule: CashRule
    day: date
    total: Decimal


def cash_received(ask: Ask) -> Report:
    """Each person and limit that was reached in the period, the largest first. Three queries.

    The amount is the most that a window of the limit came to on a day of the period.
    """
    reached = reached_limits(ask)
    names = _names({one.customer for one in reached})
    code = ask.shop.currency
    columns = [
        Column(_("Customer")),
        Column(_("Way")),
        Column(_("Limit"), Kind.CODE, wide=True),
        Column(_("From"), Kind.MONEY, code),
        Column(_("Days"), Kind.COUNT, wide=True),
        Column(_("On"), Kind.DAY),
        Column(_("Cash"), Kind.MONEY, code),
        Column(_("Papers"), wide=True),
    ]
    rows = [_row(one, names, code) for one in reached]
    return Report(
        tables=[Table(caption=_("Cash above the limits"), columns=columns, rows=rows)]
        if rows
        else [],
        notes=[
            _("Sums are of named customers. Let an adviser confirm the limits of your place."),
        ],
    )


def reached_limits(ask: Ask) -> list[Reached]:
    """Whose cash reached which limit in the period; the limits are those of the last day."""
    rules = [rule for rule in rules_in_force(ask.shop, at=ask.now) if rule.way != Way.BILL]
    found = []
    for (customer, way), days in _cash(ask).items():
        for rule in rules:
            if rule.way.value == way:
                found += _reached(customer, rule, days, ask)
    return sorted(found, key=lambda one: (-one.total, one.customer, one.rule.code))


def _reached(customer: int, rule: CashRule, days: dict[date, Decimal], ask: Ask) -> list[Reached]:
    best: Reached | None = None
    for on in days:
        if on < ask.period.since:
            continue
        since = on - timedelta(days=rule.days - 1)
        total = sum((amount for day, amount in days.items() if since <= day <= on), Decimal(0))
        if not rule.applies(total):
            continue
        if best is None or total > best.total:
            best = Reached(customer=customer, rule=rule, day=on, total=total)
    return [best] if best else []


def _cash(ask: Ask) -> dict[tuple[int, str], dict[date, Decimal]]:
    first = ask.period.since - timedelta(days=_LONGEST_WINDOW)
    found: dict[tuple[int, str], dict[date, Decimal]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_CASH, [first, ask.period.until])
        for customer, day, way, amount in cursor.fetchall():
            found[customer, way][day] = amount
    return found


def _names(ids: set[int]) -> dict[int, tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [list(ids)])
        return {
            pk: (name, listed(PaperKind(kind).label for kind in kinds))
            for pk, name, kinds in cursor.fetchall()
        }


def _row(one: Reached, names: dict[int, tuple[str, str]], code: str) -> Row:
    name, papers = names.get(one.customer, ("", ""))
    return row(
        Cell(name, reverse("customers:show", args=[one.customer])),
        _("Taken") if one.rule.way == Way.IN else _("Paid out"),
        one.rule.code,
        round_money(one.rule.threshold, currency(code).exponent),
        one.rule.days,
        one.day,
        round_money(one.total, currency(code).exponent),
        papers or "–",
    )
