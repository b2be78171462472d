"""Who owes, and for how long. A payment settles what was owed first."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection

from apps.ledger import chart

MERGE: Final = "merge"  # the document by which two customers become one
# What somebody owed before they turned out to be somebody else is that one's, since its own day:
# the entry that carried it over sums to nothing between them and is left out.
# What is left of each charge is what payments did not reach: they go to the oldest ones first.
_WHO_OWES: Final = """
WITH moves AS (
    SELECT p.id, coalesce(w.merged_into_id, p.party) AS party, p.amount, e.day
    FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
    JOIN customers_customer w ON w.id = p.party
    WHERE p.account = %(dues)s AND p.commodity = %(currency)s AND e.what <> %(merge)s
), owing AS (
    SELECT party, sum(amount) AS owed, -coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS paid
    FROM moves GROUP BY party HAVING sum(amount) > 0
), charges AS (
    SELECT party, day, least(amount, greatest(upto - paid, 0)) AS left
    FROM (
        SELECT m.party, m.day, m.amount, o.paid,
               sum(m.amount) OVER (PARTITION BY m.party ORDER BY m.day, m.id) AS upto
        FROM moves m JOIN owing o ON o.party = m.party WHERE m.amount > 0
    ) AS counted
)
SELECT c.id, c.name, c.phone, c.credit_limit, o.owed,
       coalesce(sum(h.left) FILTER (WHERE %(today)s - h.day <= 30), 0),
       coalesce(sum(h.left) FILTER (WHERE %(today)s - h.day BETWEEN 31 AND 60), 0),
       coalesce(sum(h.left) FILTER (WHERE %(today)s - h.day BETWEEN 61 AND 90), 0),
       coalesce(sum(h.left) FILTER (WHERE %(today)s - h.day > 90), 0)
FROM owing o
JOIN customers_customer c ON c.id = o.party
JOIN charges h ON h.party = o.party
GROUP BY c.id, c.name, c.phone, c.credit_limit, o.owed
ORDER BY o.owed DESC, c.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """What a customer owes, by the days since it was charged. owed = the four together."""

    customer_id: int
    name: str
    phone: str
    limit: Decimal | None
    owed: Decimal
    month: Decimal  # up to 30 days
    second: Decimal  # 31 to 60
    third: Decimal  # 61 to 90
    older: Decimal

    @property
    def is_over(self) -> bool:
        return self.limit is None or self.owed > self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    rows: list[Owing]
    owed: Decimal
    month: Decimal
    second: Decimal
    third: Decimal
    older: Decimal


def who_owes(*, currency: str, today: date) -> Ageing:
    """Everybody who owes, the largest first, and what it comes to. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WHO_OWES, {"dues": chart.DUES, "currency": currency, "today": today, "merge": MERGE}
        )
        names = (
            "customer_id", "name", "phone", "limit", "owed", "month", "second", "third", "older",
        )  # fmt: skip
        rows = [Owing(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def total(part: str) -> Decimal:
        return sum((getattr(row, part) for row in rows), Decimal(0))

    return Ageing(
        rows=rows,
        owed=total("owed"),
        month=total("month"),
        second=total("second"),
        third=total("third"),
        older=total("older"),
    )
