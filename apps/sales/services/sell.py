"""The sale: one transaction, all of it or none."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid
from apps.core.formatting import money
from apps.core.units import MONEY, currency, round_money
from apps.inventory.selectors import WholePiece, whole_pieces
from apps.inventory.services.sell import PieceNotForSale, demand_for_sale, mark_sold
from apps.ledger.services import post
from apps.pricing import rules
from apps.pricing.selectors import Board
from apps.sales.jobs import mail_receipt_later
from apps.sales.models import Sale, SaleLine, Tender, TenderKind
from apps.sales.postings import amounts_of, sums_of
from apps.sales.pricing import Wanted, board_for, price
from apps.sales.receipts.head import head_of
from apps.sales.rules import DoesNotSettle, Payment, Settlement, settle
from apps.shops.models import Member
from apps.shops.services import DocumentNumber, next_number

# What a column of money holds: the change may be nearly all of what was handed over.
MOST_HANDED_OVER: Final = Decimal(10) ** (MONEY["max_digits"] - MONEY["decimal_places"])


@dataclass(eq=False)
class NothingToSell(Invalid):
    def __str__(self) -> str:
        return _("The bill has no piece on it. Scan a tag first.")


@dataclass(eq=False)
class PieceTwice(Invalid):
    tag: str

    def __str__(self) -> str:
        return _("%(tag)s is on the bill twice. Take one of them off.") % {"tag": self.tag}


@dataclass(eq=False)
class DiscountUnexplained(Invalid):
    """`tag` is empty where the discount is on the whole bill."""

    tag: str

    def __str__(self) -> str:
        if not self.tag:
            return _("The discount on the bill has no reason. Write why the price is reduced.")
        return _("The discount on %(tag)s has no reason. Write why the price is reduced.") % {
            "tag": self.tag
        }


@dataclass(eq=False)
class TenderImpossible(Invalid):
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        digits = currency(self.currency).exponent
        if self.amount <= 0:
            return _("%(amount)s is no payment. Write what was handed over.") % {
                "amount": self.amount
            }
        if self.amount >= MOST_HANDED_OVER:
            return _("%(amount)s is more than a till takes. Check the amounts.") % {
                "amount": self.amount
            }
        return _("%(amount)s has more decimals than %(currency)s, which has %(digits)s.") % {
            "amount": self.amount,
            "currency": self.currency,
            "digits": digits,
        }


@dataclass(eq=False)
class TendersDoNotMatch(Invalid):
    """`left` is what is missing; below zero, what is too much and cannot be given back."""

    total: Decimal
    left: Decimal
    currency: str

    def __str__(self) -> str:
        total = money(self.total, self.currency)
        if self.left > 0:
            return _("%(left)s %(currency)s is left to pay of %(total)s.") % {
                "left": money(self.left, self.currency),
                "currency": self.currency,
                "total": total,
            }
        return _(
            "The payments are %(over)s %(currency)s more than the bill of %(total)s, and only cash"
            " gives change. Lower the card or the transfer."
        ) % {
            "over": money(-self.left, self.currency),
            "currency": self.currency,
            "total": total,
        }


@dataclass(eq=False)
class KeyUsed(Conflict):
    """An idempotency key that came before with another request.

    `number` is empty while that other request is not finished yet.
    """

    key: str
    number: str

    def __str__(self) -> str:
        if not self.number:
            return _("This key is another sale's at this moment. Send a new sale with a new key.")
        return _(
            "This key was used for bill %(number)s, and that was another request."
            " Send a new sale with a new key."
        ) % {"number": self.number}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the customer takes and how they pay. `key` makes repeating it harmless."""

    lines: tuple[Wanted, ...]
    payments: tuple[Payment, ...]
    key: str
    discount: rules.DiscountTerms | None = None
    register: str = ""  # its code; the shop's first where none is named
    customer_name: str = ""
    customer_email: str = ""

    def digest(self) -> str:
        """The same for the same request, whatever its spacing or order of fields was."""
        words = [
            [[line.tag, [repr(d) for d in line.discounts]] for line in self.lines],
            [[payment.kind, str(payment.given.normalize())] for payment in self.payments],
            [repr(self.discount), self.register, self.customer_name, self.customer_email],
        ]
        return sha256(json.dumps(words).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Finished:
    """A sale with its lines and tenders, as they were written."""

    sale: Sale
    lines: Sequence[SaleLine]
    tenders: Sequence[Tender]


def sell(*, order: Order, by: Member, at: datetime) -> Finished:
    """Sell the pieces of an order in one bill, at the rates in force at `at`.

    All or nothing: piece locks, frozen price, the register's next number, the
    books and the jobs that follow stand or fall together; a refusal gives up
    the transaction around it. The number of statements is the same for one
    line and for a hundred. An order that came before, by its key, is answered
    with the first sale.

    Raises NothingToSell, PieceTwice, DiscountUnexplained, PieceNotFound,
    PieceNotForSale, RateMissing, PriceImpossible, TenderImpossible,
    TendersDoNotMatch, KeyUsed, RegisterNotFound.
    """
    _demand_sense(order, currency_code=by.shop.currency)
    # No savepoint: whoever is refused has nothing else to save in this transaction.
    with transaction.atomic(savepoint=False):
        first = _sold_before(order)
        return first or _sell(order, by=by, at=at)


def _sell(order: Order, *, by: Member, at: datetime) -> Finished:
    pieces = whole_pieces(tags=[line.tag for line in order.lines], to_change=True)
    articles = [whole.piece for whole in pieces]
    try:
        demand_for_sale(articles)
    except PieceNotForSale:
        # The same order may have won while this one waited for the locks.
        first = _sold_before(order)
        if first is None:
            raise
        return first
    board = board_for(by.shop, pieces, at)
    quote = price(
        shop=by.shop,
        pieces=pieces,
        wanted=order.lines,
        board=board,
        at=at,
        discount=order.discount,
    )
    settlement = _settle(quote, order)
    # From here on other sales of this register wait.
    number = next_number(code=order.register)
    sale = _sale(order, quote, settlement, number, by=by, at=at)
    # Another order under the same key may be going on at this moment.
    taken = {"sales_sale_key_unique": KeyUsed(key=order.key, number="")}
    with refuse_on(taken, savepoint=False):
        sale.save(force_insert=True)
    finished = Finished(
        sale,
        SaleLine.objects.bulk_create(_lines(sale, quote, pieces, board)),
        Tender.objects.bulk_create(_tenders(sale, settlement)),
    )
    mark_sold(pieces=articles, by=by, at=at, reference=sale.code)
    post(
        what="sale",
        reference=sale.code,
        at=at,
        day=sale.day,
        by=by,
        amounts=amounts_of(quote, settlement, pieces),
    )
    if order.customer_email:
        mail_receipt_later(sale=sale)
    return finished


def _demand_sense(order: Order, *, currency_code: str) -> None:
    if not order.lines:
        raise NothingToSell
    seen: set[str] = set()
    for line in order.lines:
        if line.tag in seen:
            raise PieceTwice(tag=line.tag)
        seen.add(line.tag)
        _demand_reasons(line.discounts, tag=line.tag)
    if order.discount:
        _demand_reasons([order.discount], tag="")
    step = currency(currency_code).step
    for payment in order.payments:
        assert payment.kind in TenderKind.values, payment.kind
        if payment.given <= 0 or payment.given % step:
            raise TenderImpossible(amount=payment.given, currency=currency_code)
    together = sum((payment.given for payment in order.payments), Decimal(0))
    if together >= MOST_HANDED_OVER:
        raise TenderImpossible(amount=together, currency=currency_code)


def _demand_reasons(discounts: Sequence[rules.DiscountTerms], *, tag: str) -> None:
    for discount in discounts:
        if not discount.reason.strip():
            raise DiscountUnexplained(tag=tag)


def _sold_before(order: Order) -> Finished | None:
    """The sale of this key, if there is one. Raises KeyUsed when it was another order's."""
    sale = Sale.objects.filter(idempotency_key=order.key).first()
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


def _settle(quote: rules.Quote, order: Order) -> Settlement:
    try:
        return settle(total=quote.due, payments=order.payments, cash_step=quote.cash_step)
    except DoesNotSettle as unsettled:
        exponent = currency(quote.currency).exponent
        raise TendersDoNotMatch(
            total=round_money(quote.due, exponent),
            left=round_money(unsettled.left, exponent),
            currency=quote.currency,
        ) from None


def _sale(
    order: Order,
    quote: rules.Quote,
    settlement: Settlement,
    number: DocumentNumber,
    *,
    by: Member,
    at: datetime,
) -> Sale:
    return Sale(
        register_id=number.register_id,
        number=number.number,
        code=str(number),
        sold_at=at,
        day=quote.date,
        sold_by=by,
        customer_name=order.customer_name,
        customer_email=order.customer_email,
        currency=quote.currency,
        tax_pack=quote.pack.id,
        terms=_terms(quote, order) | {"head": head_of(by)},
        subtotal=quote.subtotal,
        discount=quote.discount,
        tax=quote.tax,
        round_off=quote.round_off,
        total=quote.total,
        cash_rounding=settlement.cash_rounding,
        change=settlement.change,
        idempotency_key=order.key,
        request_digest=order.digest(),
    )


def _terms(quote: rules.Quote, order: Order) -> dict[str, Any]:
    """What replays the bill beside its lines: taxes as printed, its discount, its round-off."""
    return {
        "taxes": [_tax(total) for total in quote.taxes],
        "round_off": quote.round_off_component.as_json(),
        "cash_step": format(quote.cash_step, "f"),
        "discount": _discount(order.discount) if order.discount else None,
        "unshown_tax": format(quote.unshown_tax, "f"),
    }


def _tax(total: rules.TaxTotal) -> dict[str, Any]:
    return {
        "label": total.label,
        "percent": format(total.percent, "f"),
        "base": format(total.base, "f"),
        "amount": format(total.amount, "f"),
        "included": total.included,
        "shown": total.shown,
        "parts": [
            {
                "label": part.label,
                "percent": format(part.percent, "f"),
                "amount": format(part.amount, "f"),
            }
            for part in total.parts
        ],
    }


def _discount(terms: rules.DiscountTerms) -> dict[str, Any]:
    return {
        "on": terms.on.value,
        "percent": None if terms.percent is None else format(terms.percent, "f"),
        "amount": None if terms.amount is None else format(terms.amount, "f"),
        "reason": terms.reason,
    }


# Rows of one statement name their shop: with the default left to the database Django would
# write each value of each row into the statement, instead of sending the columns as arrays.
# The policy refuses any other shop all the same.


def _lines(
    sale: Sale, quote: rules.Quote, pieces: Sequence[WholePiece], board: Board
) -> Iterator[SaleLine]:
    for position, (line, whole) in enumerate(zip(quote.lines, pieces, strict=True)):
        sums = sums_of(line)
        yield SaleLine(
            shop_id=sale.shop_id,
            sale=sale,
            position=position,
            piece=whole.piece,
            tag=whole.piece.tag,
            name=whole.piece.name,
            snapshot=_snapshot(line, whole, board),
            metal=sums.metal,
            making=sums.making,
            stones=sums.stones,
            extras=sums.extras,
            discount=sums.discount,
            tax_on_top=sums.tax_on_top,
            total=line.total,
            tax=line.tax + line.unshown_tax,
            cost=whole.piece.cost,
        )


def _snapshot(line: rules.QuoteLine, whole: WholePiece, board: Board) -> dict[str, Any]:
    """Weights, rates and printed components, as strings: enough to print and replay the line."""
    piece = whole.piece
    valued = piece.fixed_price is None or board.values_all_metal
    return {
        "category": piece.category,
        "gross_weight_g": None
        if piece.gross_weight_g is None
        else format(piece.gross_weight_g, "f"),
        "net_weight_g": format(whole.net_weight_g, "f"),
        "metals": [
            {
                "metal": metal.metal,
                "fineness": metal.fineness,
                "net_weight_g": format(metal.net_weight_g, "f"),
                "fine_weight_g": format(metal.fine_weight_g, "f"),
                "rate": board.quote_for(metal.metal, metal.fineness).pk if valued else None,
            }
            for metal in whole.metals
        ],
        "stones": [
            {
                "kind": stone.kind,
                "count": stone.count,
                "carats": format(stone.carats, "f"),
                "certificate": stone.certificate,
            }
            for stone in whole.stones
        ],
        "tax_category": line.tax_category,
        "discounts": [_discount(discount) for discount in line.terms.discounts],
        "components": [component.as_json() for component in line.components],
    }


def _tenders(sale: Sale, settlement: Settlement) -> Iterator[Tender]:
    for position, tender in enumerate(settlement.tenders):
        yield Tender(
            shop_id=sale.shop_id,
            sale=sale,
            position=position,
            kind=tender.kind,
            amount=tender.amount,
            given=tender.given,
        )
