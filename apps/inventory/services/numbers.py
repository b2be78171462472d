"""Gap-free numbers of the stock's papers, and the paper of a form that was sent before."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.inventory.models import DocumentKind, StockDocument
from apps.shops.models import Branch, Member, Register
from apps.shops.selectors import RegisterNotFound

TRANSFER: Final = "TR"
LETTERS: Final = {
    DocumentKind.WRITE_OFF: "WO",
    DocumentKind.FOUND: "FA",
    DocumentKind.SPLIT: "SP",
    DocumentKind.JOIN: "JN",
}
_NEXT: Final = (
    "INSERT INTO shops_series (register_id, kind, last_number) VALUES (%s, %s, 1)"
    " ON CONFLICT (shop_id, register_id, kind)"
    " DO UPDATE SET last_number = shops_series.last_number + 1 RETURNING last_number"
)


class KeyOfAnother(Conflict):
    """The key of this form made another kind of paper."""

    def __str__(self) -> str:
        return _("This form was sent before, for something else. Open the page again.")


def next_code(kind: str, *, register: Register | None, branch: Branch | None = None) -> str:
    """Take the next number of the stock's papers at a till: `1-TR000004`.

    Not by `next_number`, which opens a drawer where none is open: no money moves here. The row of
    the series stays locked until the transaction ends, so call it as late as possible. Without a
    till the first one of the branch counts, else the first of the shop.

    Raises RegisterNotFound.
    """
    assert connection.in_atomic_block, "a number belongs to the transaction that uses it"
    if register is None:
        tills = Register.objects.order_by("code")
        register = (tills.filter(branch=branch).first() if branch else None) or tills.first()
    if register is None:
        raise RegisterNotFound(code="")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [register.pk, kind])
        (number,) = cursor.fetchone()
    return f"{register.code}-{kind}{number:06d}"


def document_of_key(key: str, kind: DocumentKind) -> StockDocument | None:
    """The paper that this form made already. Raises KeyOfAnother."""
    found = StockDocument.objects.filter(key=key).first()
    if found is not None and found.kind != kind:
        raise KeyOfAnother
    return found


def new_document(
    kind: DocumentKind,
    *,
    code: str,
    amount: Decimal,
    reason: str,
    by: Member,
    at: datetime,
    key: str,
) -> StockDocument:
    return StockDocument.objects.create(
        kind=kind, code=code, amount=amount, reason=reason.strip(), at=at, by=by, key=key
    )
