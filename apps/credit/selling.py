"""Selling a gift card: money in, a promise out; no sale and no tax."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.formatting import currency_name, money
from apps.credit import codes
from apps.credit.models import GiftCard, GiftCardMove, MoveKind
from apps.credit.once import KeyUsed, PaymentsDoNotAdd, wait_for_key
from apps.credit.payments import receive
from apps.credit.policy import credit_rules
from apps.credit.tendered import Tendered, TenderNotHere, demand_amount
from apps.credit.tenders import hold
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.models import Customer
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import next_number
from apps.till.kinds import TenderKind

WHAT: Final = "gift-card"
# Not on account and not by another card: a promise is sold for money.
TAKEN: Final = (
    TenderKind.CASH,
    TenderKind.CARD,
    TenderKind.TRANSFER,
    TenderKind.STORE_CREDIT,
)


@dataclass(eq=False)
class GiftCardTooLarge(Invalid):
    most: Decimal
    currency: str

    def __str__(self) -> str:
        return _("The shop sells gift cards up to %(most)s %(currency)s. Sell two.") % {
            "most": money(self.most, self.currency),
            "currency": currency_name(self.currency),
        }


@transaction.atomic
def sell_gift_card(
    *,
    amount: Decimal,
    tenders: Sequence[Tendered],
    key: str,
    by: Member,
    at: datetime,
    customer: Customer | None = None,
    register: str = "",
    cash_reason: CashReason = NO_REASON,
) -> GiftCard:
    """Sell a card of this amount; `code_of` tells its code. A repeated key answers the first card.

    `customer`: who buys it; the card pays for whoever brings it.
    Raises AmountImpossible, GiftCardTooLarge, PaymentsDoNotAdd, KeyUsed,
    RegisterNotFound, TillNotOpen, and what `payments.receive` raises.
    """
    home = by.shop.currency
    demand_amount(amount, home)
    wait_for_key(key)
    if before := GiftCard.objects.filter(idempotency_key=key).first():
        if before.amount != amount:
            raise KeyUsed(number=before.number)
        return before
    rules = credit_rules(at=at)
    if rules.most is not None and amount > rules.most:
        raise GiftCardTooLarge(most=rules.most, currency=home)
    for tender in tenders:
        demand_amount(tender.amount, home)
        if tender.kind not in TAKEN:
            raise TenderNotHere(kind=tender.kind.value)
    paid = sum((tender.amount for tender in tenders), Decimal(0))
    if paid != amount:
        raise PaymentsDoNotAdd(total=amount, paid=paid, currency=home)
    hold(tenders, customer=customer)
    number = next_number(by=by, at=at, code=register, kind="C")
    received = receive(
        tenders,
        what=WHAT,
        number=number,
        by=by,
        at=at,
        customer=customer,
        reason=cash_reason.reason,
        approver=cash_reason.approver,
    )
    code = codes.codes_for(shop_id=by.shop_id, key=key)[0]
    day = day_of(by.shop, at)
    card = GiftCard.objects.create(
        number=str(number),
        digest=codes.digest_of(code),
        last4=code[-4:],
        amount=amount,
        balance=amount,
        expires_on=rules.last_day(day),
        customer=customer,
        sold_at=at,
        day=day,
        sold_by=by,
        shift_id=number.shift_id,
        idempotency_key=key,
    )
    GiftCardMove.objects.create(
        card=card, kind=MoveKind.SOLD, amount=amount, reference=card.number, at=at, by=by
    )
    post(
        what=WHAT,
        reference=card.number,
        at=at,
        day=day,
        by=by,
        amounts=[*received, Amount(account=chart.GIFT_CARDS, commodity=home, amount=-amount)],
        shift=number.shift_id,
    )
    return card


def code_of(card: GiftCard) -> str | None:
    """The code on the card's paper; None where the key that made it is gone."""
    for code in codes.codes_for(shop_id=card.shop_id, key=card.idempotency_key):
        if codes.digest_of(code) == card.digest:
            return code
    return None
