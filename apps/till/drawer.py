"""No more cash leaves a drawer than its books put in."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.shops.models import Shift
from apps.till.report import cash_in_drawer


@dataclass(eq=False)
class NotInDrawer(Conflict):
    """More was to go out than the drawer should hold. How much that is, is not said."""

    till: str
    currency: str

    def __str__(self) -> str:
        return _(
            "%(till)s should not hold that much %(currency)s. Put cash in first, or pay in"
            " another way."
        ) % {"till": self.till, "currency": self.currency}


def demand_in_drawer(*, shift: int, amount: Decimal, currency: str) -> None:
    """Refuse to give out more cash than the shift's entries put in. Raises NotInDrawer.

    The register is locked, so that no other document takes it meanwhile. A clerk who asks for
    ever more must not learn from the refusal what the drawer holds: the count is blind.
    """
    if amount <= 0:
        return
    of = Shift.objects.select_related("register").get(pk=shift)
    if amount > cash_in_drawer(of, currency):
        raise NotInDrawer(till=of.register.name, currency=currency)


def demand_cash_for(amounts: Iterable[Amount], *, shift: int) -> None:
    """Refuse an entry that takes more cash out of the drawer than lies in it. Raises NotInDrawer.

    What comes in and goes out of one currency in the entry is one sum: change is given of what
    was handed over. An entry that takes nothing out asks the database nothing.
    """
    leaving: dict[str, Decimal] = {}
    for each in amounts:
        if each.account == chart.CASH:
            before = leaving.get(each.commodity, Decimal(0))
            leaving[each.commodity] = before - each.amount
    for currency, amount in leaving.items():
        demand_in_drawer(shift=shift, amount=amount, currency=currency)
