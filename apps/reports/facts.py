"""Sales and taxes of a period by what they are asked by: sums of days, and the rest as it is."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection

from apps.ledger.days import summed
from apps.reports.fact_sources import SOLD, TAXED
from apps.shops.models import Register

_SOLD_SUMS: Final = (
    "pieces", "net_g", "fine_g", "metal_amount", "making", "stones", "extras", "discount", "tax",
    "total", "cost",
)  # fmt: skip
_TAXED_SUMS: Final = ("documents", "base", "amount")
_SOLD_KEYS: Final = ("register_id", "seller_id", "category", "metal")
_TAXED_KEYS: Final = ("label", "percent", "part", "part_percent", "position", "shown")


def sum_facts(days: Sequence[date]) -> None:
    """Sum these days' sales and taxes into their tables, in place of what stands there."""
    given: dict[str, Any] = {
        "since": min(days),
        "until": max(days),
        "through": date.max,
        "days": list(days),
        "register": None,
    }
    with connection.cursor() as cursor:
        for table, keys, sums, sources in (
            ("reports_salesday", ("day", *_SOLD_KEYS), _SOLD_SUMS, SOLD),
            ("reports_taxday", ("day", "register_id", *_TAXED_KEYS), _TAXED_SUMS, TAXED),
        ):
            cursor.execute(
                f"DELETE FROM {table} WHERE day = ANY(%(days)s)",  # noqa: S608 - our own words
                given,
            )
            columns = ", ".join((*keys, *sums))
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns}"  # noqa: S608 - our own words
                f" FROM ({' UNION ALL '.join(sources)}) AS found",
                given,
            )


def sold(
    *, by: str, since: date, until: date, register: Register | None = None
) -> list[dict[str, Any]]:
    """What was sold in a period by `seller_id`, `category`, `metal` or `day`: one row each.

    Two queries. A key that only pieces in part have is there too: the silver of gold rings has
    grams and no pieces.
    """
    assert by in {*_SOLD_KEYS, "day"}, by
    return _read("reports_salesday", SOLD, (by,), _SOLD_SUMS, since, until, register)


def taxed(*, since: date, until: date, register: Register | None = None) -> list[dict[str, Any]]:
    """The taxes of a period: one row for each part at each rate. Two queries."""
    return _read("reports_taxday", TAXED, _TAXED_KEYS, _TAXED_SUMS, since, until, register)


def _read(
    table: str,
    sources: Sequence[str],
    by: Sequence[str],
    sums: Sequence[str],
    since: date,
    until: date,
    register: Register | None,
) -> list[dict[str, Any]]:
    known = summed()
    # The first day that is read as it is; without it the rows of years would be looked through.
    unsummed = [known.through + timedelta(days=1), *(d for d in known.late if d >= since)]
    given: Mapping[str, Any] = {
        "first": since,
        "since": max(since, min(unsummed)),
        "until": until,
        "through": known.through,
        "days": list(known.late),
        "register": register.pk if register else None,
    }
    columns = ", ".join((*by, *sums))
    of_days = (
        f"SELECT {columns} FROM {table}"  # noqa: S608 - our own words
        " WHERE day BETWEEN %(first)s AND least(%(until)s, %(through)s)"
        " AND NOT day = ANY(%(days)s)"
        " AND (%(register)s::bigint IS NULL OR register_id = %(register)s)"
    )
    live = " UNION ALL ".join(sources)
    adding = ", ".join(f"sum({each}) AS {each}" for each in sums)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(by)}, {adding} FROM ("  # noqa: S608 - our own words
            f"{of_days} UNION ALL SELECT {columns} FROM ({live}) AS found) AS facts"
            f" GROUP BY {', '.join(by)} ORDER BY {', '.join(by)}",
            given,
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
