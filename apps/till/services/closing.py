"""A close is signed: the Z report, what is over and short, and the drawer's cash to the safe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core import formatting
from apps.core.errors import Conflict
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Approval, Member, Register, Shift
from apps.shops.services import next_number
from apps.shops.shifts import end, locked_register
from apps.till.compare import Line, LineKind
from apps.till.models import TillCount, ZReport
from apps.till.report import CLOSE, report_of
from apps.till.selectors import (
    NothingCounted,
    TillIsClosed,
    closing_counts,
    last_close,
)
from apps.till.snapshot import Signed, snapshot_of
from apps.till.standing import Standing, standing_of

_SERIES: Final = "Z"


@dataclass(eq=False)
class ClosedAlready(Conflict):
    """Somebody else signed while this close was on the screen."""

    till: str
    z: str
    by: str

    def __str__(self) -> str:
        return _("%(till)s was closed by %(by)s: Z report %(z)s. Nothing is left to sign.") % {
            "till": self.till,
            "by": self.by,
            "z": formatting.digits(self.z),
        }


@dataclass(eq=False)
class CountedAgain(Conflict):
    """A newer count than the one on the screen was sent."""

    number: int
    by: str

    def __str__(self) -> str:
        return _("%(by)s sent count %(number)s after this one. Look at that one and sign it.") % {
            "by": self.by,
            "number": formatting.digits(self.number),
        }


@dataclass(eq=False)
class CountStale(Conflict):
    """Documents came after the count."""

    documents: int

    def __str__(self) -> str:
        return ngettext(
            "%(documents)s document came after the count. Count again.",
            "%(documents)s documents came after the count. Count again.",
            self.documents,
        ) % {"documents": formatting.number(self.documents)}


def sign(
    *,
    register: int,
    count: int,
    reason: str,
    by: Member,
    at: datetime,
    key: str,
    approver: Approver | None = None,
) -> ZReport:
    """Close the till by its count of this number: Z report, entry, end of the shift.

    For each currency: Dr safe what was counted, Cr cash what was expected, the difference to over
    and short; after it the shift's cash is zero. Card payments and transfers stay where they
    wait. All of it is one transaction under the register's lock: a document that is being written
    is in this close, or in the next shift. The form sent twice signs once.

    Raises ClosedAlready, TillIsClosed, NothingCounted, CountedAgain, CountStale, ReasonMissing,
    NotAllowed, ApprovalNeeded, PinRefused, PinLocked.
    """
    with transaction.atomic():
        till = locked_register(pk=register)
        first = ZReport.objects.filter(key=key).first()
        if first is not None:
            return first
        shift = _shift_of(till)
        standing = _demand_standing(till, shift, count, currency=by.shop.currency)
        number = next_number(by=by, at=at, code=till.code, kind=_SERIES)
        approval = None
        if standing.differing:
            approval = permit(
                Action.CLOSE,
                by=by,
                reason=reason,
                reference=str(number),
                at=at,
                amount=standing.worth,
                approver=approver,
            )
        report = report_of(shift, currency=by.shop.currency)
        z = ZReport.objects.create(
            shift=shift,
            count=standing.count,
            code=str(number),
            day=day_of(by.shop, at),
            signed_at=at,
            signed_by=by,
            snapshot=snapshot_of(
                report,
                standing,
                Signed(till=till, shift=shift, by=by, at=at, approval=_named(approval)),
                counts=list(closing_counts(shift)),
            ),
            key=key,
        )
        amounts = [amount for amount in _to_the_safe(standing.lines) if amount.amount]
        if amounts:  # a drawer that held nothing and holds nothing moves nothing
            post(
                what=CLOSE,
                reference=z.code,
                at=at,
                day=z.day,
                by=by,
                amounts=amounts,
                shift=shift.pk,
            )
        end(register=till, by=by, at=at)
        return z


def closed_already(till: Register) -> Conflict:
    """Why a till without a shift cannot be closed: who closed it, or that nobody opened it."""
    closed = last_close(till)
    if closed is None:
        return TillIsClosed(till=till.name)
    return ClosedAlready(till=till.name, z=closed.code, by=str(closed.signed_by.user))


def _shift_of(till: Register) -> Shift:
    if till.shift_id is None:
        raise closed_already(till)
    return Shift.objects.select_related("opened_by__user").get(pk=till.shift_id)


def _demand_standing(till: Register, shift: Shift, count: int, *, currency: str) -> Standing:
    """The shift's newest count, if it is the one meant and nothing came after it."""
    latest: TillCount | None = closing_counts(shift).last()
    if latest is None:
        raise NothingCounted(till=till.name)
    if latest.pk != count:
        raise CountedAgain(number=latest.number, by=str(latest.by.user))
    standing = standing_of(latest, shift=shift, currency=currency)
    if standing.is_stale:
        raise CountStale(documents=len(standing.since))
    return standing


def _to_the_safe(lines: Sequence[Line]) -> Iterator[Amount]:
    for line in lines:
        if line.kind != LineKind.CASH:
            continue
        assert line.counted is not None, "cash is always counted"
        assert line.expected is not None, "cash is always expected"
        yield Amount(account=chart.SAFE, commodity=line.unit, amount=line.counted)
        yield Amount(account=chart.CASH, commodity=line.unit, amount=-line.expected)
        yield Amount(account=chart.OVER_SHORT, commodity=line.unit, amount=-line.difference)


def _named(approval: Approval | None) -> Approval | None:
    """The approval with its people read, for the paper."""
    if approval is None:
        return None
    return Approval.objects.select_related("approved_by__user").get(pk=approval.pk)
