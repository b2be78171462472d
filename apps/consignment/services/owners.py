"""An owner is paid, and a piece of theirs is bought without a sale."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.consignment.models import TERMS_IN, Direction, LineState, Memo, OwnerPayment, Terms
from apps.consignment.refusals import (
    KeyOfAnother,
    MoreThanOwed,
    NothingPaid,
    NotOnMemo,
    OtherDirection,
)
from apps.consignment.selectors.memos import memo_by_code
from apps.consignment.selectors.owners import owed_to
from apps.consignment.services.agreeing import LONGEST_NOTE, Agreed, demand_terms
from apps.consignment.services.lines import end, lines_to_change
from apps.consignment.services.sold import bought_amounts, make_ours
from apps.core.constraints import refuse_on
from apps.credit.once import wait_for_key
from apps.credit.payments import pay_out
from apps.credit.tendered import Tendered, TenderNotHere, demand_amount
from apps.credit.tenders import hold
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.selectors import customer_by_id, same_person
from apps.inventory.models import Ownership, PieceState
from apps.inventory.selectors import tags_of, whole_pieces
from apps.inventory.services.steps import demand_state
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member
from apps.shops.services import next_number
from apps.till.kinds import TenderKind

PAYMENT: Final = "MP"
WHAT: Final = "owner-payment"
BOUGHT: Final = "memo"
PAID_BY: Final = (
    TenderKind.CASH,
    TenderKind.TRANSFER,
    TenderKind.ON_ACCOUNT,
    TenderKind.STORE_CREDIT,
)


@transaction.atomic
def pay_owner(
    *,
    owner: int,
    tenders: Sequence[Tendered],
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    note: str = "",
    register: str = "",
    approver: Approver | None = None,
    cash_reason: CashReason = NO_REASON,
) -> OwnerPayment:
    """Pay an owner of what the books owe them; a repeated key answers the first payment.

    On account lowers what they owe us. Raises NothingPaid, MoreThanOwed, TenderNotHere,
    AmountImpossible, CustomerNotFound, RegisterNotFound, TillNotOpen, NotInDrawer, KeyOfAnother,
    and what `permit` and `pay_out` raise.
    """
    home = by.shop.currency
    if not tenders:
        raise NothingPaid
    for tender in tenders:
        demand_amount(tender.amount, home)
        if tender.kind not in PAID_BY:
            raise TenderNotHere(kind=tender.kind.value)
    amount = sum((tender.amount for tender in tenders), Decimal(0))
    wait_for_key(key)
    who = customer_by_id(owner, to_change=True)
    people = same_person(who)
    if before := OwnerPayment.objects.filter(key=key).first():
        if before.party_id not in people or before.amount != amount:
            raise KeyOfAnother
        return before
    owed = owed_to(people, currency=home)
    if amount > owed:
        raise MoreThanOwed(owed=max(owed, Decimal(0)), currency=home)
    hold(tenders, customer=who)
    number = next_number(by=by, at=at, code=register, kind=PAYMENT)
    permit(
        Action.MEMO,
        by=by,
        reason=reason,
        reference=str(number),
        at=at,
        amount=amount,
        approver=approver,
    )
    credits = pay_out(
        tenders,
        what=WHAT,
        number=number,
        by=by,
        at=at,
        customer=who,
        reason=cash_reason.reason,
        approver=cash_reason.approver,
    )
    with refuse_on({"consignment_ownerpayment_key": KeyOfAnother()}):
        payment = OwnerPayment.objects.create(
            code=str(number),
            party=who,
            amount=amount,
            left=owed - amount,
            note=" ".join(note.split())[:LONGEST_NOTE],
            at=at,
            by=by,
            key=key,
        )
    post(
        what=WHAT,
        reference=payment.code,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=[
            *credits,
            Amount(account=chart.PAYABLE, commodity=home, amount=amount, party=who.pk),
        ],
        shift=number.shift_id,
    )
    return payment


@transaction.atomic
def buy(
    *,
    code: str,
    tag: str,
    price: Decimal,
    reason: str,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> Memo:
    """Let a piece in our care become ours for `price`, which its owner is owed from now on.

    One that was written off in our care is bought as lost. Raises MemoNotFound, OtherDirection,
    PieceNotFound, NotOnMemo, PieceElsewhere, TermsImpossible, DayClosed, and what `permit` raises.
    """
    (whole,) = whole_pieces(tags=tags_of([tag]), to_change=True)
    memo = memo_by_code(code, to_change=True)
    if memo.direction != Direction.IN:
        raise OtherDirection(memo=memo.code)
    piece = whole.piece
    line = lines_to_change([piece], at=at).get(piece.pk)
    if line is None or line.memo_id != memo.pk or piece.ownership != Ownership.MEMO_IN:
        raise NotOnMemo(tag=piece.tag, memo=memo.code)
    demand_state([piece], PieceState.IN_STOCK, PieceState.RESERVED, PieceState.LOST)
    agreed = Agreed(tag=piece.tag, terms=Terms.FIXED, value=price)
    demand_terms(agreed, among=TERMS_IN, code=by.shop.currency)
    permit(
        Action.MEMO,
        by=by,
        reason=reason,
        reference=memo.code,
        at=at,
        amount=price,
        approver=approver,
    )
    end(line, LineState.BOUGHT, at=at, reference=memo.code, owed=price)
    lost = piece.state == PieceState.LOST
    amounts = bought_amounts(
        whole,
        line,
        price,
        currency_code=by.shop.currency,
        into=chart.SHRINKAGE if lost else chart.STOCK,
    )
    if piece.margin_purchase_price is not None:
        piece.margin_purchase_price = price
        piece.save(update_fields=["margin_purchase_price"])
    make_ours([whole], {piece.pk: line}, by=by, at=at, reference=memo.code)
    post(
        what=BOUGHT,
        reference=memo.code,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=amounts,
    )
    return memo
