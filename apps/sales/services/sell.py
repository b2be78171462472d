"""The sale: one transaction, all of it or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.consignment.services.sold import demand_sellable
from apps.core.constraints import refuse_on
from apps.core.errors import Refusal
from apps.core.units import round_money
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.sell import demand_for_sale, mark_sold
from apps.ledger.services import post
from apps.sales.bill_price import price_bill
from apps.sales.claims import Priced
from apps.sales.demands import demand_sense
from apps.sales.frozen import frozen_lines, frozen_sale, frozen_tenders
from apps.sales.jobs import mail_receipt_later
from apps.sales.models import Sale, SaleLine, Tender
from apps.sales.orders import KeyUsed, Order, TendersDoNotMatch
from apps.sales.postings import amounts_of
from apps.sales.quoted import board_kept
from apps.sales.rules import DoesNotSettle, Settlement, settle
from apps.sales.services.on_memo import book_approval
from apps.sales.services.paying import Paying, demand_lawful, demand_needed, pay, prepare
from apps.shops.models import Member
from apps.shops.services import next_number
from apps.till.drawer import demand_cash_for


@dataclass(frozen=True, slots=True)
class Finished:
    """A sale with its lines and tenders, as they were written."""

    sale: Sale
    lines: Sequence[SaleLine]
    tenders: Sequence[Tender]


def sell(*, order: Order, by: Member, at: datetime) -> Finished:
    """Sell the pieces of an order in one bill, at the rates in force at `at`.

    All or nothing: piece locks, frozen price, every balance that pays, the register's next
    number, the books and the jobs that follow stand or fall together; a refusal gives up
    the transaction around it. The number of statements is the same for one
    line and for a hundred. An order that came before, by its key, is answered
    with the first sale.

    Raises NothingToSell, PieceTwice, DiscountUnexplained, PieceNotFound,
    PieceNotForSale, PieceLent, MemoRanOut, NotOurs, RateMissing, PriceImpossible, TenderImpossible,
    TendersDoNotMatch, KeyUsed, RegisterNotFound, TillNotOpen, NotInDrawer; and what
    `demand_sense` and `services.paying` say no with.
    """
    demand_sense(order, currency_code=by.shop.currency)
    # No savepoint: whoever is refused has nothing else to save in this transaction.
    with transaction.atomic(savepoint=False):
        first = _sold_before(order)
        return first or _sell(order, by=by, at=at)


def _sell(order: Order, *, by: Member, at: datetime) -> Finished:
    try:
        paying = Paying(payments=order.payments)
        if not order.is_plain:
            paying = prepare(order, by=by, at=at)
        pieces = whole_pieces(tags=[line.tag for line in order.lines], to_change=True)
        buyer = paying.customer.pk if paying.customer else order.customer
        rows = [whole.piece for whole in pieces]
        kept = demand_sellable(rows, buyer=buyer, by=by, at=at)
        demand_for_sale([piece for piece in rows if piece.pk not in kept], buyer=buyer)
    except Refusal:
        # The same order may have won while this one waited for the locks.
        first = _sold_before(order)
        if first is None:
            raise
        return first
    board, _changes = board_kept(by.shop, pieces, rates_at=order.rates_at, at=at)
    priced = price_bill(
        shop=by.shop,
        pieces=pieces,
        wanted=order.lines,
        board=board,
        at=at,
        payments=paying.payments,
        claims=paying.claims,
        discount=order.discount,
    )
    settlement = _settle(priced, paying)
    # From here on other sales of this register wait.
    number = next_number(code=order.register, by=by, at=at)
    sale = frozen_sale(
        order,
        priced.quote,
        settlement,
        number,
        customer=paying.customer,
        claims=paying.claims,
        by=by,
        at=at,
    )
    # Another order under the same key may be going on at this moment.
    taken = {"sales_sale_key_unique": KeyUsed(key=order.key, number="")}
    with refuse_on(taken, savepoint=False):
        sale.save(force_insert=True)
    demand_lawful(
        settlement.tenders,
        paying,
        order=order,
        total=sale.total,
        reference=sale.code,
        by=by,
        at=at,
    )
    paid = pay(settlement.tenders, paying, order=order, number=number, by=by, at=at)
    bought = book_approval(priced.quote, pieces, by=by, at=at, reference=sale.code)
    finished = Finished(
        sale,
        SaleLine.objects.bulk_create(frozen_lines(sale, priced.quote, pieces, board)),
        Tender.objects.bulk_create(frozen_tenders(sale, paid.tenders)),
    )
    mark_sold(pieces=[whole.piece for whole in pieces], by=by, at=at, reference=sale.code)
    amounts = [*amounts_of(priced.quote, settlement, pieces), *paid.amounts, *bought]
    demand_cash_for(amounts, shift=number.shift_id)
    post(
        what="sale",
        reference=sale.code,
        at=at,
        day=sale.day,
        by=by,
        amounts=amounts,
        shift=number.shift_id,
    )
    if order.customer_email:
        mail_receipt_later(sale=sale)
    return finished


def _sold_before(order: Order) -> Finished | None:
    """The sale of this key, if there is one. Raises KeyUsed when it was another order's."""
    # Written by hand, as it stands in every sale: see inventory.selectors.whole.
    found = Sale.objects.raw("SELECT * FROM sales_sale WHERE idempotency_key = %s", [order.key])
    sale = next(iter(found), None)
    if sale is None:
        return None
    if sale.request_digest != order.digest():
        raise KeyUsed(key=order.key, number=sale.code)
    return finished(sale)


def finished(sale: Sale) -> Finished:
    """A sale read back with its lines and tenders."""
    return Finished(
        sale,
        list(sale.lines.order_by("position")),
        list(sale.tenders.order_by("position")),
    )


def _settle(priced: Priced, paying: Paying) -> Settlement:
    quote = priced.quote
    try:
        settlement = settle(total=quote.total, payments=priced.payments, cash_step=quote.cash_step)
    except DoesNotSettle as unsettled:
        raise TendersDoNotMatch(
            total=round_money(quote.total, quote.exponent),
            left=round_money(unsettled.left, quote.exponent),
            currency=quote.currency,
        ) from None
    if paying.claims:
        demand_needed(settlement.tenders)
    return settlement
