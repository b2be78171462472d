"""The return: pieces of a bill come back by the shop's policy, and a credit note is made."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.credit.payments import pay_out
from apps.credit.tenders import hold
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.returns.models import Document, DocumentKind
from apps.returns.orders import Asked, Back, written
from apps.returns.postings import credited
from apps.returns.selectors.bills import bill_now
from apps.returns.selectors.judging import LineResult, Result, judged
from apps.returns.services.payouts import Payout, payout_of
from apps.returns.services.writing import (
    LETTERS,
    Draft,
    LineDraft,
    book,
    demand_seen,
    made_before,
    pieces_to_change,
    write,
)
from apps.sales.models import Sale
from apps.shops.models import Member
from apps.shops.services import next_number


@transaction.atomic
def take_back(
    *,
    asked: Asked,
    backs: Sequence[Back],
    by: Member,
    at: datetime,
    customer: int | None = None,
    to_credit: bool = False,
) -> Document:
    """Take pieces of a bill back and give money for them, by the rules of the day of the sale.

    Income and tax of what is refunded are reversed, what is kept stays income; the pieces go
    back into the stock at their cost, or to the old gold. Money goes to the tenders that paid
    the bill; with `to_credit` all of it becomes store credit. `customer`: whose credit it is,
    where the bill names nobody.

    Raises what `judged` raises, NeverSold, CustomerNotFound, CustomerMissing, RefundTooLarge,
    NotInDrawer, ResultChanged, KeyUsed, PieceElsewhere, and what `permit` raises.
    """
    digest = asked.digest(
        document="return", pieces=written(backs), to_credit=to_credit, customer=customer
    )
    before = made_before(asked, digest)
    if before is not None:
        return before
    bill = bill_now(asked.bill, to_change=True)
    # The same request may have won while this one waited for the lines.
    before = made_before(asked, digest)
    if before is not None:
        return before
    sale = bill.sale
    result = judged(bill, backs, shop=by.shop, at=at)
    demand_seen(asked, result.total, sale.currency)
    who = locked_customer(sale, customer)
    payout = payout_of(
        sale,
        result.total,
        customer=who,
        to_credit=to_credit or result.to_credit,
        shop=by.shop,
    )
    hold(payout.tenders, customer=who)
    pieces_to_change([each.line for each in result.lines])
    number = next_number(code=asked.till, by=by, at=at, kind=LETTERS[DocumentKind.RETURN])
    draft = Draft(
        kind=DocumentKind.RETURN,
        sale=sale,
        lines=[draft_of(each) for each in result.lines],
        customer=who,
        round_off=result.round_off,
        cash_rounding=payout.cash_rounding,
    )
    document = write(draft, number, asked=asked, digest=digest, by=by, at=at)
    paid = pay_out(
        payout.tenders,
        what=draft.kind,
        number=number,
        by=by,
        at=at,
        customer=who,
        reason=asked.cash_reason.reason,
        approver=asked.cash_reason.approver,
    )
    book(draft.kind, [*credit_note(result, sale, payout), *paid], number, by=by, at=at)
    return document


def locked_customer(sale: Sale, customer: int | None) -> Customer | None:
    """Whose document it is, locked: the bill's own customer, else the one who was named."""
    pk = sale.customer_id if sale.customer_id is not None else customer
    return None if pk is None else customer_by_id(pk, to_change=True)


def draft_of(result: LineResult) -> LineDraft:
    """The row that remembers what came of a line."""
    return LineDraft(
        line=result.line,
        refunded=result.refunded,
        kept=result.kept,
        tax=result.tax,
        fate=result.fate,
        worth=result.worth,
        sold_weight_g=result.sold_g,
        weighed_g=result.back.weighed_g,
        metal_share=result.metal_share,
        result=result.as_json(),
    )


def credit_note(result: Result, sale: Sale, payout: Payout) -> list[Amount]:
    """The debits of a credit note, and the rounding of the cash it is paid in."""
    rounding: Decimal = payout.cash_rounding
    return [
        *credited(result, sale=sale),
        Amount(account=chart.CASH_ROUNDING, commodity=sale.currency, amount=rounding),
    ]
