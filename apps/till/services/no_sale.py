"""The drawer is opened without a document: permitted, with a reason, and counted."""

from datetime import datetime

from django.db import transaction

from apps.shops.approvals import Approver, permit
from apps.shops.models import Action, Approval, Member, Register, Shift
from apps.shops.shifts import locked_register
from apps.till.selectors import TillIsClosed


def open_without_sale(
    *, register: int, reason: str, by: Member, at: datetime, approver: Approver | None = None
) -> Approval:
    """Write down why a drawer is opened. No money moves.

    Raises TillIsClosed, and what `permit` refuses with.
    """
    with transaction.atomic():
        till = locked_register(pk=register)
        if till.shift is None:
            raise TillIsClosed(till=till.name)
        return permit(
            Action.DRAWER,
            by=by,
            reason=reason,
            reference=reference_of(till, till.shift),
            at=at,
            approver=approver,
        )


def reference_of(till: Register, shift: Shift) -> str:
    """What its openings stand under: till 1, shift 14 is 1/14."""
    return f"{till.code}/{shift.number}"
