"""A signed close as JSON, and read back: what is printed does not change when the shop does."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import translation

from apps.shops.models import Approval, Member, Register, Shift
from apps.till.compare import Line, LineKind
from apps.till.counted import Counted
from apps.till.figures import CashSum, MoveLine, Report, TenderSum
from apps.till.models import TillCount, ZReport
from apps.till.standing import Standing

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who closed what, when, and who said yes to a difference."""

    till: Register
    shift: Shift
    by: Member
    at: datetime
    approval: Approval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountShown:
    """One of the counts that led to the close, and what it came to by currency."""

    number: int
    at: datetime
    by: str
    cash: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A Z report as it was signed. Units: money of the currency named; grams."""

    code: str
    head: Mapping[str, str]
    till: str
    shift: int
    opened_at: datetime
    opened_by: str
    by_hand: bool
    signed_at: datetime
    signed_by: str
    currency: str
    reason: str
    approved_by: str
    report: Report
    lines: Sequence[Line]
    counted: Counted
    counts: Sequence[CountShown]

    @property
    def differing(self) -> Sequence[Line]:
        return [line for line in self.lines if line.difference]

    @property
    def uncounted(self) -> Sequence[str]:
        return [
            line.name for line in self.lines if line.kind == LineKind.TRAY and line.counted is None
        ]


def snapshot_of(
    report: Report, standing: Standing, signed: Signed, *, counts: Sequence[TillCount]
) -> dict[str, Any]:
    """Everything the Z says, with amounts as strings."""
    approval = signed.approval
    second = approval.approved_by if approval else None
    written: dict[str, Any] = _plain(
        {
            "version": VERSION,
            "head": _head(signed.by),
            "till": signed.till.name,
            "shift": signed.shift.number,
            "opened_at": signed.shift.opened_at,
            "opened_by": str(signed.shift.opened_by.user),
            "by_hand": signed.shift.by_hand,
            "signed_at": signed.at,
            "signed_by": str(signed.by.user),
            "currency": signed.by.shop.currency,
            "reason": approval.reason if approval else "",
            "approved_by": str(second.user) if second else "",
            "report": asdict(report),
            "lines": [asdict(line) for line in standing.lines],
            "counted": standing.count.counted,
            "counts": [_count(count) for count in counts],
        }
    )
    return written


def close_of(z: ZReport) -> Close:
    """The Z read back from its snapshot alone."""
    stored = z.snapshot
    named = ("head", "till", "shift", "opened_by", "by_hand", "signed_by", "currency", "reason")
    return Close(
        code=z.code,
        **{name: stored[name] for name in named},
        approved_by=stored["approved_by"],
        opened_at=datetime.fromisoformat(stored["opened_at"]),
        signed_at=datetime.fromisoformat(stored["signed_at"]),
        report=_report(stored["report"]),
        lines=tuple(_line(line) for line in stored["lines"]),
        counted=Counted.from_json(stored["counted"]),
        counts=tuple(
            CountShown(
                number=count["number"],
                at=datetime.fromisoformat(count["at"]),
                by=count["by"],
                cash={code: Decimal(total) for code, total in count["cash"].items()},
            )
            for count in stored["counts"]
        ),
    )


def _head(by: Member) -> dict[str, str]:
    shop = by.shop
    return {
        "name": shop.name,
        "address": shop.address,
        "phone": shop.phone,
        "tax_number": shop.tax_number,
        "time_zone": shop.time_zone,
        "language": translation.get_language() or "en",
    }


def _count(count: TillCount) -> dict[str, Any]:
    return {
        "number": count.number,
        "at": count.at,
        "by": str(count.by.user),
        "cash": {code: cash["total"] for code, cash in count.counted["cash"].items()},
    }


def _plain(value: Any) -> Any:
    """As JSON can carry it: amounts and moments as strings."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _line(stored: Mapping[str, Any]) -> Line:
    return Line(
        kind=LineKind(stored["kind"]),
        name=stored["name"],
        unit=stored["unit"],
        counted=_maybe(stored["counted"]),
        expected=_maybe(stored["expected"]),
    )


def _maybe(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _report(stored: Mapping[str, Any]) -> Report:
    return Report(
        cash=[
            _with_decimals(CashSum, row, "floated", "taken", "moved_in", "moved_out")
            for row in stored["cash"]
        ],
        tenders=[_with_decimals(TenderSum, row, "taken", "given") for row in stored["tenders"]],
        documents=[(what, count) for what, count in stored["documents"]],
        discounts=Decimal(stored["discounts"]),
        discounted=stored["discounted"],
        old_gold=[(metal, Decimal(grams)) for metal, grams in stored["old_gold"]],
        pieces_sold=stored["pieces_sold"],
        moves=[_with_decimals(MoveLine, row, "amount") for row in stored["moves"]],
        openings=stored.get("openings", 0),
    )


def _with_decimals(kind: Any, row: Mapping[str, Any], *amounts: str) -> Any:
    return kind(**{**row, **{name: Decimal(row[name]) for name in amounts}})
