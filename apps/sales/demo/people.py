"""Whom the demo shop in Dubai deals with, and what they have there: the same on every machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from apps.credit.selling import sell_gift_card
from apps.credit.tendered import Tendered
from apps.customers.models import Customer, CustomerKind, PaperKind
from apps.customers.services import add_customer, add_paper
from apps.deposits.models import DepositKind, SchemeKind
from apps.deposits.services.opening import NewDeposit, open_deposit
from apps.deposits.services.plans import NewPlan, offer
from apps.deposits.services.saving import join
from apps.purchasing.models import HowTested, Purpose
from apps.purchasing.services.buy import buy
from apps.purchasing.services.offers import NewItem, Offer, PaidBy
from apps.shops.models import Member
from apps.till.kinds import TenderKind

MARYAM: Final = "Maryam Al Qassimi"
PRIYA: Final = "Priya Nair"
JONAS: Final = "Jonas Weber"
DEALER: Final = "Creek Bullion"
_PLAN: Final = "GOLD11"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """One of them. `limit`: what they may owe the shop."""

    name: str
    phone: str
    kind: str = CustomerKind.CUSTOMER
    limit: Decimal | None = None


_KNOWN: Final = (
    _Known(name=MARYAM, phone="+971 50 555 0141", limit=Decimal(10_000)),
    _Known(name=PRIYA, phone="+971 52 555 0187"),
    _Known(name=JONAS, phone="+971 58 555 0119"),
    _Known(name=DEALER, phone="+971 4 555 0160", kind=CustomerKind.SUPPLIER),
    _Known(name="Sharjah Refinery", phone="+971 6 555 0172", kind=CustomerKind.REFINER),
)


def write_down(*, by: Member, at: datetime) -> dict[str, Customer]:
    """The shop's list, by name; one of them has shown a passport."""
    known = {
        one.name: add_customer(
            name=one.name,
            phone=one.phone,
            kind=one.kind,
            address="Al Ras, Deira, Dubai",
            credit_limit=one.limit,
            by=by,
            at=at,
        )
        for one in _KNOWN
    }
    add_paper(
        customer=known[JONAS],
        kind=PaperKind.PASSPORT,
        number="C01X00T47",
        country="DE",
        expires_on=date(at.year + 4, 6, 30),
        by=by,
        at=at,
    )
    return known


def take_old_gold(known: Mapping[str, Customer], *, by: Member, at: datetime) -> None:
    """One slip that was paid out of the drawer, and one whose claim waits for a bill."""
    chain = NewItem(
        description="Broken chain",
        metal="gold",
        gross_weight_g=Decimal("4.120"),
        stated_fineness=9160,
        tested_fineness=8750,
        method=HowTested.XRF,
    )
    bangles = NewItem(
        description="Two worn bangles",
        metal="gold",
        gross_weight_g=Decimal("11.640"),
        stones_g=Decimal("0.240"),
        tested_fineness=9160,
        method=HowTested.XRF,
    )
    for customer, purpose, item, payments in (
        (known[JONAS], Purpose.CASH, chain, (PaidBy(kind=TenderKind.CASH),)),
        (known[MARYAM], Purpose.EXCHANGE, bangles, ()),
    ):
        offered = Offer(
            customer=customer.pk,
            purpose=purpose,
            items=(item,),
            payments=payments,
            key=f"demo-slip-{purpose}",
        )
        buy(offer=offered, by=by, at=at)


def take_money_before_a_sale(
    known: Mapping[str, Customer], *, tag: str, owner: Member, by: Member, at: datetime
) -> None:
    """A layaway of the piece with this tag, a gift card, and a passbook of a savings plan."""
    deposit = NewDeposit(
        customer=known[PRIYA].pk,
        kind=DepositKind.FULL_LOCK,
        tags=(tag,),
        tenders=(_by_card(Decimal(2000)),),
        key="demo-deposit",
    )
    open_deposit(new=deposit, by=by, at=at)
    value = Decimal(500)
    sell_gift_card(amount=value, tenders=[_by_card(value)], key="demo-gift-card", by=by, at=at)
    plan = NewPlan(
        code=_PLAN,
        name="Eleven months of gold",
        kind=SchemeKind.VALUE,
        amount=value,
        instalments=11,
        bonus_percent=Decimal(75),
    )
    offer(plan=plan, by=owner, at=at)
    join(
        plan=_PLAN,
        customer=known[PRIYA].pk,
        tenders=[_by_card(value)],
        key="demo-passbook",
        by=by,
        at=at,
    )


def _by_card(amount: Decimal) -> Tendered:
    return Tendered(kind=TenderKind.CARD, amount=amount)
