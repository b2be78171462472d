"""A priced bill as rows: every number as it was printed, and what made it.

Enough to print the bill and to replay each line years later, whatever the rates, the tax packs
and this program have become.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.customers.models import Customer
from apps.inventory.selectors import WholePiece
from apps.pricing import rules
from apps.pricing.selectors import Board
from apps.sales.claims import NO_CLAIMS, Claim, Key, key_of
from apps.sales.models import Sale, SaleLine, Tender
from apps.sales.orders import Order, discount_json
from apps.sales.postings import sums_of
from apps.sales.receipts.head import head_of
from apps.sales.rules import Settled, Settlement
from apps.shops.models import Member
from apps.shops.services import DocumentNumber


def frozen_sale(
    order: Order,
    quote: rules.Quote,
    settlement: Settlement,
    number: DocumentNumber,
    *,
    customer: Customer | None = None,
    claims: Mapping[Key, Claim] = NO_CLAIMS,
    by: Member,
    at: datetime,
) -> Sale:
    """The bill's own row. subtotal + tax + round_off = total.

    What the customer is called on it is what they are called now, where the order says nothing.
    """
    return Sale(
        register_id=number.register_id,
        shift_id=number.shift_id,
        number=number.number,
        code=str(number),
        sold_at=at,
        day=quote.date,
        sold_by=by,
        customer=customer,
        customer_name=order.customer_name or (customer.name if customer else ""),
        customer_email=order.customer_email,
        currency=quote.currency,
        tax_pack=quote.pack.id,
        terms=_terms(quote, order) | _claimed(quote, settlement, claims) | {"head": head_of(by)},
        subtotal=quote.subtotal,
        discount=quote.discount,
        tax=quote.tax,
        round_off=quote.round_off,
        total=quote.total,
        cash_rounding=settlement.cash_rounding,
        change=settlement.change,
        line_count=len(quote.lines),
        tender_count=len(settlement.tenders),
        idempotency_key=order.key,
        request_digest=order.digest(),
    )


def _terms(quote: rules.Quote, order: Order) -> dict[str, Any]:
    """What replays the bill beside its lines: taxes as printed, its discount, its round-off."""
    return {
        "taxes": [_tax(total) for total in quote.taxes],
        "round_off": quote.round_off_component.as_json(),
        "cash_step": format(quote.cash_step, "f"),
        "discount": discount_json(order.discount) if order.discount else None,
        "unshown_tax": format(quote.unshown_tax, "f"),
    }


def _claimed(
    quote: rules.Quote, settlement: Settlement, claims: Mapping[Key, Claim]
) -> dict[str, Any]:
    """What old gold and a deposit did to the price, and what is printed of them.

    Of each slip how much was used, which lowered the taxed sum where `reduces_tax_base`; of the
    deposit the grams that it fixed.
    """
    used = {key_of(each.payment): each.amount for each in settlement.tenders}
    told: dict[str, Any] = {}
    slips = [claim for claim in claims.values() if claim.trade_in is not None]
    if slips:
        told["trade_ins"] = [
            {
                "number": slip.number,
                "amount": format(used[slip.kind, slip.number], "f"),
                "reduces_tax_base": any(t.reduces_tax_base for t in quote.trade_ins),
                **slip.shown,
            }
            for slip in slips
        ]
    use = quote.deposit_use
    for claim in claims.values():
        if claim.deposit is not None and use is not None:
            rate = claim.deposit.rate
            told["deposit"] = {
                "number": claim.number,
                "kind": use.kind.value,
                "amount": format(used[claim.kind, claim.number], "f"),
                "contract": format(claim.deposit.amount, "f"),
                "grams_locked": format(use.grams_locked, "f"),
                "locked_value": format(use.locked_value, "f"),
                "open_grams": format(use.open_grams, "f"),
                "open_value": format(use.open_value, "f"),
                "rate": None if rate is None else format(rate.amount, "f"),
                "unit_g": None if rate is None else format(rate.unit_g, "f"),
                **claim.shown,
            }
    return told


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


# Rows of one statement name their shop: with the default left to the database Django would
# write each value of each row into the statement, instead of sending the columns as arrays.
# The policy refuses any other shop all the same.


def frozen_lines(
    sale: Sale, quote: rules.Quote, pieces: Sequence[WholePiece], board: Board
) -> Iterator[SaleLine]:
    """A row for each piece: its sums by kind, and the snapshot that replays them."""
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
        "hallmark": piece.hallmark,
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
                "certificate_lab": stone.certificate_lab,
            }
            for stone in whole.stones
        ],
        "tax_category": line.tax_category,
        "discounts": [discount_json(discount) for discount in line.terms.discounts],
        "components": [component.as_json() for component in line.components],
    } | _bought(line)


def _bought(line: rules.QuoteLine) -> dict[str, Any]:
    """What a piece of the margin scheme was bought for: its stock book is read from here."""
    bought = line.terms.purchase_price
    return {} if bought is None else {"purchase_price": format(bought, "f")}


def frozen_tenders(sale: Sale, tenders: Sequence[Settled]) -> Iterator[Tender]:
    """A row for each payment; their amounts come to total + cash_rounding."""
    for position, tender in enumerate(tenders):
        yield Tender(
            shop_id=sale.shop_id,
            sale=sale,
            position=position,
            kind=tender.kind,
            amount=tender.amount,
            given=tender.given,
            currency=tender.payment.currency,
            foreign=tender.payment.foreign,
            rate=tender.payment.rate,
            instrument=tender.payment.instrument,
        )
