"""Why cash, or a bill, may not pass as it is."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import Conflict
from apps.core.formatting import currency_name, money, number
from apps.customers.models import PaperKind
from apps.customers.rules.places import Way


@dataclass(eq=False)
class CashLimitWarning(Conflict):
    """The clerk goes on with a reason, which the report of cash then shows."""

    total: Decimal
    threshold: Decimal
    days: int
    currency: str
    way: str = Way.IN.value

    def __str__(self) -> str:
        given = {
            "total": money(self.total, self.currency),
            "threshold": money(self.threshold, self.currency),
            "currency": currency_name(self.currency),
            "days": number(self.days),
        }
        if self.way == Way.OUT:
            return (
                ngettext(
                    "With this the customer was paid %(total)s %(currency)s in cash today, and the"
                    " limit is %(threshold)s. Write a reason to go on, or pay another way.",
                    "With this the customer was paid %(total)s %(currency)s in cash within %(days)s"
                    " days, and the limit is %(threshold)s. Write a reason to go on, or pay another"
                    " way.",
                    self.days,
                )
                % given
            )
        return (
            ngettext(
                "With this the customer paid %(total)s %(currency)s in cash today, and from"
                " %(threshold)s it must be reported. Write a reason to go on, or take another"
                " payment.",
                "With this the customer paid %(total)s %(currency)s in cash within %(days)s days,"
                " and from %(threshold)s it must be reported. Write a reason to go on, or take"
                " another payment.",
                self.days,
            )
            % given
        )


@dataclass(eq=False)
class CashLimitReached(Conflict):
    """Nobody may take this cash."""

    total: Decimal
    threshold: Decimal
    days: int
    currency: str
    way: str = Way.IN.value

    def __str__(self) -> str:
        return ngettext(
            "In cash this customer would come to %(total)s %(currency)s today, and the limit is"
            " %(threshold)s. Use a card or a bank transfer for the rest.",
            "In cash this customer would come to %(total)s %(currency)s within %(days)s days, and"
            " the limit is %(threshold)s. Use a card or a bank transfer for the rest.",
            self.days,
        ) % {
            "total": money(self.total, self.currency),
            "threshold": money(self.threshold, self.currency),
            "currency": currency_name(self.currency),
            "days": number(self.days),
        }


@dataclass(eq=False)
class PaperNeeded(Conflict):
    """`kinds`: which papers count, any of them; empty: any identity paper."""

    threshold: Decimal
    currency: str
    kinds: tuple[str, ...] = ()

    def __str__(self) -> str:
        given = {
            "threshold": money(self.threshold, self.currency),
            "currency": currency_name(self.currency),
        }
        if not self.kinds:
            return (
                _(
                    "From %(threshold)s %(currency)s on the customer shows an identity paper, and"
                    " none that is valid was seen. Write the paper down at the customer first."
                )
                % given
            )
        papers = _(" or ").join(str(PaperKind(kind).label) for kind in self.kinds)
        return _(
            "From %(threshold)s %(currency)s on the customer shows this paper: %(papers)s. Write it"
            " down at the customer first."
        ) % {**given, "papers": papers}


@dataclass(eq=False)
class NameNeeded(Conflict):
    threshold: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "From %(threshold)s %(currency)s on the customer must be known. Choose the customer"
            " from the list, or add them to it."
        ) % {
            "threshold": money(self.threshold, self.currency),
            "currency": currency_name(self.currency),
        }
