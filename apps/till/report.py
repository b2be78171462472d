"""What happened at a drawer in one shift, read from the ledger: the X report, and the Z's figures.

Whoever counts a drawer must not see this: only what is closed, and who runs the shop, may.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Count, Q, Sum

from apps.core.currencies import CURRENCIES
from apps.ledger import chart
from apps.ledger.models import Entry, Posting
from apps.shops.models import Action, Approval, Shift
from apps.till import asks
from apps.till.compare import SLIPS, Expected
from apps.till.figures import DOCUMENTS, CashSum, MoveLine, Report, TenderSum
from apps.till.kinds import TenderKind
from apps.till.models import CashMove, MoveKind

_ZERO: Final = Decimal(0)
FLOAT: Final = "float"
CASH_IN: Final = "cash-in"
CASH_OUT: Final = "cash-out"
CLOSE: Final = "close"
CORRECTION: Final = "close-correction"
# Entries that move the shop's own cash; everything else is a document of the counter.
_OWN: Final = frozenset({FLOAT, CASH_IN, CASH_OUT, CLOSE, CORRECTION})
# What is done with the old gold of the shop is no old gold that came in over the counter.
_REFINING: Final = frozenset({"melt", "assay", "refiner", "metal-receipt", "fixing"})

TENDER_ACCOUNTS: Final[dict[str, TenderKind]] = {
    chart.CASH: TenderKind.CASH,
    chart.CARD: TenderKind.CARD,
    chart.BANK: TenderKind.TRANSFER,
    chart.STORE_CREDIT: TenderKind.STORE_CREDIT,
    chart.GIFT_CARDS: TenderKind.GIFT_CARD,
    chart.DUES: TenderKind.ON_ACCOUNT,
    chart.OLD_GOLD_DUE: TenderKind.OLD_GOLD,
    chart.ADVANCES: TenderKind.DEPOSIT,
    chart.SCHEMES: TenderKind.SCHEME,
}


def report_of(shift: Shift, *, currency: str) -> Report:
    """Everything the entries of the shift say; six queries, whatever the number of sales."""
    sums = _sums(shift)
    discounted = Entry.objects.filter(shift=shift, postings__account=chart.DISCOUNTS)
    return Report(
        cash=_cash(sums, currency),
        tenders=_tenders(sums, currency),
        documents=_documents(shift),
        discounts=sum(
            (s.net for s in sums if (s.account, s.commodity) == (chart.DISCOUNTS, currency)), _ZERO
        ),
        discounted=discounted.distinct().count(),
        old_gold=_old_gold(sums),
        pieces_sold=asks.pieces_sold(shift=shift.pk),
        moves=_moves(shift),
        openings=_openings(shift),
    )


def expected_of(shift: Shift) -> Expected:
    """What a count of the drawer is held against."""
    sums = _sums(shift)
    slips = {
        tender.kind: tender.net
        for tender in _tenders(sums, "")
        if tender.kind in {kind.value for kind in SLIPS}
    }
    return Expected(cash=_by_currency(sums), slips=slips, bags=asks.bags(shift=shift.pk))


def cash_in_drawer(shift: Shift, currency: str) -> Decimal:
    """Σ of the postings to cash, in one currency, of the shift's entries."""
    found = Posting.objects.filter(
        entry__shift=shift, account=chart.CASH, commodity=currency
    ).aggregate(held=Sum("amount"))["held"]
    return found or _ZERO


def currencies_moved(shift: Shift) -> Sequence[str]:
    """Currencies of which cash went in or out, without how much: what a count must ask for."""
    found = Posting.objects.filter(entry__shift=shift, account=chart.CASH)
    return sorted(found.values_list("commodity", flat=True).distinct().order_by())


def entries_of(shift: Shift) -> int:
    """How many entries the shift has. Under the register's lock this number stands still."""
    return Entry.objects.filter(shift=shift).count()


def entries_since(shift: Shift, seen: int) -> Sequence[Entry]:
    """What was posted after the first `seen` entries of the shift."""
    return list(Entry.objects.filter(shift=shift).order_by("pk")[seen:])


