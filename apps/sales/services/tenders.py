"""Payments on the counter: what was handed over before the sale is finished."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.credit import gift_cards
from apps.credit.balances import store_credit_of
from apps.credit.tendered import CustomerNeeded, NoCredit, StoreCreditShort
from apps.customers.models import Customer
from apps.sales import claim_reads
from apps.sales.claims import CLAIMS
from apps.sales.counter import at_the_counter
from apps.sales.counter_tenders import payments, tenders_of
from apps.sales.demands import OneDepositOnly, TenderTwice, demand_payment
from apps.sales.models import OpenSale, OpenSaleTender
from apps.sales.open_sales import working_sale
from apps.sales.orders import NAMED, OF_CUSTOMER
from apps.sales.refusals import NoChangeFromCard, NothingToPay, TenderGone
from apps.sales.rules import CASH, Payment
from apps.sales.services.counter import open_sale_to_change
from apps.sales.services.customer import bill_for
from apps.sales.services.paying import ClaimExceeded, worth
from apps.shops.days import day_of
from apps.shops.models import Member, Register
from apps.till.kinds import TenderKind


@transaction.atomic
def take(
    *,
    kind: TenderKind,
    amount: Decimal,
    register: Register,
    by: Member,
    at: datetime,
    instrument: str = "",
    currency: str = "",
    after: int | None = None,
) -> OpenSaleTender:
    """Take a payment for the till's open sale.

    Cash may be more than is left, and gives change; nothing else may. With `currency` the amount
    is of that one, and counts at today's rate. An amount of 0 is, of old gold, a deposit
    or a scheme, as much as the bill will need; of a gift card or store credit, all of it that the
    bill needs now. `after` is the newest payment the caller has seen: the same payment that came
    after it is the same request again.

    Raises TenderImpossible, NothingToPay, NoChangeFromCard, TenderUnnamed, TenderTwice,
    OneDepositOnly, CustomerNeeded, ClaimOfAnother, ClaimExceeded, ClaimUsedUp, StoreCreditShort,
    NoCredit, CashRateMissing, and what gift cards, slips and deposits say no with.
    """
    payment = Payment(
        kind=kind,
        given=amount,
        currency=currency,
        foreign=amount if currency else None,
        instrument=instrument.strip(),
    )
    if amount or kind not in (TenderKind.GIFT_CARD, TenderKind.STORE_CREDIT):
        demand_payment(payment, currency_code=by.shop.currency)
    sale = open_sale_to_change(register=register, by=by, at=at)
    again = _taken_already(sale, payment, after) if after is not None else None
    if again is not None:
        return again
    _demand_once(sale, payment)
    if payment.kind in CLAIMS:
        return _take_claim(sale, payment, by=by, at=at)
    payment = worth(payment, by=by, at=at)
    left = at_the_counter(shop=by.shop, register=register, at=at).standing.left
    if not left:
        raise NothingToPay
    if payment.kind in OF_CUSTOMER or payment.kind == TenderKind.GIFT_CARD:
        payment = _of_a_balance(sale, payment, left, by=by, at=at)
    if payment.kind != CASH and payment.given > left:
        raise NoChangeFromCard(amount=payment.given, left=left, currency=by.shop.currency)
    return _written(sale, payment, at)


def _taken_already(sale: OpenSale, payment: Payment, after: int) -> OpenSaleTender | None:
    """The same payment, taken after the newest that the caller has seen."""
    newer = OpenSaleTender.objects.filter(
        open_sale=sale,
        pk__gt=after,
        kind=payment.kind,
        instrument=payment.instrument,
        currency=payment.currency,
    )
    if payment.currency:
        newer = newer.filter(foreign=payment.foreign)
    elif payment.given:
        newer = newer.filter(amount=payment.given)
    return newer.first()


def _demand_once(sale: OpenSale, payment: Payment) -> None:
    if payment.kind not in NAMED and payment.kind not in OF_CUSTOMER:
        return
    same = OpenSaleTender.objects.filter(open_sale=sale, kind=payment.kind)
    if payment.kind == TenderKind.DEPOSIT and same.exclude(instrument=payment.instrument).exists():
        raise OneDepositOnly
    if same.filter(instrument=payment.instrument).exists():
        raise TenderTwice(kind=payment.kind, number=payment.instrument)


def _take_claim(sale: OpenSale, payment: Payment, *, by: Member, at: datetime) -> OpenSaleTender:
    """Take a slip, a deposit or a scheme; the bill is its owner's from here on."""
    claim = claim_reads.read(payment, shop=by.shop, at=at)
    if payment.given > claim.left:
        raise ClaimExceeded(number=claim.number, left=claim.left, currency=by.shop.currency)
    named = [p for p in payments(tenders_of(sale)) if p.kind in CLAIMS]
    owner = claim_reads.owner_of([*named, payment], customer=sale.customer_id)
    if sale.customer_id is None and owner is not None:
        bill_for(sale, Customer.objects.get(pk=owner))
    return _written(sale, replace(payment, given=payment.given or claim.left), at)


def _of_a_balance(
    sale: OpenSale, payment: Payment, left: Decimal, *, by: Member, at: datetime
) -> Payment:
    """The payment with its amount, if the balance it comes from has that much now."""
    code = by.shop.currency
    if payment.kind == TenderKind.GIFT_CARD:
        card = gift_cards.card_by_code(payment.instrument)
        if gift_cards.has_expired(card, on=day_of(by.shop, at)):
            assert card.expires_on is not None
            raise gift_cards.GiftCardExpired(expired_on=card.expires_on)
        amount = payment.given or min(left, card.balance)
        if not amount or amount > card.balance:
            raise gift_cards.GiftCardShort(left=card.balance, currency=code)
        return replace(payment, given=amount)
    customer = sale.customer
    if customer is None:
        raise CustomerNeeded(kind=payment.kind)
    if payment.kind == TenderKind.ON_ACCOUNT:
        if customer.credit_limit is None:
            raise NoCredit
        return payment
    held = store_credit_of(customer, currency=code)
    amount = payment.given or min(left, held)
    if amount <= 0 or amount > held:
        raise StoreCreditShort(left=held, currency=code)
    return replace(payment, given=amount)


def _written(sale: OpenSale, payment: Payment, at: datetime) -> OpenSaleTender:
    return OpenSaleTender.objects.create(
        open_sale=sale,
        kind=payment.kind,
        amount=payment.given,
        currency=payment.currency,
        foreign=payment.foreign,
        rate=payment.rate,
        instrument=payment.instrument,
        taken_at=at,
    )


@transaction.atomic
def give_back(*, tender: int, register: Register) -> None:
    """Take a payment off the open sale again. Raises TenderGone."""
    sale = working_sale(register).select_for_update(of=("self",)).first()
    if sale is None:
        raise TenderGone
    deleted, _ = OpenSaleTender.objects.filter(pk=tender, open_sale=sale).delete()
    if not deleted:
        raise TenderGone
