"""Doors for programs: customers."""

from typing import Annotated

from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut, demand_known
from apps.core.api_types import Day, IdempotencyKey, Money, Text
from apps.core.units import currency
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import customer_by_id, customers_page, papers_of
from apps.customers.services import add_customer
from apps.shops.access import MemberRequest

router = Router(tags=["customers"])
_LARGEST_ID = 2**63 - 1


class CustomerIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field(description="Not empty.")
    phone: Text = ""
    email: Text = ""
    address: Text = ""
    birth_date: Day | None = None
    note: Text = ""
    kind: CustomerKind = CustomerKind.CUSTOMER
    credit_limit: Money | None = Field(
        None, description="Set by owners and managers. Left out: nothing on account."
    )


class CustomerOut(Schema):
    id: int
    kind: CustomerKind
    name: str
    phone: str
    email: str
    address: str
    birth_date: Day | None
    note: str
    credit_limit: str | None

    @classmethod
    def of(cls, customer: Customer, code: str) -> "CustomerOut":
        limit = customer.credit_limit
        digits = currency(code).exponent
        return cls(
            id=customer.pk,
            kind=CustomerKind(customer.kind),
            name=customer.name,
            phone=customer.phone,
            email=customer.email,
            address=customer.address,
            birth_date=customer.birth_date,
            note=customer.note,
            credit_limit=f"{limit:.{digits}f}" if limit is not None else None,
        )


class PaperOut(Schema):
    kind: str
    last4: str
    country: str
    expires_on: Day | None


class WholeCustomerOut(CustomerOut):
    papers: list[PaperOut]


class CustomersOut(Schema):
    customers: list[CustomerOut]
    after: int | None = Field(description="Mark of the next page; null on the last one.")


class CustomersQuery(Schema):
    search: Text = Field("", description="Words of name, phone, mail, last four of a paper.")
    after: int | None = Field(None, ge=1, le=_LARGEST_ID)


@router.get("/customers", response={200: CustomersOut, **PROBLEMS}, summary="Customers by name")
def list_customers(request: MemberRequest, asked: Query[CustomersQuery]) -> CustomersOut:
    """Fifty at a time, by name."""
    demand_known(request, CustomersQuery)
    page = customers_page(asked.search, after=asked.after)
    code = request.member.shop.currency
    return CustomersOut(
        customers=[CustomerOut.of(customer, code) for customer in page.customers],
        after=page.after,
    )


@router.post("/customers", response={201: CustomerOut, **PROBLEMS}, summary="Add a customer")
def create_customer(
    request: MemberRequest, given: CustomerIn, key: IdempotencyKey
) -> Status[CustomerOut]:
    """Add somebody to the shop's list."""
    customer = add_customer(
        name=given.name,
        phone=given.phone,
        email=given.email,
        address=given.address,
        birth_date=given.birth_date,
        note=given.note,
        kind=given.kind,
        credit_limit=given.credit_limit,
        key=key,
        by=request.member,
        at=timezone.now(),
    )
    return Status(201, CustomerOut.of(customer, request.member.shop.currency))


@router.get(
    "/customers/{pk}",
    response={200: WholeCustomerOut, 404: ProblemOut, **PROBLEMS},
    summary="One customer",
)
def read_customer(
    request: MemberRequest, pk: Annotated[int, Path(ge=1, le=_LARGEST_ID)]
) -> WholeCustomerOut:
    """Who it is, with the last four signs of each paper that was seen."""
    customer = customer_by_id(pk)
    whole = CustomerOut.of(customer, request.member.shop.currency)
    return WholeCustomerOut(
        **whole.dict(),
        papers=[
            PaperOut(
                kind=paper.kind,
                last4=paper.last4,
                country=paper.country,
                expires_on=paper.expires_on,
            )
            for paper in papers_of(customer)
        ],
    )
