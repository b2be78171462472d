"""Doors for programs: customers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final

from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut, demand_known
from apps.core.api_types import Day, IdempotencyKey, Money, Text
from apps.core.typed import Unreadable, parse_amount
from apps.core.units import currency
from apps.customers.models import Channel, Customer, CustomerKind, Profile
from apps.customers.profiles import Wishes, write_profile
from apps.customers.rules.sizes import ring_sizes
from apps.customers.selectors import customer_by_id, customers_page, papers_of, profile_of
from apps.customers.services import CustomerImpossible, add_customer
from apps.shops.access import MemberRequest

router = Router(tags=["customers"])
_LARGEST_ID = 2**63 - 1
_SIZES: Final = ("ring_mm", "bangle_mm", "chain_cm", "wrist_cm")


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


class PhoneIo(Schema):
    label: Text = ""
    number: Text


class ProfileIn(Schema):
    model_config = ConfigDict(extra="forbid")

    ring_mm: str | None = Field(None, description="Inside circumference, ISO 8653: 54.4.")
    bangle_mm: str | None = Field(None, description="Across the inside.")
    chain_cm: str | None = None
    wrist_cm: str | None = None
    metals: list[str] = Field(default_factory=list, description="gold, silver, platinum …")
    colours: Text = ""
    likes: Text = ""
    dislikes: Text = ""
    phones: list[PhoneIo] = Field(
        default_factory=list, max_length=100, description="Five; more where there were more."
    )
    language: str = Field("", max_length=5)
    channel: Channel | None = None
    consents: bool = Field(False, description="They agreed to be written to.")
    consent_how: Text = ""


class ProfileOut(Schema):
    ring_mm: str | None
    ring_us: str | None
    ring_uk: str | None
    ring_jp: str | None
    bangle_mm: str | None
    chain_cm: str | None
    wrist_cm: str | None
    metals: list[str]
    colours: str
    likes: str
    dislikes: str
    phones: list[PhoneIo]
    language: str
    channel: str
    consent_at: datetime | None
    consent_how: str

    @classmethod
    def of(cls, profile: Profile) -> "ProfileOut":
        ring = ring_sizes(profile.ring_mm) if profile.ring_mm is not None else None
        return cls(
            ring_mm=_size(profile.ring_mm),
            ring_us=ring.us if ring else None,
            ring_uk=ring.uk if ring else None,
            ring_jp=ring.jp if ring else None,
            bangle_mm=_size(profile.bangle_mm),
            chain_cm=_size(profile.chain_cm),
            wrist_cm=_size(profile.wrist_cm),
            metals=profile.metals,
            colours=profile.colours,
            likes=profile.likes,
            dislikes=profile.dislikes,
            phones=[PhoneIo(**phone) for phone in profile.phones],
            language=profile.language,
            channel=profile.channel,
            consent_at=profile.consent_at,
            consent_how=profile.consent_how,
        )


class WholeCustomerOut(CustomerOut):
    papers: list[PaperOut]
    profile: ProfileOut | None


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
    profile = profile_of(customer)
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
        profile=ProfileOut.of(profile) if profile else None,
    )


@router.put(
    "/customers/{pk}/profile",
    response={200: ProfileOut, 404: ProblemOut, **PROBLEMS},
    summary="Sizes, tastes and consent",
)
def put_profile(
    request: MemberRequest, pk: Annotated[int, Path(ge=1, le=_LARGEST_ID)], given: ProfileIn
) -> ProfileOut:
    """Write a customer's profile anew; sending it twice changes nothing."""
    profile = write_profile(
        pk=pk,
        wishes=Wishes(
            **{name: _number(name, getattr(given, name)) for name in _SIZES},
            metals=given.metals,
            colours=given.colours,
            likes=given.likes,
            dislikes=given.dislikes,
            phones=[(phone.label, phone.number) for phone in given.phones],
            language=given.language,
            channel=given.channel.value if given.channel else "",
            consents=given.consents,
            consent_how=given.consent_how,
        ),
        by=request.member,
        at=timezone.now(),
    )
    profile.refresh_from_db()
    return ProfileOut.of(profile)


def _size(size: Decimal | None) -> str | None:
    return None if size is None else f"{size:.1f}"


def _number(field: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return parse_amount(text, 1)
    except Unreadable as unreadable:
        raise CustomerImpossible(field=field, why=str(unreadable)) from None
