"""The void: a whole bill of today is undone at the till and in the shift it was made in."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.consignment.services.sold import undo as undo_memo
from apps.credit.balances import dues_of
from apps.credit.tendered import Tendered
from apps.credit.tenders import Counter, give_all, hold
from apps.customers.cash import undo_cash
from apps.customers.selectors import customer_by_id
from apps.deposits.selectors.contracts import deposit_to_change
from apps.deposits.selectors.schemes import membership_to_change
from apps.deposits.services import redeem, use
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.purchasing.selectors.slips import slip_by_code
from apps.purchasing.services.claims import release_claim
from apps.returns.models import Document, DocumentKind, Fate
from apps.returns.orders import Asked
from apps.returns.postings import reversal_of
from apps.returns.refusals import DrawerClosed, NotOfToday, OtherTill, VoidsNoPart
from apps.returns.selectors.bills import BillNow, bill_now
from apps.returns.selectors.judging import sold_weight_of
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
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import DocumentNumber, next_number
from apps.till.drawer import demand_cash_for
from apps.till.kinds import TenderKind


@transaction.atomic
def void(*, asked: Asked, by: Member, at: datetime) -> Document:
    """Undo a whole bill: every posting with its sign turned, every payment back as it came.

    What was sold on account and is paid meanwhile becomes the customer's store credit.
    Only on the shop's day of the bill, at its till, in the shift that is still open.

    Raises NeverSold, VoidsNoPart, OtherTill, NotOfToday, DrawerClosed, NotInDrawer,
    ResultChanged, KeyUsed, PieceElsewhere, and what `permit` raises.
    """
    digest = asked.digest(document="void")
    before = made_before(asked, digest)
    if before is not None:
        return before
    bill = bill_now(asked.bill, to_change=True)
    # The same request may have won while this one waited for the lines.
    before = made_before(asked, digest)
    if before is not None:
        return before
    sale = bill.sale
    _demand_whole(bill)
    _demand_here_and_now(bill, asked.till, by=by, at=at)
    demand_seen(asked, sale.total, sale.currency)
    tenders = _tenders(sale)
    _lock_claims(sale)
    hold(tenders, customer=sale.customer)
    pieces_to_change([each.line for each in bill.lines])
    number = next_number(code=sale.register.code, by=by, at=at, kind=LETTERS[DocumentKind.VOID])
    if number.shift_id != sale.shift_id:
        raise DrawerClosed(bill=sale.code)
    document = write(_draft(bill), number, asked=asked, digest=digest, by=by, at=at)
    undo_memo(reference=sale.code, by=by, at=at)
    _give_back(tenders, number, sale=sale, by=by, at=at)
    if sale.customer_id is not None:
        undo_cash(reference=sale.code, what="void", by=by, at=at)
    amounts = list(reversal_of(sale))
    amounts += _not_owed_any_more(sale, amounts)
    demand_cash_for(amounts, shift=number.shift_id)
    book(DocumentKind.VOID, amounts, number, by=by, at=at)
    return document


def voidable(bill: BillNow, *, register_code: str, by: Member, at: datetime) -> str:
    """The sentence that says why a bill cannot be voided here and now; empty where it can.

    For the page, which shows it beside the button. The service looks again, under its locks.
    """
    try:
        _demand_whole(bill)
        _demand_here_and_now(bill, register_code, by=by, at=at)
        if bill.sale.register.shift_id != bill.sale.shift_id:
            raise DrawerClosed(bill=bill.sale.code)
    except (VoidsNoPart, OtherTill, NotOfToday, DrawerClosed) as refusal:
        return str(refusal)
    return ""


def _demand_whole(bill: BillNow) -> None:
    gone = next((each.taken for each in bill.lines if each.taken is not None), None)
    if gone is not None:
        raise VoidsNoPart(bill=bill.sale.code, document=gone.document.code)


def _demand_here_and_now(bill: BillNow, till: str, *, by: Member, at: datetime) -> None:
    sale = bill.sale
    if till and till != sale.register.code:
        raise OtherTill(bill=sale.code, till=sale.register.name)
    if at < sale.sold_at or day_of(by.shop, at) != sale.day:
        raise NotOfToday(bill=sale.code)


def _draft(bill: BillNow) -> Draft:
    """All lines of the bill, each at its whole price, back where they were."""
    return Draft(
        kind=DocumentKind.VOID,
        sale=bill.sale,
        customer=bill.sale.customer,
        round_off=bill.sale.round_off,
        cash_rounding=bill.sale.cash_rounding,
        lines=[
            LineDraft(
                line=each.line,
                refunded=each.line.total,
                kept=Decimal(0),
                tax=each.line.tax,
                fate=Fate.STOCK,
                worth=each.line.cost,
                sold_weight_g=sold_weight_of(each.line),
            )
            for each in bill.lines
        ],
    )


def _tenders(sale: Sale) -> Sequence[Tendered]:
    """The gift cards of a bill: the one tender with a balance of its own beside the books."""
    cards = sale.tenders.filter(kind=TenderKind.GIFT_CARD, amount__gt=0).order_by("position")
    return [
        Tendered(kind=TenderKind.GIFT_CARD, amount=card.amount, instrument=card.instrument)
        for card in cards
    ]


def _lock_claims(sale: Sale) -> None:
    """Lock whose bill it is and what paid it, in the order in which a sale does."""
    if sale.customer_id is not None:
        customer_by_id(sale.customer_id, to_change=True)
    numbers = {
        kind: sorted(sale.tenders.filter(kind=kind).values_list("instrument", flat=True))
        for kind in (TenderKind.OLD_GOLD, TenderKind.SCHEME, TenderKind.DEPOSIT)
    }
    for slip in numbers[TenderKind.OLD_GOLD]:
        slip_by_code(slip, to_change=True)
    for membership in numbers[TenderKind.SCHEME]:
        membership_to_change(membership)
    for deposit in numbers[TenderKind.DEPOSIT]:
        deposit_to_change(deposit)


def _give_back(
    cards: Sequence[Tendered], number: DocumentNumber, *, sale: Sale, by: Member, at: datetime
) -> None:
    """Let gift cards, old gold and contracts be as they were before the bill.

    Their postings are among those of the bill whose sign is turned.
    """
    counter = Counter(by=by, at=at, reference=str(number), customer=sale.customer)
    give_all(cards, counter)
    for slip in sale.tenders.filter(kind=TenderKind.OLD_GOLD).order_by("instrument"):
        release_claim(slip=slip.instrument, sale_reference=sale.code, by=by, at=at)
    redeem.reopen(sale_reference=sale.code, by=by, at=at, shift=number.shift_id)
    use.reopen(sale_reference=sale.code, by=by, at=at, shift=number.shift_id)


def _not_owed_any_more(sale: Sale, amounts: Sequence[Amount]) -> list[Amount]:
    """What the customer has paid of this bill since: dues below zero become store credit.

    Their row is locked already.
    """
    if sale.customer_id is None:
        return []
    customer = customer_by_id(sale.customer_id)  # whom they are now
    off = sum((each.amount for each in amounts if each.account == chart.DUES), Decimal(0))
    over = -(dues_of(customer, currency=sale.currency) + off) if off else off
    if over <= 0:
        return []
    return [
        Amount(account=account, commodity=sale.currency, amount=amount, party=customer.pk)
        for account, amount in ((chart.DUES, over), (chart.STORE_CREDIT, -over))
    ]
