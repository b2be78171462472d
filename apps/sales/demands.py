"""What an order must say to be one: asked before the database is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.currencies import CURRENCIES
from apps.core.errors import Invalid
from apps.core.units import currency
from apps.credit.tendered import CustomerNeeded
from apps.pricing import rules
from apps.sales.claims import CLAIMS
from apps.sales.models import TenderKind
from apps.sales.orders import (
    MOST_HANDED_OVER,
    NAMED,
    OF_CUSTOMER,
    DiscountUnexplained,
    NothingToSell,
    Order,
    PieceTwice,
    TenderImpossible,
)
from apps.sales.rules import Payment


@dataclass(eq=False)
class TenderUnnamed(Invalid):
    """A gift card, an old-gold slip, a deposit or a scheme without its number."""

    kind: str

    def __str__(self) -> str:
        return _("%(kind)s: there is no number. Write the one on its paper or card.") % {
            "kind": TenderKind(self.kind).label
        }


@dataclass(eq=False)
class TenderTwice(Invalid):
    """`number` is empty for the customer's own account."""

    kind: str
    number: str

    def __str__(self) -> str:
        return _("%(tender)s pays this bill already. Take one of the two back.") % {
            "tender": f"{TenderKind(self.kind).label} {self.number}".rstrip()
        }


@dataclass(eq=False)
class OneDepositOnly(Invalid):
    def __str__(self) -> str:
        return _(
            "A bill is paid by one deposit, since each has a rate of its own."
            " Make a second bill for the other."
        )


@dataclass(eq=False)
class CashOfNoCurrency(Invalid):
    """Foreign cash that says a sum without its currency, or the other way round."""

    def __str__(self) -> str:
        return _("Cash of another currency has a sum and a currency. Write both.")


def demand_sense(order: Order, *, currency_code: str) -> None:
    """Refuse an order that no shop could sell. Asks no database.

    Raises NothingToSell, PieceTwice, DiscountUnexplained, TenderImpossible, TenderUnnamed,
    TenderTwice, OneDepositOnly, CustomerNeeded, CashOfNoCurrency.
    """
    if not order.lines:
        raise NothingToSell
    seen: set[str] = set()
    for line in order.lines:
        if line.tag in seen:
            raise PieceTwice(tag=line.tag)
        seen.add(line.tag)
        _demand_reasons(line.discounts, tag=line.tag)
    if order.discount:
        _demand_reasons([order.discount], tag="")
    for payment in order.payments:
        demand_payment(payment, currency_code=currency_code)
    _demand_once_each(order.payments)
    if order.customer is None:
        for payment in order.payments:
            if payment.kind in OF_CUSTOMER:
                raise CustomerNeeded(kind=payment.kind)
    together = sum((payment.given for payment in order.payments), Decimal(0))
    if together >= MOST_HANDED_OVER:
        raise TenderImpossible(amount=together, currency=currency_code)


def demand_payment(payment: Payment, *, currency_code: str) -> None:
    """Refuse a payment that nobody can make.

    Of a claim, 0 asks for as much as the bill needs. Of foreign cash the sum in its own currency
    counts: `given` is worked out from it.
    Raises TenderImpossible, TenderUnnamed, CashOfNoCurrency.
    """
    assert payment.kind in TenderKind.values, payment.kind
    if payment.kind in NAMED and not payment.instrument.strip():
        raise TenderUnnamed(kind=payment.kind)
    amount, code = payment.given, currency_code
    if payment.currency or payment.foreign is not None:
        if payment.kind != TenderKind.CASH or payment.foreign is None or not payment.currency:
            raise CashOfNoCurrency
        amount, code = payment.foreign, payment.currency
    if not amount.is_finite() or not 0 <= amount < MOST_HANDED_OVER:
        raise TenderImpossible(amount=amount, currency=code)
    if not amount and payment.kind not in CLAIMS:
        raise TenderImpossible(amount=amount, currency=code)
    # A currency that is none has no rate either, and is refused for that.
    if code in CURRENCIES and amount % currency(code).step:
        raise TenderImpossible(amount=amount, currency=code)


def _demand_once_each(payments: Sequence[Payment]) -> None:
    seen: set[tuple[str, str]] = set()
    for payment in payments:
        if payment.kind not in NAMED and payment.kind not in OF_CUSTOMER:
            continue
        key = (payment.kind, payment.instrument)
        if key in seen:
            raise TenderTwice(kind=payment.kind, number=payment.instrument)
        seen.add(key)
    if sum(kind == TenderKind.DEPOSIT for kind, _number in seen) > 1:
        raise OneDepositOnly


def _demand_reasons(discounts: Sequence[rules.DiscountTerms], *, tag: str) -> None:
    for discount in discounts:
        if not discount.reason.strip():
            raise DiscountUnexplained(tag=tag)
