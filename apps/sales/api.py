"""The API of quotes and sales."""

from decimal import Decimal
from typing import Annotated

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import IdempotencyKey, Text, Word
from apps.core.units import currency
from apps.pricing.quote_lines import DiscountIn, TagLineIn
from apps.pricing.schemas import MAX_LINES, QuoteIn, QuoteOut
from apps.sales.api_tenders import ApprovalIn, TenderIn, TenderOut
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.quotes import quote_of_shop
from apps.sales.services.giving import permit_order
from apps.sales.services.sell import Finished, sell
from apps.shops.access import MemberRequest

router = Router(tags=["sales"])
Email = Annotated[
    str, Field(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$")
]


class SaleIn(Schema):
    model_config = ConfigDict(extra="forbid")

    lines: Annotated[list[TagLineIn], Field(min_length=1, max_length=MAX_LINES)]
    tenders: Annotated[list[TenderIn], Field(max_length=20)]
    discount: DiscountIn | None = Field(None, description="On the whole bill, with its reason.")
    till: Word | None = Field(None, description="Code of the till. Left out: the first.")
    customer: int | None = Field(None, ge=1, lt=2**63, description="Of the shop's list.")
    customer_name: Text = ""
    customer_email: Email | None = Field(None, description="The receipt is mailed to it.")

    credit: ApprovalIn | None = Field(
        None,
        description="Where more goes on account than the customer's limit, or cash passes a limit"
        " that warns.",
    )

    discounts: ApprovalIn | None = Field(
        None, description="Who agrees to the discounts, where the token's person may not alone."
    )

    def order(self, key: str, *, home: str) -> Order:
        """The order, in a shop of this currency."""
        return Order(
            lines=tuple(
                Wanted(
                    line.tag,
                    tuple(discount.terms() for discount in line.discounts),
                    line.on_top or None,
                )
                for line in self.lines
            ),
            payments=tuple(tender.payment(home) for tender in self.tenders),
            key=key,
            discount=self.discount.terms() if self.discount else None,
            register=self.till or "",
            customer=self.customer,
            customer_name=self.customer_name,
            customer_email=self.customer_email or "",
            credit_reason=self.credit.reason if self.credit else "",
            approver=self.credit.second if self.credit else None,
            discount_approver=self.discounts.second if self.discounts else None,
        )


class SoldLineOut(Schema):
    tag: str
    name: str
    metal: str
    making: str
    stones: str
    extras: str
    discount: str
    tax: str
    total: str


class SaleOut(Schema):
    number: str
    sold_at: str
    currency: str
    tax_pack: str
    lines: list[SoldLineOut]
    subtotal: str
    tax: str
    round_off: str
    total: str
    cash_rounding: str
    tenders: list[TenderOut]
    change: str

    @classmethod
    def of(cls, finished: Finished) -> "SaleOut":
        sale = finished.sale
        digits = currency(sale.currency).exponent

        def money(amount: Decimal) -> str:
            return f"{amount:.{digits}f}"

        return cls(
            number=sale.code,
            sold_at=sale.sold_at.isoformat(),
            currency=sale.currency,
            tax_pack=sale.tax_pack,
            lines=[
                SoldLineOut(
                    tag=line.tag,
                    name=line.name,
                    metal=money(line.metal),
                    making=money(line.making),
                    stones=money(line.stones),
                    extras=money(line.extras),
                    discount=money(line.discount),
                    tax=money(line.tax),
                    total=money(line.total),
                )
                for line in finished.lines
            ],
            subtotal=money(sale.subtotal),
            tax=money(sale.tax),
            round_off=money(sale.round_off),
            total=money(sale.total),
            cash_rounding=money(sale.cash_rounding),
            tenders=[TenderOut.of(tender, money) for tender in finished.tenders],
            change=money(sale.change),
        )


@router.post(
    "/quotes",
    response={200: QuoteOut, 404: ProblemOut, 409: ProblemOut, **PROBLEMS},
    summary="Price pieces, by tag or described",
)
def quotes_create(request: MemberRequest, given: QuoteIn) -> QuoteOut:
    """What the pieces would cost now. Nothing is reserved and nothing is written."""
    quote = quote_of_shop(given, shop=request.member.shop, at=timezone.now())
    return QuoteOut.from_quote(quote)


@router.post(
    "/sales",
    response={201: SaleOut, 404: ProblemOut, 409: ProblemOut, **PROBLEMS},
    summary="Sell pieces",
)
def sales_create(
    request: MemberRequest, given: SaleIn, key: IdempotencyKey, response: HttpResponse
) -> Status[SaleOut]:
    """Sell pieces by tag. Repeated with the same key, it answers the first sale.

    404 unknown tag, register, customer, gift card, slip or deposit; 409 piece gone, no rate
    today, a discount that somebody else must agree to, less on a card or a slip than it should
    pay, a till that is not open, or a key that was another order's; 422 a sum that does not
    match, a discount without its reason, or the shape.
    """
    now = timezone.now()
    order = given.order(key, home=request.member.shop.currency)
    with transaction.atomic(savepoint=False):
        finished = sell(order=order, by=request.member, at=now)
        if finished.sale.sold_at == now:
            permit_order(order, finished, by=request.member, at=now)
    if finished.sale.sold_at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, SaleOut.of(finished))
