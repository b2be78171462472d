"""A sale in the books: money and fine grams, each summing to zero."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.units import currency, round_to
from apps.inventory.selectors import WholePiece
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.pricing import rules
from apps.pricing.rules import Kind
from apps.pricing.rules.spread import spread
from apps.sales.models import TenderKind
from apps.sales.rules import Payment, Settlement

_ZERO = Decimal(0)
_TENDERS = {
    TenderKind.CASH: chart.CASH,
    TenderKind.CARD: chart.CARD,
    TenderKind.TRANSFER: chart.BANK,
}


@dataclass(slots=True)
class Sums:
    """A line's components by what they are for, as printed: with the tax that is inside them."""

    metal: Decimal = _ZERO
    making: Decimal = _ZERO
    stones: Decimal = _ZERO
    extras: Decimal = _ZERO
    discount: Decimal = _ZERO
    tax_on_top: Decimal = _ZERO


_COLUMNS = {
    Kind.METAL: "metal",
    Kind.WASTAGE: "making",
    Kind.MAKING: "making",
    Kind.STONE: "stones",
    Kind.EXTRA: "extras",
    Kind.PROFIT: "extras",
    Kind.PRICE: "extras",
    Kind.DISCOUNT: "discount",
    Kind.TAX: "tax_on_top",
}


def sums_of(line: rules.QuoteLine) -> Sums:
    """metal + making + stones + extras + discount + tax_on_top = the line's total."""
    sums = Sums()
    for component in line.components:
        if component.kind == Kind.TAX and component.is_within:
            continue
        column = _COLUMNS[component.kind]
        setattr(sums, column, getattr(sums, column) + component.amount)
    return sums


def amounts_of(
    quote: rules.Quote, settlement: Settlement, pieces: Sequence[WholePiece]
) -> Iterator[Amount]:
    """Debit what was paid and what the pieces cost; credit sales, tax and the stock.

    Debits of somebody's account, and of cash of another currency, are not here: whoever keeps
    the account says them (`services.paying`).

    Sales are credited without tax. Tax inside the prices is taken from each
    kind of sale in proportion, with the discount's own share put back.
    """
    money = quote.currency
    for tender in settlement.tenders:
        if is_plain(tender.payment):
            account = _TENDERS[TenderKind(tender.kind)]
            yield Amount(account=account, commodity=money, amount=tender.amount)
    for account, amount in _sales(quote):
        yield Amount(account=account, commodity=money, amount=-amount)
    for account, tax in taxes_of(quote):
        yield Amount(account=account, commodity=money, amount=-tax)
    yield Amount(account=chart.ROUND_OFF, commodity=money, amount=-quote.round_off)
    yield Amount(account=chart.CASH_ROUNDING, commodity=money, amount=-settlement.cash_rounding)
    for whole in pieces:
        yield from _out_of_stock(money, whole.piece.cost)
        for metal in whole.metals:
            yield from _out_of_stock(metal.metal, metal.fine_weight_g)


def taxes_of(quote: rules.Quote) -> Iterator[tuple[str, Decimal]]:
    """What is owed in which account; they come to all tax of the bill, shown or not."""
    for total in quote.taxes:
        if total.parts:
            yield from ((chart.tax_account(part.label), part.amount) for part in total.parts)
        else:
            yield chart.tax_account(total.label), total.amount


def is_plain(payment: Payment) -> bool:
    """Whether it is the shop's own money, by a card or by the bank: nobody's account."""
    return payment.kind in _TENDERS and not payment.currency


def _out_of_stock(commodity: str, amount: Decimal) -> Iterator[Amount]:
    yield Amount(account=chart.COST_OF_SALES, commodity=commodity, amount=amount)
    yield Amount(account=chart.STOCK, commodity=commodity, amount=-amount)


def _sales(quote: rules.Quote) -> Iterator[tuple[str, Decimal]]:
    """Each kind of sale without tax, and the discount, which is negative."""
    gross = {
        chart.SALES_METAL: _ZERO,
        chart.SALES_MAKING: _ZERO,
        chart.SALES_STONES: _ZERO,
        chart.SALES_EXTRAS: _ZERO,
    }
    discount = on_top = _ZERO
    for line in quote.lines:
        sums = sums_of(line)
        gross[chart.SALES_METAL] += sums.metal
        gross[chart.SALES_MAKING] += sums.making
        gross[chart.SALES_STONES] += sums.stones
        gross[chart.SALES_EXTRAS] += sums.extras
        discount += sums.discount
        on_top += sums.tax_on_top
    inside = quote.tax + quote.unshown_tax - on_top
    if inside:
        step = currency(quote.currency).step
        before = sum(gross.values(), _ZERO)
        of_discount = round_to(inside * discount / (before + discount), step)
        discount -= of_discount
        shares = spread(inside - of_discount, list(gross.values()), step)
        gross = {
            account: amount - share
            for (account, amount), share in zip(gross.items(), shares, strict=True)
        }
    yield from gross.items()
    yield chart.DISCOUNTS, discount
