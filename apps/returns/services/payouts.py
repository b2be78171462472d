"""How a refund is paid: to the tenders that paid the bill, or as store credit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.core.units import currency, round_to
from apps.credit.balances import dues_of
from apps.credit.refunds import Paid, plan
from apps.credit.tendered import Tendered
from apps.customers.models import Customer
from apps.returns.models import Document, DocumentKind
from apps.returns.refusals import CustomerMissing
from apps.sales.models import Sale
from apps.shops.models import Shop
from apps.till.kinds import TenderKind
from apps.till.models import Direction, Payment

_ZERO = Decimal(0)
_OF_A_CUSTOMER = (TenderKind.STORE_CREDIT, TenderKind.ON_ACCOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """What is paid out for a document: tenders = total + cash_rounding."""

    tenders: tuple[Tendered, ...]
    cash_rounding: Decimal


def payout_of(
    sale: Sale, amount: Decimal, *, customer: Customer | None, to_credit: bool, shop: Shop
) -> Payout:
    """Divide what a customer gets back for pieces of a bill.

    By the tender it came from (`credit.refunds.plan`); what was paid in old gold, from a deposit
    or a scheme comes as store credit, as does what is more than the customer still owes, and all
    of it with `to_credit`. Cash is rounded to the smallest coin.

    Raises CustomerMissing, RefundTooLarge.
    """
    if not amount:
        return Payout(tenders=(), cash_rounding=_ZERO)
    if to_credit:
        planned: Sequence[Tendered] = [Tendered(kind=TenderKind.STORE_CREDIT, amount=amount)]
    else:
        at_most = {}
        if customer is not None:
            at_most[TenderKind.ON_ACCOUNT] = dues_of(customer, currency=sale.currency)
        planned = plan(paid_by(sale), amount, refunded=_refunded(sale), at_most=at_most)
    if customer is None and any(tender.kind in _OF_A_CUSTOMER for tender in planned):
        raise CustomerMissing
    return _rounded(planned, shop=shop)


def bought_for(kind: str, amount: Decimal, *, customer: Customer | None, shop: Shop) -> Payout:
    """What the shop pays for a piece it buys back. Raises CustomerMissing."""
    if kind == TenderKind.STORE_CREDIT and customer is None:
        raise CustomerMissing
    return _rounded([Tendered(kind=TenderKind(kind), amount=amount)], shop=shop)


def paid_by(sale: Sale) -> list[Paid]:
    """What paid the bill, less the rounding of cash, which no line of it had cost.

    The parts come to the bill's total.
    """
    tenders = [
        Tendered(kind=TenderKind(each.kind), amount=each.amount, instrument=each.instrument)
        for each in sale.tenders.order_by("position")
        if each.amount
    ]
    over = sale.cash_rounding
    paid: list[Paid] = []
    for tender in tenders:
        if over and tender.kind == TenderKind.CASH and tender.amount > over:
            tender, over = replace(tender, amount=tender.amount - over), _ZERO
        paid.append(tender)
    return paid


def _refunded(sale: Sale) -> list[Paid]:
    """What went back of the bill before, exchanges included: without the rounding of cash."""
    rounding = {
        document.code: document.cash_rounding
        for document in Document.objects.filter(sale=sale).exclude(kind=DocumentKind.BUY_BACK)
    }
    gone: list[Paid] = []
    for each in Payment.objects.filter(
        reference__in=list(rounding), direction=Direction.OUT
    ).order_by("pk"):
        amount = each.amount
        if each.kind == TenderKind.CASH:
            amount -= rounding.pop(each.reference, _ZERO)
        gone.append(Tendered(kind=TenderKind(each.kind), amount=amount, instrument=each.instrument))
    return gone


def _rounded(planned: Sequence[Tendered], *, shop: Shop) -> Payout:
    """The cash of a plan in coins that there are."""
    step = shop.cash_step or currency(shop.currency).cash_step
    rounding = _ZERO
    tenders = []
    for tender in planned:
        if tender.kind == TenderKind.CASH:
            coins = round_to(tender.amount, step)
            rounding += coins - tender.amount
            if not coins:
                continue
            tender = replace(tender, amount=coins)
        tenders.append(tender)
    return Payout(tenders=tuple(tenders), cash_rounding=rounding)
