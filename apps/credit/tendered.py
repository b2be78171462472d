"""One payment to be, and why it may be refused."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import currency_name, money
from apps.core.units import MOST_MONEY, currency
from apps.till.kinds import TenderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendered:
    """One payment to be. `amount` counts, in the shop's currency.

    `given` (cash): what was handed over, the amount where nothing is said.
    `currency`, `foreign`, `rate`: cash of another currency, and what one unit
    of it is worth; without a rate the board's is taken. `instrument`: the card
    slip; the gift card's code, or its document's number where it is paid back on.
    """

    kind: TenderKind
    amount: Decimal
    given: Decimal | None = None
    currency: str = ""
    foreign: Decimal | None = None
    rate: Decimal | None = None
    instrument: str = ""


@dataclass(eq=False)
class TenderNotHere(Invalid):
    """A kind of payment that this document cannot be paid by."""

    kind: str

    def __str__(self) -> str:
        return _("%(kind)s is not taken here. Choose another payment.") % {
            "kind": TenderKind(self.kind).label
        }


@dataclass(eq=False)
class TenderTwice(Invalid):
    """Two parts of one balance in one document: each would be checked against all of it."""

    kind: str

    def __str__(self) -> str:
        return _("%(kind)s is named twice. Write it once, with the whole amount.") % {
            "kind": TenderKind(self.kind).label
        }


@dataclass(eq=False)
class AmountImpossible(Invalid):
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        if not self.amount.is_finite() or self.amount <= 0:
            return _("A payment is above zero. Write what was handed over.")
        if self.amount >= MOST_MONEY:
            return _("This is more than a till takes. Check the amount.")
        return _("%(amount)s has more decimals than %(currency)s has. Round it.") % {
            "amount": self.amount.normalize(),
            "currency": self.currency,
        }


@dataclass(eq=False)
class HandedOverTooLittle(Invalid):
    """What was handed over is worth less than it is to pay."""

    worth: Decimal
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "What was handed over is worth %(worth)s %(currency)s, and it is to pay %(amount)s."
            " Lower the amount, or take more."
        ) % {
            "worth": money(self.worth, self.currency),
            "amount": money(self.amount, self.currency),
            "currency": currency_name(self.currency),
        }


@dataclass(eq=False)
class CustomerNeeded(Invalid):
    """This tender lies in somebody's account, and nobody was named."""

    kind: str

    def __str__(self) -> str:
        return _("%(kind)s belongs to a customer. Choose the customer first.") % {
            "kind": TenderKind(self.kind).label
        }


@dataclass(eq=False)
class StoreCreditShort(Conflict):
    left: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The customer has %(left)s %(currency)s of store credit. Lower the amount, and take"
            " the rest in another way."
        ) % {"left": money(self.left, self.currency), "currency": currency_name(self.currency)}


@dataclass(eq=False)
class NoCredit(Conflict):
    """Nothing is sold to this customer on account."""

    def __str__(self) -> str:
        return _(
            "Nothing is sold to this customer on account. Take another payment, or let the owner"
            " set a limit on the customer's page."
        )


@dataclass(eq=False)
class CreditLimitReached(Conflict):
    owed: Decimal
    limit: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The customer owes %(owed)s %(currency)s of at most %(limit)s. Lower what goes on"
            " account, or write a reason and let a second person approve it."
        ) % {
            "owed": money(self.owed, self.currency),
            "limit": money(self.limit, self.currency),
            "currency": currency_name(self.currency),
        }


@dataclass(eq=False)
class OwesLess(Conflict):
    """More would be taken off somebody's dues than they owe."""

    owed: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The customer owes %(owed)s %(currency)s. Take no more than that off the account, and"
            " give the rest as store credit or in cash."
        ) % {"owed": money(self.owed, self.currency), "currency": currency_name(self.currency)}


def demand_amount(amount: Decimal, code: str) -> None:
    """Raises AmountImpossible: NaN, zero or less, too much, finer than the currency is."""
    possible = amount.is_finite() and 0 < amount < MOST_MONEY
    if not possible or amount % currency(code).step:
        raise AmountImpossible(amount=amount, currency=code)


def demand_once(tenders: list[Tendered] | tuple[Tendered, ...]) -> None:
    """Raises TenderTwice: a customer's balance is named once in a document."""
    of_accounts = [
        tender.kind
        for tender in tenders
        if tender.kind in (TenderKind.STORE_CREDIT, TenderKind.ON_ACCOUNT)
    ]
    for kind in of_accounts:
        if of_accounts.count(kind) > 1:
            raise TenderTwice(kind=kind.value)
