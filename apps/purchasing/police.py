"""What was bought in a period, one line an item: the record that laws on old gold ask for."""

import csv
import io
from datetime import date
from typing import Final

from apps.core.units import format_permille
from apps.customers.selectors import number_of
from apps.inventory.services.export import escaped
from apps.purchasing.models import OldGoldItem
from apps.purchasing.selectors.slips import bought_between

COLUMNS: Final = (
    "slip",
    "state",
    "day",
    "time",
    "seller",
    "address",
    "birth_date",
    "phone",
    "paper",
    "paper_number",
    "item",
    "description",
    "metal",
    "gross_g",
    "net_g",
    "fineness",
    "method",
    "price",
    "currency",
    "hold_until",
    "bought_by",
)


def police_csv(*, first: date, last: date) -> str:
    """UTF-8 with a mark at its beginning, so that spreadsheets read every alphabet.

    What people typed cannot become a formula. Void slips stand in it and say so. The whole number
    of the paper is in it, since the law asks for it: only owners and managers get this file.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for item in bought_between(first=first, last=last):
        writer.writerow(_row(item))
    return "\ufeff" + out.getvalue()


def _row(item: OldGoldItem) -> list[str]:
    slip = item.slip
    paper = slip.identity_paper
    return [
        slip.code,
        slip.state,
        slip.day.isoformat(),
        slip.at.astimezone(slip.by.shop.zone).strftime("%H:%M"),
        escaped(slip.seller_name),
        escaped(slip.seller_address),
        slip.seller_birth_date.isoformat() if slip.seller_birth_date else "",
        escaped(slip.seller_phone),
        paper.kind if paper else "",
        escaped(number_of(paper)) if paper else "",
        str(item.position + 1),
        escaped(item.description),
        item.metal,
        f"{item.gross_weight_g:f}",
        f"{item.net_weight_g:f}",
        format_permille(item.tested_fineness),
        item.method,
        f"{item.value:f}",
        slip.currency,
        slip.hold_until.isoformat() if slip.hold_until else "",
        escaped(str(slip.by.user)),
    ]
