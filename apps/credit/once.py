"""A request that is sent twice makes one document; another request under its key is refused."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import currency_name, money


@dataclass(eq=False)
class KeyUsed(Conflict):
    number: str

    def __str__(self) -> str:
        return _(
            "This form was sent before and made %(number)s. Open that document, or begin anew."
        ) % {"number": self.number}


@dataclass(eq=False)
class PaymentsDoNotAdd(Invalid):
    total: Decimal
    paid: Decimal
    currency: str

    def __str__(self) -> str:
        return _("The payments come to %(paid)s %(currency)s of %(total)s. Correct them.") % {
            "paid": money(self.paid, self.currency),
            "total": money(self.total, self.currency),
            "currency": currency_name(self.currency),
        }


def wait_for_key(key: str) -> None:
    """Let one request with this key work at a time, until its transaction ends.

    So the second finds what the first has made, and takes no number. Two keys
    that share a lock only wait for each other.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_shop_id() || ':' || %s, 0))",
            [key],
        )
