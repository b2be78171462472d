"""The exchange: a return, a new bill and the difference, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from django.db import transaction

from apps.credit.payments import pay_out
from apps.credit.tendered import Tendered
from apps.credit.tenders import hold
from apps.customers.models import Customer
from apps.inventory.selectors import whole_pieces
from apps.returns.models import Document, DocumentKind
from apps.returns.orders import Asked, Back, written
from apps.returns.refusals import CustomerMissing
from apps.returns.selectors.bills import BillNow, bill_now
from apps.returns.selectors.judging import Result, judged
from apps.returns.services.payouts import Payout, payout_of
from apps.returns.services.take_back import credit_note, draft_of, locked_customer
from apps.returns.services.writing import (
    LETTERS,
    Draft,
    book,
    demand_seen,
    made_before,
    permitted,
    pieces_to_change,
    write,
)
from apps.sales.models import Sale
from apps.sales.orders import Order
from apps.sales.pricing import Wanted, board_for, price
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import Member, Shop
from apps.shops.services import next_number
from apps.till.kinds import TenderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What an exchange comes to: what is given back, and what the new pieces cost.

    `claim` is what of the return pays the new bill; the rest of either is paid in money.
    """

    result: Result
    new_total: Decimal

    @property
    def claim(self) -> Decimal:
        return min(self.result.total, self.new_total)

    @property
    def to_pay(self) -> Decimal:
        """What the customer still pays; below zero, what they get back."""
        return self.new_total - self.result.total


def weighed_up(
    bill: BillNow, backs: Sequence[Back], taken: Sequence[Wanted], *, shop: Shop, at: datetime
) -> Exchange:
    """What exchanging these pieces for those comes to now. Writes nothing.

    Raises what `judged` raises, PieceNotFound, RateMissing, PriceImpossible.
    """
    result = judged(bill, backs, shop=shop, at=at)
    pieces = whole_pieces(tags=[each.tag for each in taken])
    board = board_for(shop, pieces, at)
    quote = price(shop=shop, pieces=pieces, wanted=taken, board=board, at=at)
    return Exchange(result=result, new_total=quote.total)


@transaction.atomic
def exchange(
    *,
    asked: Asked,
    backs: Sequence[Back],
    taken: Sequence[Wanted],
    payments: Sequence[Payment],
    by: Member,
    at: datetime,
    customer: int | None = None,
) -> Document:
    """Take pieces back by the rules of returns and sell others for what they give.

    The value of the return becomes store credit of the customer and pays the new bill in the
    same transaction; what is left of it goes to the tenders that paid the old bill. `payments`
    pay what the new pieces cost beyond it. Either both documents are made or none.

    Raises what `judged` and `sell` raise, NeverSold, CustomerMissing, RefundTooLarge,
    NotInDrawer, ResultChanged (`seen` is what is to pay, below zero what is given back),
    KeyUsed, PieceElsewhere, and what `permit` raises.
    """
    digest = _digest(asked, backs, taken, payments, customer)
    before = made_before(asked, digest)
    if before is not None:
        return before
    bill = bill_now(asked.bill, to_change=True)
    # The same request may have won while this one waited for the lines.
    before = made_before(asked, digest)
    if before is not None:
        return before
    sale = bill.sale
    who = locked_customer(sale, customer)
    if who is None:
        raise CustomerMissing
    done = weighed_up(bill, backs, taken, shop=by.shop, at=at)
    demand_seen(asked, done.to_pay, sale.currency)
    payout = payout_of(
        sale,
        done.result.total - done.claim,
        customer=who,
        to_credit=done.result.to_credit,
        shop=by.shop,
    )
    tenders = _with_claim(payout, done.claim)
    hold(tenders, customer=who)
    pieces_to_change(
        [each.line for each in done.result.lines], besides=[each.tag for each in taken]
    )
    number = next_number(code=asked.till, by=by, at=at, kind=LETTERS[DocumentKind.EXCHANGE])
    kind = DocumentKind.EXCHANGE
    draft = Draft(
        kind=kind,
        sale=sale,
        lines=[draft_of(each) for each in done.result.lines],
        customer=who,
        round_off=done.result.round_off,
        cash_rounding=payout.cash_rounding,
        claim=done.claim,
    )
    # Before any money moves: whoever may not do this must not learn what the drawer holds.
    approval = permitted(draft, number, asked=asked, by=by, at=at)
    paid = pay_out(
        tenders,
        what=kind,
        number=number,
        by=by,
        at=at,
        customer=who,
        reason=asked.cash_reason.reason,
        approver=asked.cash_reason.approver,
    )
    book(kind, [*credit_note(done.result, sale, payout), *paid], number, by=by, at=at)
    new_sale = _sold(asked, taken, payments, done.claim, customer=who, by=by, at=at)
    whole = replace(draft, new_sale=new_sale)
    return write(whole, number, asked=asked, digest=digest, by=by, at=at, approval=approval)


def _sold(
    asked: Asked,
    taken: Sequence[Wanted],
    payments: Sequence[Payment],
    claim: Decimal,
    *,
    customer: Customer,
    by: Member,
    at: datetime,
) -> Sale:
    """The new bill, paid with the claim first."""
    of_claim = (Payment(TenderKind.STORE_CREDIT, claim),) if claim else ()
    order = Order(
        lines=tuple(taken),
        payments=(*of_claim, *payments),
        # With a blank, which no program can send as a key of its own.
        key=f"exchange {sha256(asked.key.encode()).hexdigest()}",
        register=asked.till,
        customer=customer.pk,
        customer_name=customer.name,
        credit_reason=asked.cash_reason.reason,
        approver=asked.cash_reason.approver,
    )
    return sell(order=order, by=by, at=at).sale


def _with_claim(payout: Payout, claim: Decimal) -> list[Tendered]:
    """The payout with the claim as store credit: one tender, where some is credit anyway."""
    if not claim:
        return list(payout.tenders)
    credit = Tendered(kind=TenderKind.STORE_CREDIT, amount=claim)
    others = []
    for tender in payout.tenders:
        if tender.kind == TenderKind.STORE_CREDIT:
            credit = replace(credit, amount=credit.amount + tender.amount)
        else:
            others.append(tender)
    return [credit, *others]


def _digest(
    asked: Asked,
    backs: Sequence[Back],
    taken: Sequence[Wanted],
    payments: Sequence[Payment],
    customer: int | None,
) -> str:
    return asked.digest(
        document="exchange",
        customer=customer,
        pieces=written(backs),
        taken=sorted(each.tag for each in taken),
        payments=[[payment.kind, str(payment.given.normalize())] for payment in payments],
    )
