"""Paying a seller: only by what the place allows, and cash only up to its limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import Invalid
from apps.core.formatting import money
from apps.core.units import currency
from apps.credit.payments import Tendered, pay_out
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.models import Customer
from apps.customers.selectors import same_person
from apps.ledger.services import Amount
from apps.purchasing.models import ClaimPayout, OldGoldSlip, SlipState
from apps.purchasing.rules.places import CashLimit, PlaceRules
from apps.purchasing.services.offers import PaidBy
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import DocumentNumber
from apps.till.kinds import TenderKind
from apps.till.models import Direction, Payment


@dataclass(eq=False)
class TenderNotAllowed(Invalid):
    kind: str

    def __str__(self) -> str:
        return _("Old gold may not be paid for by %(kind)s here. Choose another way.") % {
            "kind": str(TenderKind(self.kind).label).lower()
        }


@dataclass(eq=False)
class CashLimitPassed(Invalid):
    """`paid`: in cash to this person before, within the days of the limit."""

    limit: Decimal
    days: int
    paid: Decimal
    currency: str

    def __str__(self) -> str:
        left = money(max(self.limit - self.paid, Decimal(0)), self.currency)
        return ngettext(
            "In cash one person gets at most %(limit)s a day, and %(left)s of it is left. Pay the"
            " rest another way.",
            "In cash one person gets at most %(limit)s within %(days)s days, and %(left)s of it is"
            " left. Pay the rest another way.",
            self.days,
        ) % {"limit": money(self.limit, self.currency), "days": self.days, "left": left}


@dataclass(eq=False)
class PaymentsDoNotMatch(Invalid):
    total: Decimal
    paid: Decimal
    currency: str

    def __str__(self) -> str:
        return _("The payments are %(paid)s, and the slip is worth %(total)s. Make them equal.") % {
            "paid": money(self.paid, self.currency),
            "total": money(self.total, self.currency),
        }


@dataclass(eq=False)
class PaymentImpossible(Invalid):
    amount: Decimal

    def __str__(self) -> str:
        return _("%(amount)s is no payment. Write what is handed over.") % {"amount": self.amount}


def pay_seller(
    payments: Sequence[PaidBy],
    *,
    total: Decimal,
    place: PlaceRules,
    what: str,
    number: DocumentNumber,
    customer: Customer,
    by: Member,
    at: datetime,
    cash_reason: CashReason = NO_REASON,
) -> list[Amount]:
    """Hand the money over; the credits to post. The customer's row is locked already.

    Raises TenderNotAllowed, PaymentImpossible, PaymentsDoNotMatch, CashLimitPassed, and what
    `credit.payments.pay_out` raises.
    """
    tenders = _tendered(payments, total=total, code=by.shop.currency)
    for tender in tenders:
        if tender.kind.value not in place.tenders:
            raise TenderNotAllowed(kind=tender.kind.value)
    cash = sum((t.amount for t in tenders if t.kind == TenderKind.CASH), Decimal(0))
    if cash and place.cash is not None:
        _demand_below(place.cash, cash, customer, by=by, at=at)
    return pay_out(
        tenders,
        what=what,
        number=number,
        by=by,
        at=at,
        customer=customer,
        reason=cash_reason.reason,
        approver=cash_reason.approver,
    )


def cash_paid_since(customer: Customer, since: date) -> Decimal:
    """What this person was paid in cash for old gold from a day on; void slips are none."""
    slips = OldGoldSlip.objects.filter(customer__in=same_person(customer), state=SlipState.TAKEN)
    bought = slips.filter(day__gte=since).values_list("code", flat=True)
    paid_out = ClaimPayout.objects.filter(slip__in=slips, day__gte=since).values_list(
        "code", flat=True
    )
    found = Payment.objects.filter(
        reference__in=[*bought, *paid_out], direction=Direction.OUT, kind=TenderKind.CASH
    ).aggregate(paid=Sum("amount"))
    return found["paid"] or Decimal(0)


def _demand_below(
    limit: CashLimit, cash: Decimal, customer: Customer, *, by: Member, at: datetime
) -> None:
    since = day_of(by.shop, at) - timedelta(days=limit.days - 1)
    paid = cash_paid_since(customer, since)
    if paid + cash > limit.amount:
        raise CashLimitPassed(
            limit=limit.amount, days=limit.days, paid=paid, currency=by.shop.currency
        )


def _tendered(payments: Sequence[PaidBy], *, total: Decimal, code: str) -> list[Tendered]:
    """The payments with the open one filled in. Raises PaymentImpossible, PaymentsDoNotMatch."""
    step = currency(code).step
    said = sum((p.amount for p in payments if p.amount is not None), Decimal(0))
    open_ones = [p for p in payments if p.amount is None]
    if not said.is_finite() or len(open_ones) > 1 or (open_ones and said >= total):
        raise PaymentsDoNotMatch(total=total, paid=said, currency=code)
    tenders = []
    for payment in payments:
        amount = total - said if payment.amount is None else payment.amount
        if amount <= 0 or amount % step:
            raise PaymentImpossible(amount=amount)
        if payment.kind not in TenderKind.values:
            raise PaymentImpossible(amount=amount)
        tenders.append(
            Tendered(
                kind=TenderKind(payment.kind), amount=amount, instrument=payment.instrument[:60]
            )
        )
    paid = sum((tender.amount for tender in tenders), Decimal(0))
    if paid != total:
        raise PaymentsDoNotMatch(total=total, paid=paid, currency=code)
    return tenders
