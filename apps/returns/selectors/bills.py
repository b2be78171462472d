"""Reads of a bill with what later documents did to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from apps.core.typed import fold_digits
from apps.returns.models import Document, DocumentKind, DocumentLine
from apps.returns.refusals import CameBackAlready, NeverSold, NotOnBill
from apps.sales.models import Sale, SaleLine


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line of a bill, and the document that took it back, if one did."""

    line: SaleLine
    taken: DocumentLine | None

    @property
    def is_live(self) -> bool:
        return self.taken is None and self.line.live


@dataclass(frozen=True, slots=True)
class BillNow:
    """A bill as it stands after what came later."""

    sale: Sale
    lines: tuple[LineNow, ...]
    documents: tuple[Document, ...]

    @property
    def void(self) -> Document | None:
        """The document that voided the bill."""
        return next((d for d in self.documents if d.kind == DocumentKind.VOID), None)

    @property
    def live(self) -> tuple[LineNow, ...]:
        return tuple(line for line in self.lines if line.is_live)

    def line_of(self, tag: str) -> SaleLine:
        """The line of a piece that has not come back. Raises NotOnBill, CameBackAlready."""
        found = next((each for each in self.lines if each.line.tag == tag), None)
        if found is None:
            raise NotOnBill(tag=tag, bill=self.sale.code)
        if found.taken is not None:
            raise CameBackAlready(tag=tag, document=found.taken.document.code)
        return found.line


def bill_now(code: str, *, to_change: bool = False) -> BillNow:
    """The bill with this number; three statements.

    With `to_change` its lines stay locked until the transaction ends, so that the documents of
    one bill wait for each other. Raises NeverSold.
    """
    sales = Sale.objects.select_related("register", "customer")
    sale = None if "\x00" in code else sales.filter(code=code).first()
    if sale is None:
        raise NeverSold(text=code.replace("\x00", "")[:40])
    lines = SaleLine.objects.filter(sale=sale).select_related("piece").order_by("position")
    if to_change:
        lines = lines.select_for_update(of=("self",))
    rows = list(lines)
    taken = {
        each.sale_line_id: each
        for each in DocumentLine.objects.filter(
            sale_line_id__in=[line.pk for line in rows]
        ).select_related("document")
    }
    return BillNow(
        sale=sale,
        lines=tuple(LineNow(line, taken.get(line.pk)) for line in rows),
        documents=documents_of(sale),
    )


def documents_of(sale: Sale) -> tuple[Document, ...]:
    """What later documents did to a bill, and the exchange that made it; oldest first."""
    found = Document.objects.filter(Q(sale=sale) | Q(new_sale=sale))
    return tuple(found.select_related("sale", "new_sale").order_by("pk"))


def bills_named(text: str) -> Sequence[Sale]:
    """The bill of a number, or those of a tag, the newest first. Raises NeverSold."""
    words = fold_digits(text.replace("\x00", "")).strip()[:40]
    found: list[Sale] = []
    if words:
        found = list(Sale.objects.filter(code__iexact=words))
        if not found:
            of_tag = SaleLine.objects.filter(tag__in=[words, words.upper()]).values("sale_id")
            found = list(Sale.objects.filter(pk__in=of_tag).order_by("-pk")[:20])
    if not found:
        raise NeverSold(text=words)
    return found
