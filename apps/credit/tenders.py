"""What a tender may pay, and what it posts: the same for a sale and for every other document.

A document calls `hold` before it takes its number, so that locks are taken in
one order everywhere (customer, gift cards, register), and `take_all` or
`give_all` after it. What comes back is what to write down and what to post.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from apps.credit import exchange, gift_cards
from apps.credit.balances import dues_of, store_credit_of
from apps.credit.tendered import (
    CreditLimitReached,
    CustomerNeeded,
    HandedOverTooLittle,
    NoCredit,
    OwesLess,
    StoreCreditShort,
    Tendered,
    TenderNotHere,
    demand_amount,
    demand_once,
)
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Member
from apps.till.kinds import TenderKind

_OWN: Final = {
    TenderKind.CASH: chart.CASH,
    TenderKind.CARD: chart.CARD,
    TenderKind.TRANSFER: chart.BANK,
}
# Cash too: the law adds up what one person pays in it, so two tills take turns.
_OF_A_CUSTOMER: Final = (TenderKind.STORE_CREDIT, TenderKind.ON_ACCOUNT, TenderKind.CASH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A tender that was accepted, or paid out.

    `tender` is what to write down: foreign cash with its rate and worth, a gift
    card by its document's number, never by its code.
    """

    tender: Tendered
    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Who takes it from whom, when, for which document, and what allows more than the limit."""

    by: Member
    at: datetime
    reference: str
    customer: Customer | None = None
    reason: str = ""
    approver: Approver | None = None

    @property
    def currency(self) -> str:
        return self.by.shop.currency


def hold(tenders: Sequence[Tendered], *, customer: Customer | None) -> None:
    """Lock what these tenders move, in order: the customer, then gift cards by their ids.

    Call it before `next_number`. What is not found is refused when it is taken.
    """
    if customer is not None and any(tender.kind in _OF_A_CUSTOMER for tender in tenders):
        customer_by_id(customer.pk, to_change=True)
    gift_cards.lock_named(
        [tender.instrument for tender in tenders if tender.kind == TenderKind.GIFT_CARD]
    )


def amounts_in(
    tender: Tendered,
    *,
    customer: Customer | None = None,
    by: Member,
    at: datetime,
    reference: str,
    reason: str = "",
    approver: Approver | None = None,
) -> list[Amount]:
    """The postings of one tender that is taken; see `take_all`, which checks several together."""
    counter = Counter(
        by=by, at=at, reference=reference, customer=customer, reason=reason, approver=approver
    )
    return [amount for taken in take_all([tender], counter) for amount in taken.amounts]


def take_all(tenders: Sequence[Tendered], counter: Counter) -> list[Taken]:
    """Accept what a customer pays a document with: checked, balances moved, no row of its own.

    Raises AmountImpossible, HandedOverTooLittle, TenderTwice, TenderNotHere
    (old gold, deposits and schemes: their own apps know them), CustomerNeeded,
    StoreCreditShort, NoCredit, CreditLimitReached, the refusals of
    `apps.shops.approvals.permit`, of gift cards and of foreign cash.
    """
    demand_once(list(tenders))
    return [_take(tender, counter) for tender in tenders]


def give_all(tenders: Sequence[Tendered], counter: Counter) -> list[Taken]:
    """Pay out what the shop owes for a document: checked, balances moved, no row of its own.

    On account lowers what the customer owes. Raises as `take_all`, and OwesLess.
    """
    demand_once(list(tenders))
    return [_give(tender, counter) for tender in tenders]


def _take(tender: Tendered, counter: Counter) -> Taken:
    home, amount = counter.currency, tender.amount
    demand_amount(amount, home)
    if tender.given is not None and tender.given < amount:
        raise HandedOverTooLittle(worth=tender.given, amount=amount, currency=home)
    match tender.kind:
        case TenderKind.CASH if exchange.is_foreign(tender, shop=counter.by.shop):
            return _foreign(tender, counter, sign=1)
        case TenderKind.STORE_CREDIT:
            customer = _locked(tender, counter)
            left = store_credit_of(customer, currency=home)
            if left < amount:
                raise StoreCreditShort(left=left, currency=home)
            return _moved(tender, chart.STORE_CREDIT, home, amount, customer)
        case TenderKind.ON_ACCOUNT:
            customer = _locked(tender, counter)
            _demand_limit(customer, amount, counter)
            return _moved(tender, chart.DUES, home, amount, customer)
        case TenderKind.GIFT_CARD:
            card = gift_cards.spend(
                tender.instrument,
                amount,
                reference=counter.reference,
                by=counter.by,
                at=counter.at,
            )
            kept = replace(tender, instrument=card.number)
            return _moved(kept, chart.GIFT_CARDS, home, amount)
        case _:
            return _moved(tender, _own(tender), home, amount)


def _give(tender: Tendered, counter: Counter) -> Taken:
    home, amount = counter.currency, tender.amount
    demand_amount(amount, home)
    match tender.kind:
        case TenderKind.CASH if exchange.is_foreign(tender, shop=counter.by.shop):
            return _foreign(tender, counter, sign=-1)
        case TenderKind.STORE_CREDIT:
            return _moved(tender, chart.STORE_CREDIT, home, -amount, _locked(tender, counter))
        case TenderKind.ON_ACCOUNT:
            customer = _locked(tender, counter)
            owed = dues_of(customer, currency=home)
            if owed < amount:
                raise OwesLess(owed=max(owed, Decimal(0)), currency=home)
            return _moved(tender, chart.DUES, home, -amount, customer)
        case TenderKind.GIFT_CARD:
            card = gift_cards.pay_back(
                tender.instrument,
                amount,
                reference=counter.reference,
                by=counter.by,
                at=counter.at,
            )
            kept = replace(tender, instrument=card.number)
            return _moved(kept, chart.GIFT_CARDS, home, -amount)
        case _:
            return _moved(tender, _own(tender), home, -amount)


def _foreign(tender: Tendered, counter: Counter, *, sign: int) -> Taken:
    priced = exchange.priced(tender, shop=counter.by.shop, at=counter.at)
    amounts = exchange.exchanged(priced, home=counter.currency, sign=sign)
    return Taken(tender=priced, amounts=tuple(amount for amount in amounts if amount.amount))


def _moved(
    tender: Tendered, account: str, home: str, amount: Decimal, customer: Customer | None = None
) -> Taken:
    posting = Amount(
        account=account, commodity=home, amount=amount, party=customer.pk if customer else None
    )
    return Taken(tender=tender, amounts=(posting,))


def _own(tender: Tendered) -> str:
    account = _OWN.get(tender.kind)
    if account is None:
        raise TenderNotHere(kind=tender.kind.value)
    return account


def _locked(tender: Tendered, counter: Counter) -> Customer:
    if counter.customer is None:
        raise CustomerNeeded(kind=tender.kind.value)
    return customer_by_id(counter.customer.pk, to_change=True)


def _demand_limit(customer: Customer, amount: Decimal, counter: Counter) -> None:
    """Raises NoCredit, CreditLimitReached, and what `permit` raises."""
    if customer.credit_limit is None:
        raise NoCredit
    owed = dues_of(customer, currency=counter.currency)
    over = owed + amount - customer.credit_limit
    if over <= 0:
        return
    if not counter.reason.strip():
        raise CreditLimitReached(owed=owed, limit=customer.credit_limit, currency=counter.currency)
    permit(
        Action.CREDIT,
        by=counter.by,
        reason=counter.reason,
        reference=counter.reference,
        at=counter.at,
        amount=over,
        approver=counter.approver,
    )
