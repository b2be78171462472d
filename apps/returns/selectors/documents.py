"""Reads of documents: by number, the list, and what was paid out by one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core.typed import fold_digits
from apps.returns.models import Document, DocumentKind, DocumentLine
from apps.returns.refusals import DocumentNotFound
from apps.till.models import Direction, Payment

_LONGEST_SEARCH = 40
_WITH = ("register", "sale", "new_sale", "customer", "made_by__user", "approval__approved_by__user")


@dataclass(frozen=True, slots=True)
class Told:
    """A document with its lines and what was paid out by it."""

    document: Document
    lines: Sequence[DocumentLine]
    payments: Sequence[Payment]


def document_by_code(code: str) -> Document:
    """The document printed as `code`, "1-R000042". Raises DocumentNotFound."""
    # PostgreSQL knows no NUL in a text, and would be loud about it.
    found = None
    if "\x00" not in code:
        found = Document.objects.select_related(*_WITH).filter(code=code).first()
    if found is None:
        raise DocumentNotFound(number=code.replace("\x00", "")[:40])
    return found


def told(document: Document) -> Told:
    """A document read back; two statements."""
    return Told(
        document,
        list(document.lines.order_by("position")),
        list(
            Payment.objects.filter(reference=document.code, direction=Direction.OUT).order_by(
                "position"
            )
        ),
    )


def documents_listed(*, search: str = "", kind: str = "") -> QuerySet[Document]:
    """Documents, newest first; `search` is a number, a bill, a tag or part of a name."""
    documents = Document.objects.select_related(*_WITH).order_by("-day", "-pk")
    if kind in DocumentKind.values:
        documents = documents.filter(kind=kind)
    words = fold_digits(search.replace("\x00", "")).strip()[:_LONGEST_SEARCH]
    if not words:
        return documents
    of_tag = DocumentLine.objects.filter(document=OuterRef("pk"), tag__in=[words, words.upper()])
    return documents.filter(
        Q(code__istartswith=words)
        | Q(code__endswith=words)
        | Q(sale__code__istartswith=words)
        | Q(new_sale__code__istartswith=words)
        | Q(customer_name__icontains=words)
        | Exists(of_tag)
    )
