"""Paying what one owes: a document of its own, which lowers the customer's dues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, NotFound
from apps.core.formatting import currency_name, money
from apps.credit.balances import dues_of
from apps.credit.models import DuesPayment
from apps.credit.once import KeyUsed, wait_for_key
from apps.credit.payments import receive
from apps.credit.tendered import Tendered, TenderNotHere, demand_amount
from apps.credit.tenders import hold
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import next_number
from apps.till.kinds import TenderKind

WHAT: Final = "payment"
TAKEN: Final = (
    TenderKind.CASH,
    TenderKind.CARD,
    TenderKind.TRANSFER,
    TenderKind.STORE_CREDIT,
    TenderKind.GIFT_CARD,
)


class NothingPaid(Conflict):
    def __str__(self) -> str:
        return _("There is no payment. Write what was handed over.")


@dataclass(eq=False)
class MoreThanOwed(Conflict):
    owed: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "The customer owes %(owed)s %(currency)s. Take no more than that, or let the rest"
            " become store credit."
        ) % {"owed": money(self.owed, self.currency), "currency": currency_name(self.currency)}


class DuesPaymentNotFound(NotFound):
    def __str__(self) -> str:
        return _("There is no payment with this number. Check the number.")


@transaction.atomic
def receive_payment(
    *,
    customer: Customer,
    tenders: Sequence[Tendered],
    key: str,
    by: Member,
    at: datetime,
    rest_to_credit: bool = False,
    note: str = "",
    register: str = "",
    cash_reason: CashReason = NO_REASON,
) -> DuesPayment:
    """Take a payment of what the customer owes; a repeated key answers the first payment.

    What is more than they owe becomes store credit if `rest_to_credit` says
    so, and is refused otherwise.
    Raises NothingPaid, MoreThanOwed, KeyUsed, TenderNotHere, CustomerNotFound,
    RegisterNotFound, TillNotOpen, and what `payments.receive` raises.
    """
    home = by.shop.currency
    if not tenders:
        raise NothingPaid
    for tender in tenders:
        demand_amount(tender.amount, home)
        if tender.kind not in TAKEN:
            raise TenderNotHere(kind=tender.kind.value)
    amount = sum((tender.amount for tender in tenders), Decimal(0))
    demand_amount(amount, home)
    wait_for_key(key)
    if before := DuesPayment.objects.filter(idempotency_key=key).first():
        if (before.customer_id, before.amount) != (customer.pk, amount):
            raise KeyUsed(number=before.number)
        return before
    customer = customer_by_id(customer.pk, to_change=True)
    hold(tenders, customer=customer)
    owed = max(dues_of(customer, currency=home), Decimal(0))
    to_dues = min(amount, owed)
    to_credit = amount - to_dues
    if to_credit and not rest_to_credit:
        raise MoreThanOwed(owed=owed, currency=home)
    number = next_number(by=by, at=at, code=register, kind="P")
    received = receive(
        tenders,
        what=WHAT,
        number=number,
        by=by,
        at=at,
        customer=customer,
        reason=cash_reason.reason,
        approver=cash_reason.approver,
    )
    payment = DuesPayment.objects.create(
        number=str(number),
        customer=customer,
        amount=amount,
        to_dues=to_dues,
        to_credit=to_credit,
        left=owed - to_dues,
        note=" ".join(note.split())[:200],
        at=at,
        day=day_of(by.shop, at),
        by=by,
        shift_id=number.shift_id,
        idempotency_key=key,
    )
    post(
        what=WHAT,
        reference=payment.number,
        at=at,
        day=payment.day,
        by=by,
        amounts=[
            *received,
            Amount(account=chart.DUES, commodity=home, amount=-to_dues, party=customer.pk),
            Amount(
                account=chart.STORE_CREDIT, commodity=home, amount=-to_credit, party=customer.pk
            ),
        ],
        shift=number.shift_id,
    )
    return payment


def payment_by_number(number: str) -> DuesPayment:
    """The payment, with who paid and who took it. Raises DuesPaymentNotFound."""
    try:
        return DuesPayment.objects.select_related("customer", "by__user").get(number=number)
    except DuesPayment.DoesNotExist:
        raise DuesPaymentNotFound from None
