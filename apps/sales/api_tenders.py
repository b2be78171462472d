"""What the API says of payments: how a sale is paid, and how it was."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from apps.core.api_types import Money, Text, Word
from apps.core.units import plain
from apps.sales.models import Tender
from apps.sales.rules import Payment
from apps.shops.approvals import Approver

CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Instrument = Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f]*$")]


class TenderIn(Schema):
    model_config = ConfigDict(extra="forbid")

    kind: Literal[
        "cash",
        "card",
        "transfer",
        "store_credit",
        "gift_card",
        "on_account",
        "old_gold",
        "deposit",
        "scheme",
    ]
    amount: Money | None = Field(
        None,
        description="What was handed over; of `currency`, where one is named. Only cash gives"
        " change. Left out of old gold, a deposit or a scheme: as much as the bill needs.",
    )
    currency: CurrencyCode | None = Field(
        None, description="Of foreign cash. It counts at the shop's rate of today."
    )
    instrument: Instrument = Field(
        "",
        description="Code of the gift card; number of the old-gold slip, the deposit or the"
        " scheme; reference of a card or a transfer.",
    )

    def payment(self, home: str) -> Payment:
        """The payment in a shop of this currency."""
        amount = self.amount or Decimal(0)
        foreign = self.currency if self.currency != home else None
        return Payment(
            kind=self.kind,
            given=amount,
            currency=foreign or "",
            foreign=amount if foreign else None,
            instrument=self.instrument,
        )


class ApprovalIn(Schema):
    """Why something is allowed beyond what one person may, and the second who says so."""

    model_config = ConfigDict(extra="forbid")

    reason: Text
    approver: Word | None = None
    pin: Annotated[str, Field(max_length=12)] | None = None

    @property
    def second(self) -> Approver | None:
        if self.approver is None:
            return None
        return Approver(username=self.approver, pin=self.pin or "")


class TenderOut(Schema):
    kind: str
    amount: str = Field(description="What of it pays the bill.")
    given: str = Field(description="What it counts, in the bill's currency.")
    currency: str = Field(description="Of foreign cash; else empty.")
    foreign: str | None
    rate: str | None
    instrument: str = Field(description="A gift card by its document, never by its code.")

    @classmethod
    def of(cls, tender: Tender, money: Callable[[Decimal], str]) -> "TenderOut":
        return cls(
            kind=tender.kind,
            amount=money(tender.amount),
            given=money(tender.given),
            currency=tender.currency,
            foreign=None if tender.foreign is None else plain(tender.foreign),
            rate=None if tender.rate is None else plain(tender.rate),
            instrument=tender.instrument,
        )