@dataclass(frozen=True, slots=True)
class _Sum:
    what: str
    account: str
    commodity: str
    debit: Decimal
    credit: Decimal  # zero or more

    @property
    def net(self) -> Decimal:
        return self.debit - self.credit


def _sums(shift: Shift) -> Sequence[_Sum]:
    rows = (
        Posting.objects.filter(entry__shift=shift)
        .values_list("entry__what", "account", "commodity")
        .annotate(
            debit=Sum("amount", filter=Q(amount__gt=0)),
            credit=Sum("amount", filter=Q(amount__lt=0)),
        )
        .order_by()
    )
    return [
        _Sum(what, account, commodity, debit or _ZERO, -(credit or _ZERO))
        for what, account, commodity, debit, credit in rows
    ]


def _by_currency(sums: Sequence[_Sum]) -> Mapping[str, Decimal]:
    held: dict[str, Decimal] = defaultdict(Decimal)
    for one in sums:
        if one.account == chart.CASH:
            held[one.commodity] += one.net
    return dict(held)


def _cash(sums: Sequence[_Sum], currency: str) -> Sequence[CashSum]:
    """The shop's own currency first, always; then the others that moved."""
    parts: dict[str, dict[str, Decimal]] = {currency: defaultdict(Decimal)}
    for one in sums:
        if one.account == chart.CASH:
            kind = one.what if one.what in _OWN else ""
            parts.setdefault(one.commodity, defaultdict(Decimal))[kind] += one.net
    return [
        CashSum(
            currency=code,
            floated=of[FLOAT],
            taken=of[""],
            moved_in=of[CASH_IN],
            moved_out=-of[CASH_OUT],
        )
        for code, of in sorted(parts.items(), key=lambda part: (part[0] != currency, part[0]))
    ]


def _tenders(sums: Sequence[_Sum], currency: str) -> Sequence[TenderSum]:
    taken: dict[tuple[str, str], list[Decimal]] = {}
    for one in sums:
        kind = TENDER_ACCOUNTS.get(one.account)
        if kind is None or one.what in _OWN or one.commodity not in CURRENCIES:
            continue
        both = taken.setdefault((kind.value, one.commodity), [_ZERO, _ZERO])
        both[0] += one.debit
        both[1] += one.credit
    order = {kind: place for place, kind in enumerate(TenderKind.values)}
    return [
        TenderSum(kind=kind, currency=code, taken=debit, given=credit)
        for (kind, code), (debit, credit) in sorted(
            taken.items(), key=lambda row: (order[row[0][0]], row[0][1] != currency, row[0][1])
        )
    ]


def _old_gold(sums: Sequence[_Sum]) -> Sequence[tuple[str, Decimal]]:
    """Fine grams of old gold that came in, by metal, less what a void gave back."""
    grams: dict[str, Decimal] = defaultdict(Decimal)
    for one in sums:
        if (
            one.account == chart.OLD_GOLD
            and one.commodity not in CURRENCIES
            and one.what not in _REFINING
        ):
            grams[one.commodity] += one.net
    return sorted((metal, fine) for metal, fine in grams.items() if fine)


def _documents(shift: Shift) -> Sequence[tuple[str, int]]:
    rows = (
        Entry.objects.filter(shift=shift)
        .exclude(what__in=_OWN)
        .values_list("what")
        .annotate(papers=Count("reference", distinct=True))
        .order_by()
    )
    order = {what: place for place, what in enumerate(DOCUMENTS)}
    return sorted(rows, key=lambda row: (order.get(row[0], len(order)), row[0]))


def _openings(shift: Shift) -> int:
    """How often the drawer was opened without a sale."""
    reference = f"{shift.register.code}/{shift.number}"
    return Approval.objects.filter(action=Action.DRAWER, reference=reference).count()


def _moves(shift: Shift) -> Sequence[MoveLine]:
    moves = CashMove.objects.filter(shift=shift).exclude(kind=MoveKind.FLOAT)
    return [
        MoveLine(
            code=move.code,
            kind=move.kind,
            place=move.place,
            currency=move.currency,
            amount=move.amount,
            reason=move.reason,
        )
        for move in moves.order_by("pk")
    ]
