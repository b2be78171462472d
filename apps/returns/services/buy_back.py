"""The buy-back: a piece the shop sold is bought again. A purchase: no credit note, no tax back."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from apps.credit.payments import pay_out
from apps.credit.tenders import hold
from apps.inventory.models import Piece
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.pricing.rules import version_for
from apps.returns.models import Document, DocumentKind, Fate
from apps.returns.orders import Asked, Back, written
from apps.returns.postings import fine_grams_of
from apps.returns.refusals import NotPayable
from apps.returns.selectors.bills import bill_now
from apps.returns.selectors.offers import Offer, offered
from apps.returns.services.payouts import bought_for
from apps.returns.services.take_back import locked_customer
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
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import next_number
from apps.till.kinds import TenderKind

PAYABLE = (TenderKind.CASH, TenderKind.TRANSFER, TenderKind.STORE_CREDIT)


@transaction.atomic
def buy_back(
    *,
    asked: Asked,
    backs: Sequence[Back],
    by: Member,
    at: datetime,
    paid_by: str = TenderKind.CASH,
    customer: int | None = None,
) -> Document:
    """Buy pieces of a bill again, at the shop's percent of their metal at today's buying rate.

    The sale stays as it is: its income, its tax, its making. The pieces go to the old gold, or
    into the stock as second-hand pieces at the price that was paid (which a margin scheme is
    reckoned from), as the policy says; a piece that is short or damaged always to the old gold.

    Raises what `offered` raises, NeverSold, NotPayable, CustomerNotFound, CustomerMissing,
    NotInDrawer, ResultChanged, KeyUsed, PieceElsewhere, and what `permit` raises.
    """
    if paid_by not in PAYABLE:
        raise NotPayable(kind=paid_by)
    digest = asked.digest(
        document="buy back", pieces=written(backs), paid_by=paid_by, customer=customer
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
    offer = offered(bill, backs, shop=by.shop, at=at)
    demand_seen(asked, offer.total, sale.currency)
    who = locked_customer(sale, customer)
    payout = bought_for(paid_by, offer.total, customer=who, shop=by.shop)
    hold(payout.tenders, customer=who)
    pieces = pieces_to_change([each.line for each in offer.lines])
    number = next_number(code=asked.till, by=by, at=at, kind=LETTERS[DocumentKind.BUY_BACK])
    draft = Draft(
        kind=DocumentKind.BUY_BACK,
        sale=sale,
        lines=_drafts(offer),
        customer=who,
        cash_rounding=payout.cash_rounding,
    )
    document = write(draft, number, asked=asked, digest=digest, by=by, at=at)
    _price_anew(pieces, offer, by=by, at=at)
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
    rounding = Amount(
        account=chart.CASH_ROUNDING, commodity=sale.currency, amount=payout.cash_rounding
    )
    book(draft.kind, [*_bought(offer, sale.currency), rounding, *paid], number, by=by, at=at)
    return document


def _drafts(offer: Offer) -> list[LineDraft]:
    return [
        LineDraft(
            line=each.line,
            refunded=each.value,
            kept=each.value * 0,
            tax=each.value * 0,
            fate=each.fate,
            worth=each.value,
            sold_weight_g=each.sold_g,
            weighed_g=each.back.weighed_g,
            metal_share=each.metal_share,
            result=each.as_json(),
        )
        for each in offer.lines
    ]


def _bought(offer: Offer, money: str) -> Iterator[Amount]:
    """The goods at what is paid for them; their grams come from outside, as those of a purchase.

    Fine grams stand against the account that grams of other purchases stand against.
    """
    for each in offer.lines:
        account = chart.STOCK if each.fate == Fate.STOCK else chart.OLD_GOLD
        yield Amount(account=account, commodity=money, amount=each.value)
        for metal, fine_g in fine_grams_of(each.line, each.metal_share):
            yield Amount(account=account, commodity=metal, amount=fine_g)
            yield Amount(account=chart.OPENING, commodity=metal, amount=-fine_g)


def _price_anew(pieces: Sequence[Piece], offer: Offer, *, by: Member, at: datetime) -> None:
    """A second-hand piece stands in the stock at the price that was paid for it.

    Where the law of the place knows a margin scheme, its next sale is reckoned from that price.
    """
    again = {each.line.piece_id: each.value for each in offer.lines if each.fate == Fate.STOCK}
    if not again:
        return
    has_scheme = version_for(by.shop.tax_pack, day_of(by.shop, at)).margin is not None
    for piece in pieces:
        if piece.pk in again:
            piece.cost = again[piece.pk]
            piece.margin_purchase_price = piece.cost if has_scheme else None
            piece.save(update_fields=["cost", "margin_purchase_price"])
