"""What a form asks after a limit of cash warned: why, and the second person."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refusal
from apps.core.fields import KeyedForm
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.cash_refusals import CashLimitWarning
from apps.shops.approval_forms import ApprovedForm
from apps.shops.approvals import ApprovalNeeded, needs_second
from apps.shops.models import Action, Member


class CashReasonForm(ApprovedForm):
    """Fields of their own, beside the reason that a document may have anyway."""

    def __init__(self, *given: Any, second: bool) -> None:
        super().__init__(*given, second=second, prefix="cash")
        del self.fields["key"]  # it stands in the form around it
        self.fields["reason"].label = _("Why more than the limit")


class PassesCash(KeyedForm):
    """A form by which cash passes between the shop and a person."""

    asks: CashReasonForm | None = None  # shown once a limit warned

    @property
    def cash_reason(self) -> CashReason:
        """What was written after a warning; NO_REASON before one."""
        said = CashReasonForm(self.data, second=True)
        if not said.is_valid():
            return NO_REASON
        return CashReason(reason=said.cleaned_data["reason"], approver=said.approved)

    def refuse(self, refusal: Refusal, *, by: Member, at: datetime) -> None:
        """Say it above the fields, and ask for a reason where the refusal is a warning."""
        self.add_error(None, str(refusal))
        self.ask(refusal, by=by, at=at)

    def ask(self, refusal: Refusal, *, by: Member, at: datetime) -> None:
        """Ask for a reason where the refusal is a warning, and keep what was written of it."""
        if isinstance(refusal, CashLimitWarning):
            second = needs_second(Action.CASH_LIMIT, by=by, amount=refusal.total, at=at)
            self.asks = CashReasonForm(second=second)
        elif "cash-reason" in self.data:
            wanted = isinstance(refusal, ApprovalNeeded) and refusal.action == Action.CASH_LIMIT
            self.asks = CashReasonForm(self.data, second=wanted or "cash-approver" in self.data)
