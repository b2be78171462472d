"""The API of the drawers: the X report of an open till, and the Z reports."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import Word
from apps.core.currencies import CURRENCIES, currency
from apps.shops.access import MemberRequest
from apps.till.compare import Line
from apps.till.figures import Report
from apps.till.report import report_of
from apps.till.selectors import (
    corrections_of,
    demand_in_charge,
    register_of,
    the_open_shift,
    z_by_code,
)
from apps.till.snapshot import close_of

router = Router(tags=["till"])


class CashOut(Schema):
    currency: str
    floated: str
    taken: str
    moved_in: str
    moved_out: str
    expected: str


class TenderSumOut(Schema):
    kind: str
    currency: str
    taken: str
    given: str
    net: str


class ReportOut(Schema):
    cash: list[CashOut]
    tenders: list[TenderSumOut]
    documents: dict[str, int]
    discounts: str
    discounted: int
    pieces_sold: int
    old_gold_fine_g: dict[str, str]

    @classmethod
    def of(cls, report: Report, code: str) -> "ReportOut":
        return cls(
            cash=[
                CashOut(
                    currency=one.currency,
                    floated=_written(one.floated, one.currency),
                    taken=_written(one.taken, one.currency),
                    moved_in=_written(one.moved_in, one.currency),
                    moved_out=_written(one.moved_out, one.currency),
                    expected=_written(one.expected, one.currency),
                )
                for one in report.cash
            ],
            tenders=[
                TenderSumOut(
                    kind=one.kind,
                    currency=one.currency,
                    taken=_written(one.taken, one.currency),
                    given=_written(one.given, one.currency),
                    net=_written(one.net, one.currency),
                )
                for one in report.tenders
            ],
            documents=dict(report.documents),
            discounts=_written(report.discounts, code),
            discounted=report.discounted,
            pieces_sold=report.pieces_sold,
            old_gold_fine_g={metal: format(grams, ".3f") for metal, grams in report.old_gold},
        )


class XOut(Schema):
    till: str
    shift: int
    opened_at: str
    at: str
    report: ReportOut


class CloseLineOut(Schema):
    kind: str = Field(description="cash, slip, bag or tray")
    name: str
    counted: str | None
    expected: str | None
    difference: str

    @classmethod
    def of(cls, line: Line) -> "CloseLineOut":
        return cls(
            kind=line.kind.value,
            name=line.name,
            counted=None if line.counted is None else _written(line.counted, line.unit),
            expected=None if line.expected is None else _written(line.expected, line.unit),
            difference=_written(line.difference, line.unit),
        )


class CorrectionOut(Schema):
    number: str
    currency: str
    amount: str
    reason: str
    at: str


class ZOut(Schema):
    number: str
    till: str
    shift: int
    signed_at: str
    signed_by: str
    reason: str
    approved_by: str
    lines: list[CloseLineOut]
    report: ReportOut
    corrections: list[CorrectionOut]


_ANSWERS: dict[int, Any] = {404: ProblemOut, **PROBLEMS}


@router.get("/till/x", response={200: XOut, 409: ProblemOut, **_ANSWERS}, summary="X report")
def till_x(request: MemberRequest, till: Word | None = None) -> XOut:
    """The open shift of a till (its code; left out: the first) as it stands.

    For owners and managers. 404: no such till; 409: it is closed.
    """
    demand_in_charge(request.member)
    register = register_of(till or "")
    shift = the_open_shift(register)
    code = request.member.shop.currency
    return XOut(
        till=register.code,
        shift=shift.number,
        opened_at=shift.opened_at.isoformat(),
        at=timezone.now().isoformat(),
        report=ReportOut.of(report_of(shift, currency=code), code),
    )


@router.get("/till/z/{number}", response={200: ZOut, **_ANSWERS}, summary="Z report")
def till_z(request: MemberRequest, number: Word) -> ZOut:
    """A signed close by its number, with what was corrected after it. 404: no such number."""
    z = z_by_code(number)
    close = close_of(z)
    return ZOut(
        number=z.code,
        till=z.shift.register.code,
        shift=close.shift,
        signed_at=close.signed_at.isoformat(),
        signed_by=close.signed_by,
        reason=close.reason,
        approved_by=close.approved_by,
        lines=[CloseLineOut.of(line) for line in close.lines],
        report=ReportOut.of(close.report, close.currency),
        corrections=[
            CorrectionOut(
                number=one.code,
                currency=one.currency,
                amount=_written(one.amount, one.currency),
                reason=one.reason,
                at=one.at.isoformat(),
            )
            for one in corrections_of(z)
        ],
    )


def _written(amount: Decimal, unit: str) -> str:
    """With the decimals of its currency; grams with three, pieces with none."""
    if unit in CURRENCIES:
        return f"{amount:.{currency(unit).exponent}f}"
    return f"{amount:.3f}" if unit == "g" else f"{amount:.0f}"
