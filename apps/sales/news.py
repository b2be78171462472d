"""Whether anything happened that a page at this till does not show yet. Reads only, and cheaply."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from apps.sales.quoted import hold_time
from apps.shops.models import Register

# One statement, since every counter and every display asks it again and again.
_NEWS: Final = """
    WITH sale AS (
        SELECT id, customer_id, language, rates_at FROM sales_opensale
        WHERE register_id = %(register)s AND held_at IS NULL
    )
    SELECT
        (SELECT max(id) FROM pricing_metalrate WHERE side = 'sell' AND valid_from <= %(at)s),
        (SELECT count(*) FROM sales_opensale held JOIN shops_register r ON r.id = held.register_id
            WHERE held.held_at IS NOT NULL AND r.branch_id = %(branch)s),
        (SELECT rates_at FROM sale),
        (SELECT concat_ws('-', id, customer_id) FROM sale),
        (SELECT concat_ws('-', count(*) FILTER (WHERE NOT removed), max(id),
                count(*) FILTER (WHERE discount_on <> '' OR raised_amount IS NOT NULL))
            FROM sales_opensaleline WHERE open_sale_id = (SELECT id FROM sale)),
        (SELECT concat_ws('-', count(*), max(id))
            FROM sales_opensaletender WHERE open_sale_id = (SELECT id FROM sale))
"""


@dataclass(frozen=True, slots=True)
class News:
    """`board`: another text when a rate or the held sales changed; `sale`: when the sale did."""

    board: str
    sale: str
    held: int

    @property
    def token(self) -> str:
        return f"{self.board}_{self.sale}"


def news_of(*, register: Register, at: datetime) -> News:
    """What a page at this till remembers of its moment. Two queries at most."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, {"register": register.pk, "branch": register.branch_id, "at": at})
        row = cursor.fetchone()
    assert row is not None, "a SELECT without FROM has one row"
    newest, held, rates_at, sale, lines, paid = row
    old = rates_at is not None and at > rates_at + hold_time(at)
    return News(f"{newest or 0}-{held}-{int(old)}", f"{sale or 0}.{lines}.{paid}", held)
