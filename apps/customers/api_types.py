"""What doors of the API ask for after a limit of cash warned."""

from ninja import Schema
from pydantic import ConfigDict, Field

from apps.core.api_types import Text
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.shops.api_types import ApproverIn


class CashReasonIn(Schema):
    """Why cash passes a limit that warns, and the second person where one is needed."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field(description="Not empty. The report of cash shows it.")
    approver: ApproverIn | None = None


class PassesCashIn(Schema):
    """By which cash passes between the shop and a person."""

    cash: CashReasonIn | None = Field(
        None,
        description="After a 409 CashLimitWarning: the same request again, with its key and why.",
    )

    @property
    def cash_reason(self) -> CashReason:
        if self.cash is None:
            return NO_REASON
        approver = self.cash.approver
        return CashReason(
            reason=self.cash.reason, approver=approver.approver() if approver else None
        )
