"""What the API of documents takes and answers."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from apps.core.api_types import Grams, Money, Tag, Text, Word
from apps.core.units import currency
from apps.customers.api_types import PassesCashIn
from apps.returns.orders import Asked, Back
from apps.returns.selectors.documents import Told
from apps.shops.api_types import ApproverIn

_MOST_PIECES: Final = 100


class PieceBackIn(Schema):
    model_config = ConfigDict(extra="forbid")

    tag: Tag
    weighed_g: Grams | None = Field(None, description="Of the whole piece, weighed again.")
    hallmark_intact: bool = True
    damaged: bool = False

    def back(self) -> Back:
        return Back(
            tag=self.tag,
            weighed_g=self.weighed_g,
            hallmark_intact=self.hallmark_intact,
            damaged=self.damaged,
        )


class AskedIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: Text
    till: Word | None = Field(None, description="Code of the till. Left out: the first.")
    approver: ApproverIn | None = Field(None, description="A second person, above the limit.")

    def asked(self, bill: str, key: str) -> Asked:
        approver = self.approver
        return Asked(
            bill=bill,
            reason=self.reason,
            key=key,
            till=self.till or "",
            approver=approver.approver() if approver else None,
        )


class PiecesIn(AskedIn, PassesCashIn):
    pieces: Annotated[list[PieceBackIn], Field(min_length=1, max_length=_MOST_PIECES)]
    customer: int | None = Field(None, description="Whose it is, where the bill names nobody.")

    def asked(self, bill: str, key: str) -> Asked:
        return replace(super().asked(bill, key), cash_reason=self.cash_reason)

    def backs(self) -> list[Back]:
        return [piece.back() for piece in self.pieces]


class ReturnIn(PiecesIn):
    to_credit: bool = Field(False, description="All of it as store credit.")


class BuyBackIn(PiecesIn):
    paid_by: Literal["cash", "transfer", "store_credit"] = "cash"


class ExchangePaymentIn(Schema):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["cash", "card", "transfer"]
    amount: Money


class ExchangeIn(PiecesIn):
    taken: Annotated[list[Tag], Field(min_length=1, max_length=_MOST_PIECES)]
    payments: Annotated[list[ExchangePaymentIn], Field(max_length=20)] = []


class PartOut(Schema):
    kind: str
    label: str
    refunded: str
    kept: str


class ReturnedLineOut(Schema):
    tag: str
    name: str
    sold_weight_g: str | None
    weighed_g: str | None
    refunded: str
    kept: str
    tax: str
    fate: str
    parts: list[PartOut]


class GivenOut(Schema):
    kind: str
    amount: str


class DocumentOut(Schema):
    number: str
    kind: str
    made_at: str
    bill: str
    new_bill: str | None
    customer: int | None
    reason: str
    approved_by: str | None
    currency: str
    total: str
    kept: str
    tax: str
    cash_rounding: str
    lines: list[ReturnedLineOut]
    paid: list[GivenOut]

    @classmethod
    def of(cls, read: Told) -> "DocumentOut":
        document = read.document
        digits = currency(document.currency).exponent

        def money(amount: Decimal) -> str:
            return f"{amount:.{digits}f}"

        approver = document.approval.approved_by
        return cls(
            number=document.code,
            kind=document.kind,
            made_at=document.made_at.isoformat(),
            bill=document.sale.code,
            new_bill=document.new_sale.code if document.new_sale else None,
            customer=document.customer_id,
            reason=document.approval.reason,
            approved_by=str(approver.user) if approver else None,
            currency=document.currency,
            total=money(document.total),
            kept=money(document.kept),
            tax=money(document.tax),
            cash_rounding=money(document.cash_rounding),
            lines=[
                ReturnedLineOut(
                    tag=line.tag,
                    name=line.name,
                    sold_weight_g=_grams(line.sold_weight_g),
                    weighed_g=_grams(line.weighed_g),
                    refunded=money(line.refunded),
                    kept=money(line.kept),
                    tax=money(line.tax),
                    fate=line.fate,
                    parts=[
                        PartOut(
                            kind=part["kind"],
                            label=part["label"],
                            refunded=money(Decimal(part["refunded"])),
                            kept=money(Decimal(part["kept"])),
                        )
                        for part in line.result.get("parts", ())
                    ],
                )
                for line in read.lines
            ],
            paid=[GivenOut(kind=each.kind, amount=money(each.amount)) for each in read.payments],
        )


class DocumentRowOut(Schema):
    number: str
    kind: str
    made_at: str
    bill: str
    total: str


def _grams(weight_g: Decimal | None) -> str | None:
    return None if weight_g is None else f"{weight_g:.3f}"


class DocumentsQuery(Schema):
    """Which documents are looked for; left out: all."""

    search: Text = ""
    kind: Text = ""
