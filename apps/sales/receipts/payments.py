"""What a bill prints of each payment: cash of which currency, which slip, which grams."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.core import formatting
from apps.pricing import words
from apps.sales.models import Sale, Tender
from apps.sales.receipts.bill import Payment
from apps.till.kinds import TenderKind


def payment_of(tender: Tender, sale: Sale) -> Payment:
    """A payment of a stored sale, in the active language; reads only what the sale froze."""
    return Payment(
        label=str(TenderKind(tender.kind).label),
        given=tender.given,
        notes=tuple(_notes(tender, sale)),
    )


def _notes(tender: Tender, sale: Sale) -> Iterator[str]:
    if tender.foreign is not None and tender.rate is not None:
        yield _("%(amount)s %(currency)s at %(rate)s") % {
            "amount": formatting.money(tender.foreign, tender.currency),
            "currency": formatting.currency_name(tender.currency),
            "rate": formatting.rate(tender.rate, sale.currency),
        }
    if tender.instrument:
        yield formatting.digits(tender.instrument)
    if tender.kind == TenderKind.OLD_GOLD:
        for slip in sale.terms.get("trade_ins", ()):
            if slip["number"] == tender.instrument:
                yield from (_old_gold(item) for item in slip["items"])
    deposit = sale.terms.get("deposit")
    if tender.kind == TenderKind.DEPOSIT and deposit and deposit["rate"] is not None:
        yield _locked(deposit, sale.currency)


def _old_gold(item: dict[str, Any]) -> str:
    return _("%(what)s: gross %(gross)s, net %(net)s of %(fineness)s, fine %(fine)s") % {
        "what": item["description"],
        "gross": formatting.grams(Decimal(item["gross_weight_g"])),
        "net": formatting.grams(Decimal(item["net_weight_g"])),
        "fineness": formatting.fineness(item["fineness"]),
        "fine": formatting.grams(Decimal(item["fine_weight_g"])),
    }


def _locked(deposit: dict[str, Any], currency: str) -> str:
    """5.714 g at 7,000.00 per gram, as they were booked."""
    return _("%(grams)s at the booked rate of %(rate)s for one %(unit)s") % {
        "grams": formatting.grams(Decimal(deposit["grams_locked"])),
        "rate": formatting.money(Decimal(deposit["rate"]), currency),
        "unit": words.unit_of(Decimal(deposit["unit_g"])),
    }
