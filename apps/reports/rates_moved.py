"""Rates moved against the shop, and the bills within a quarter of an hour after."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.reports.odd import Odd, Tally

SOON_AFTER: Final = timedelta(minutes=15)
# Each rate that a person set below (of sales) or above (of purchases) the one before it, beside
# each bill soon after.
_PAIRS: Final = """
SELECT r.valid_from, r.entered_by_id AS who, r.amount, b.amount AS before, r.currency,
       s.sold_at, s.code, s.total
FROM pricing_metalrate r
CROSS JOIN LATERAL (
    SELECT amount FROM pricing_metalrate b
    WHERE b.metal = r.metal AND b.fineness = r.fineness AND b.side = r.side AND b.unit = r.unit
      AND b.valid_from < r.valid_from
    ORDER BY b.valid_from DESC, b.id DESC LIMIT 1) b
JOIN sales_sale s ON s.sold_at BETWEEN r.valid_from AND r.valid_from + %(soon)s
WHERE r.entered_by_id IS NOT NULL AND r.valid_from >= %(since)s AND r.valid_from < %(until)s
  AND CASE r.side WHEN 'sell' THEN r.amount < b.amount ELSE r.amount > b.amount END
"""
_TALLIES: Final = f"SELECT who, count(*), sum(total) FROM ({_PAIRS}) pairs GROUP BY who"  # noqa: S608 - our own
_PAGE: Final = f"""
SELECT valid_from, who, amount, before, currency, code, total FROM ({_PAIRS}) pairs
WHERE %(who)s::bigint IS NULL OR who = %(who)s
ORDER BY valid_from DESC, sold_at LIMIT %(most)s OFFSET %(start)s
"""  # noqa: S608 - our own words


class RatesMoved:
    """Each pair of a rate and a bill, by who set the rate; the amount is the bill's."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self._asked: dict[str, Any] = {"since": since, "until": until, "soon": SOON_AFTER}

    def tallies(self) -> list[Tally]:
        return [
            Tally(who=who, count=count, amount=total) for who, count, total in self._rows(_TALLIES)
        ]

    def page(self, *, who: int | None, start: int, stop: int) -> list[Odd]:
        found = self._rows(_PAGE, who=who, start=start, most=stop - start)
        return [
            Odd(
                at=at,
                who=by,
                reference=code,
                link=reverse("sales:receipt", args=[code]),
                said=_("%(rate)s instead of %(before)s, %(time)s")
                % {
                    "rate": formatting.rate(amount, currency),
                    "before": formatting.rate(before, currency),
                    "time": formatting.clock(at),
                },
                amount=total,
            )
            for at, by, amount, before, currency, code, total in found
        ]

    def _rows(self, statement: str, **more: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self._asked, **more})
            rows: list[Any] = cursor.fetchall()
        return rows
