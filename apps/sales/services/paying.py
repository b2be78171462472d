"""How a bill is paid out of somebody's account: what is locked before it, what is posted with it.

A bill that is paid by the shop's own money, by card and by bank alone never comes here. Locks are
taken in the order of every document: customer, slips, gift cards, deposit with its pieces, till.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.formatting import money
from apps.credit import exchange, tenders
from apps.credit.tendered import Tendered
from apps.customers.cash import Cash, demand_bill, keep_cash
from apps.customers.models import Customer
from apps.customers.rules.places import Way
from apps.customers.selectors import customer_by_id
from apps.ledger.services import Amount
from apps.sales.claim_reads import owner_of
from apps.sales.claims import CLAIMS, NO_CLAIMS, Claim, Key, key_of
from apps.sales.orders import Order
from apps.sales.postings import is_plain
from apps.sales.rules import Payment, Settled
from apps.sales.services import claim_books
from apps.shops.models import Member
from apps.shops.services import DocumentNumber
from apps.till.kinds import TenderKind

_ZERO: Final = Decimal(0)


@dataclass(eq=False)
class ClaimExceeded(Conflict):
    """More of a slip, a deposit or a scheme than is left of it."""

    number: str
    left: Decimal
    currency: str

    def __str__(self) -> str:
        return _("%(number)s has %(left)s left. Use no more than that.") % {
            "number": self.number,
            "left": money(self.left, self.currency),
        }


@dataclass(eq=False)
class ClaimNotNeeded(Conflict):
    number: str

    def __str__(self) -> str:
        return _("The bill is paid without %(number)s. Take it back; it stays the customer's.") % {
            "number": self.number
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What an order is paid with, looked up and locked.

    `payments`: with foreign cash at what it is worth.
    """

    payments: tuple[Payment, ...]
    customer: Customer | None = None
    claims: Mapping[Key, Claim] = field(default_factory=lambda: NO_CLAIMS)

    @property
    def reserved(self) -> frozenset[str]:
        """Tags that lie aside for a deposit that pays this bill."""
        return frozenset().union(*(claim.reserved for claim in self.claims.values()))


def prepare(order: Order, *, by: Member, at: datetime) -> Paying:
    """Look up and lock everything that pays this order beside money.

    Where the order names no customer, the bill is for whoever owns the slip or the deposit.

    Raises CustomerNotFound, ClaimExceeded, CashRateMissing, CashRateChanged, and what the books
    of slips, deposits and schemes say no with.
    """
    named = [payment for payment in order.payments if payment.kind in CLAIMS]
    whose = owner_of(named, customer=order.customer)
    customer = None
    if whose is not None:
        # Cash too: what one person pays in it is added up, so two tills take turns.
        moves = len(named) or any(
            not is_plain(payment) or payment.kind == TenderKind.CASH for payment in order.payments
        )
        customer = customer_by_id(whose, to_change=bool(moves))
    tenders.hold(
        [
            _tendered(p, p.given)
            for p in order.payments
            if not _is_claim(p) and p.kind != TenderKind.CASH
        ],
        customer=customer,
    )
    claims = claim_books.claims_to_use(
        named, customer=customer, tags=[line.tag for line in order.lines], by=by, at=at
    )
    for payment in named:
        claim = claims[key_of(payment)]
        if payment.given > claim.left:
            raise ClaimExceeded(number=claim.number, left=claim.left, currency=by.shop.currency)
    return Paying(
        payments=tuple(worth(payment, by=by, at=at) for payment in order.payments),
        customer=customer,
        claims=claims,
    )


def worth(payment: Payment, *, by: Member, at: datetime) -> Payment:
    """The payment; foreign cash at today's rate, and at what it is worth.

    Raises CashRateMissing, CashRateChanged, AmountImpossible.
    """
    if not payment.currency:
        return payment
    priced = exchange.priced(_tendered(payment, _ZERO), shop=by.shop, at=at)
    assert priced.given is not None
    return replace(payment, given=priced.given, rate=priced.rate)


def demand_needed(settled: Sequence[Settled]) -> None:
    """Refuse a slip or a deposit that would pay nothing. Raises ClaimNotNeeded."""
    for each in settled:
        if _is_claim(each.payment) and not each.amount:
            raise ClaimNotNeeded(number=each.payment.instrument)


def demand_lawful(
    settled: Sequence[Settled],
    paying: Paying,
    *,
    order: Order,
    total: Decimal,
    reference: str,
    by: Member,
    at: datetime,
) -> None:
    """Hold the bill and its cash against the limits of the place; see `apps.customers.cash`.

    The reason that is given for more credit counts for cash above a limit that warns, too.
    """
    demand_bill(total=total, customer=paying.customer, by=by, at=at)
    amounts = [each.amount for each in settled if each.kind == TenderKind.CASH]
    keep_cash(
        Cash(amount=sum(amounts, _ZERO), way=Way.IN, what="sale", reference=reference),
        customer=paying.customer,
        by=by,
        at=at,
        reason=order.credit_reason,
        approver=order.approver,
    )


@dataclass(frozen=True, slots=True)
class Paid:
    """The tenders as they are written down, and the debits beside those of plain money."""

    tenders: Sequence[Settled]
    amounts: Sequence[Amount]


def pay(
    settled: Sequence[Settled],
    paying: Paying,
    *,
    order: Order,
    number: DocumentNumber,
    by: Member,
    at: datetime,
) -> Paid:
    """Move every balance that pays the bill.

    Raises what `apps.credit.tenders.take_all` and the books of claims say no with.
    """
    written: list[Settled] = []
    amounts: list[Amount] = []
    counter = tenders.Counter(
        by=by,
        at=at,
        reference=str(number),
        customer=paying.customer,
        reason=order.credit_reason,
        approver=order.approver,
    )
    for each in settled:
        payment = each.payment
        if _is_claim(payment):
            amounts += claim_books.use(payment, each.amount, number=number, by=by, at=at)
        elif not is_plain(payment):
            taken = tenders.take_all([_tendered(payment, each.amount)], counter)
            amounts += [amount for one in taken for amount in one.amounts]
            # A gift card is written down by its document, never by its code.
            payment = replace(payment, instrument=taken[0].tender.instrument)
        written.append(Settled(payment, each.amount))
    return Paid(written, amounts)


def _is_claim(payment: Payment) -> bool:
    return payment.kind in CLAIMS


def _tendered(payment: Payment, amount: Decimal) -> Tendered:
    return Tendered(
        kind=TenderKind(payment.kind),
        amount=amount,
        given=None if payment.currency else payment.given,
        currency=payment.currency,
        foreign=payment.foreign,
        rate=payment.rate,
        instrument=payment.instrument,
    )
