"""What was paid on a till's counter so far: as payments of the bill, and as the clerk reads it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Refusal
from apps.core.reading import reading
from apps.credit.balances import dues_of
from apps.sales.claims import CLAIMS, Claim, Key
from apps.sales.counter_shown import Counter, TenderShown
from apps.sales.models import OpenSale, OpenSaleTender
from apps.sales.rules import Payment
from apps.till.kinds import TenderKind

_ZERO = Decimal(0)


def tenders_of(open_sale: OpenSale) -> list[OpenSaleTender]:
    """Payments in the order they were taken."""
    return list(OpenSaleTender.objects.filter(open_sale=open_sale).order_by("taken_at", "pk"))


def payments(tenders: Sequence[OpenSaleTender]) -> tuple[Payment, ...]:
    return tuple(
        Payment(
            kind=tender.kind,
            given=tender.amount,
            currency=tender.currency,
            foreign=tender.foreign,
            rate=tender.rate,
            instrument=tender.instrument,
        )
        for tender in tenders
    )


def tender_shown(
    tender: OpenSaleTender,
    claims: Mapping[Key, Claim],
    used: Mapping[Key, Decimal],
    refused: Mapping[Key, Refusal],
) -> TenderShown:
    """A payment as the page shows it: of a claim, as much as the bill needs of it."""
    key = (tender.kind, tender.instrument)
    claim = claims.get(key)
    amount = tender.amount if tender.kind not in CLAIMS else used.get(key, _ZERO)
    return TenderShown(
        pk=tender.pk,
        kind=tender.kind,
        word=str(TenderKind(tender.kind).label),
        detail=detail_of(tender),
        amount=amount,
        stays=claim.left - amount if claim else _ZERO,
        trouble=str(refused[key]) if key in refused else "",
        taken_at=tender.taken_at,
    )


def detail_of(tender: OpenSaleTender) -> str:
    """What was handed over, in words: 100.00 USD at 3.65; the slip; a card by its last four."""
    if tender.foreign is not None and tender.rate is not None:
        return _("%(amount)s %(currency)s at %(rate)s") % {
            "amount": formatting.money(tender.foreign, tender.currency),
            "currency": formatting.currency_name(tender.currency),
            "rate": formatting.rate(tender.rate, reading().home),
        }
    if tender.kind == TenderKind.GIFT_CARD:
        return f"… {tender.instrument[-4:]}"
    return tender.instrument


def over_limit(counter: Counter) -> Decimal:
    """By how much the customer would owe more than their limit; below zero, what is free of it."""
    customer = counter.open_sale.customer if counter.open_sale else None
    if customer is None or customer.credit_limit is None:
        return _ZERO
    owed = dues_of(customer, currency=counter.currency)
    return owed + counter.on_account - customer.credit_limit
