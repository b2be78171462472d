"""All that the shop knows of a person, as a file for them: one to read, one for a program."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string

from apps.credit.models import DuesPayment, GiftCard
from apps.customers.models import (
    CashKept,
    Customer,
    IdentityPaper,
    Occasion,
    PaperLook,
    Profile,
)
from apps.customers.selectors import number_of, same_person
from apps.deposits.models import Deposit, DepositMove, Membership, SchemeMove
from apps.inventory.models import Reservation
from apps.ledger.models import Posting
from apps.purchasing.models import OldGoldItem, OldGoldSlip
from apps.returns.models import Document, DocumentLine
from apps.sales.models import Sale, SaleLine, Tender
from apps.shops.models import Member

# What is the shop's own and nothing of the person: keys of requests, what a piece cost the shop.
_NOT_THEIRS: Final = frozenset(
    {
        "shop", "search_text", "name_key", "phone_tail", "idempotency_key", "request_digest",
        "key", "sealed", "digest", "snapshot", "terms", "agreed", "rules", "result", "cost",
        "worth", "shift", "register", "line_count", "tender_count", "size", "live",
    }
)  # fmt: skip


@transaction.atomic
def export(*, customer: Customer, by: Member, at: datetime) -> bytes:
    """A ZIP with `customer.json` and `customer.html`; that whole numbers were read is kept."""
    data = gathered(customer)
    papers = list(IdentityPaper.objects.filter(customer=customer))
    PaperLook.objects.bulk_create(
        PaperLook(
            shop_id=by.shop_id,
            customer=customer,
            kind=paper.kind,
            reason="Export",
            at=at,
            by=by,
        )
        for paper in papers
    )
    page = render_to_string(
        "dossiers/export.html",
        {"customer": customer, "shop": by.shop, "at": at, "sections": data.items()},
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "customer.json", json.dumps(data, ensure_ascii=False, indent=2, default=str)
        )
        archive.writestr("customer.html", page)
    return file.getvalue()


def gathered(customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Every row that is about a person, by the kind of thing; amounts and days as text."""
    ids = same_person(customer)
    sales = Sale.objects.filter(customer__in=ids)
    slips = OldGoldSlip.objects.filter(customer__in=ids)
    returned = Document.objects.filter(customer__in=ids)
    found: Mapping[str, Iterable[Model]] = {
        "customer": Customer.objects.filter(pk__in=ids),
        "profile": Profile.objects.filter(customer__in=ids),
        "days": Occasion.objects.filter(customer__in=ids),
        "bills": sales,
        "bill_lines": SaleLine.objects.filter(sale__in=sales),
        "bill_payments": Tender.objects.filter(sale__in=sales),
        "returns": returned,
        "return_lines": DocumentLine.objects.filter(document__in=returned),
        "payments": DuesPayment.objects.filter(customer__in=ids),
        "cash": CashKept.objects.filter(customer__in=ids),
        "gift_cards": GiftCard.objects.filter(customer__in=ids),
        "deposits": Deposit.objects.filter(customer__in=ids),
        "deposit_lines": DepositMove.objects.filter(deposit__customer__in=ids),
        "schemes": Membership.objects.filter(customer__in=ids),
        "scheme_lines": SchemeMove.objects.filter(membership__customer__in=ids),
        "reservations": Reservation.objects.filter(customer__in=ids),
        "old_gold": slips,
        "old_gold_items": OldGoldItem.objects.filter(slip__in=slips),
        "account": Posting.objects.filter(party__in=ids),
    }
    data = {name: [_plain(row) for row in rows] for name, rows in found.items()}
    data["papers"] = [
        {**_plain(paper), "number": number_of(paper)}
        for paper in IdentityPaper.objects.filter(customer__in=ids)
    ]
    return {name: rows for name, rows in data.items() if rows}


def _plain(row: Model) -> dict[str, Any]:
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.name not in _NOT_THEIRS
    }
