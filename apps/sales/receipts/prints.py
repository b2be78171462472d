"""Which printing of a bill this is: the original, or a copy that says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from apps.core.constraints import broken_by
from apps.sales.models import Paper, ReceiptPrint, Sale
from apps.shops.approvals import NotAllowed, may
from apps.shops.models import Action, Member
from apps.till.kinds import TenderKind

# Each lost race means that somebody else printed the same bill at the same moment.
_RACES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """One paper, and the first one of the same bill."""

    copy: int
    printed_at: datetime
    printed_by: str
    first_at: datetime
    first_by: str

    @property
    def is_duplicate(self) -> bool:
        return self.copy > 1


def print_receipt(*, sale: Sale, paper: Paper, by: Member, at: datetime) -> Printing:
    """Remember that `by` prints the bill at `at`, and say which copy this is.

    Raises NotAllowed for a second one, where the shop lets not everybody reprint.

    The first one is the original, on whichever paper. Of two printed at the same moment the
    database lets only one be the original; the other waits for it and becomes its duplicate.
    """
    assert paper != Paper.MAIL, "a mail is no copy: see remember_mail"
    for _race in range(_RACES):
        earlier = _papers(sale)
        copy = len(earlier) + 1
        if earlier and not may(Action.REPRINT, by=by, at=at):
            raise NotAllowed(action=Action.REPRINT.value)
        try:
            with transaction.atomic():
                made = ReceiptPrint.objects.create(
                    sale=sale, paper=paper, copy=copy, printed_at=at, printed_by=by
                )
        except IntegrityError as taken:
            if broken_by(taken) != "sales_receiptprint_copy_unique":
                raise
            continue
        first = earlier[0] if earlier else made
        return Printing(
            copy=copy,
            printed_at=at,
            printed_by=str(by.user),
            first_at=first.printed_at,
            first_by=_name_of(first),
        )
    raise RuntimeError(f"{_RACES} printings of {sale.code} at once: none of them got its number")


def papers_of(sale: Sale) -> list[Printing]:
    """What came out of the printer so far, the original first; one statement."""
    papers = _papers(sale)
    return [
        Printing(
            copy=paper.copy or 0,
            printed_at=paper.printed_at,
            printed_by=_name_of(paper),
            first_at=papers[0].printed_at,
            first_by=_name_of(papers[0]),
        )
        for paper in papers
    ]


def is_printed(sale: Sale) -> bool:
    return ReceiptPrint.objects.filter(sale=sale, copy__isnull=False).exists()


def took_cash(sale: Sale) -> bool:
    """Whether the drawer has to open for it: cash came in, or change goes out."""
    return sale.change > 0 or sale.tenders.filter(kind=TenderKind.CASH).exists()


def is_mailed(sale: Sale) -> bool:
    return ReceiptPrint.objects.filter(sale=sale, paper=Paper.MAIL).exists()


def remember_mail(*, sale: Sale, at: datetime) -> None:
    """Remember that the receipt was mailed; a second time changes nothing."""
    ReceiptPrint.objects.bulk_create(
        [ReceiptPrint(sale=sale, paper=Paper.MAIL, printed_at=at)], ignore_conflicts=True
    )


def _papers(sale: Sale) -> list[ReceiptPrint]:
    papers = ReceiptPrint.objects.filter(sale=sale, copy__isnull=False)
    return list(papers.select_related("printed_by__user").order_by("copy"))


def _name_of(paper: ReceiptPrint) -> str:
    assert paper.printed_by is not None, "a check constraint: every paper has its printer"
    return str(paper.printed_by.user)
