"""Which printing of a document this is: the original, or a copy that says so."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from apps.core.constraints import broken_by
from apps.returns.models import Document, DocumentPrint, Paper
from apps.sales.receipts.prints import Printing
from apps.shops.approvals import NotAllowed, may
from apps.shops.models import Action, Member

# Each lost race means that somebody else printed the same document at the same moment.
_RACES: Final = 5


def print_document(*, document: Document, paper: Paper, by: Member, at: datetime) -> Printing:
    """Remember that `by` prints the document, and say which copy this is.

    Raises NotAllowed for a second one, where the shop lets not everybody reprint.
    Of two printed at the same moment the database lets only one be the original.
    """
    for _race in range(_RACES):
        earlier = list(document.prints.select_related("printed_by__user").order_by("copy"))
        copy = len(earlier) + 1
        if earlier and not may(Action.REPRINT, by=by, at=at):
            raise NotAllowed(action=Action.REPRINT.value)
        try:
            with transaction.atomic():
                made = DocumentPrint.objects.create(
                    document=document, paper=paper, copy=copy, printed_at=at, printed_by=by
                )
        except IntegrityError as taken:
            if broken_by(taken) != "returns_documentprint_copy_unique":
                raise
            continue
        return _told(made, earlier[0] if earlier else made)
    raise RuntimeError(f"{_RACES} printings of {document.code} at once: none got its number")


def papers_of(document: Document) -> list[Printing]:
    """What came out of the printer so far, the original first; one statement."""
    papers = list(document.prints.select_related("printed_by__user").order_by("copy"))
    return [_told(paper, papers[0]) for paper in papers]


def _told(paper: DocumentPrint, first: DocumentPrint) -> Printing:
    return Printing(
        copy=paper.copy,
        printed_at=paper.printed_at,
        printed_by=str(paper.printed_by.user),
        first_at=first.printed_at,
        first_by=str(first.printed_by.user),
    )
