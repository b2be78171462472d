"""Old-gold slips, deposits and savings schemes read as the claims that pay a bill.

Each is kept by its own app; here its words are turned into those of the sale. Nothing is locked
or written: `services.claim_books` does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Refusal
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id
from apps.deposits.models import Deposit, Membership, MembershipState
from apps.deposits.refusals import MembershipNotOpen, NotRipe
from apps.deposits.selectors.contracts import balance_of, deposit_by_number, pieces_of
from apps.deposits.selectors.schemes import benefit_of, membership_by_number
from apps.deposits.selectors.terms import terms_for
from apps.deposits.services.use import demand_usable
from apps.purchasing.models import OldGoldSlip
from apps.purchasing.selectors.claims import open_claims
from apps.purchasing.selectors.slips import slip_by_code
from apps.purchasing.services.claims import trade_in_terms
from apps.sales.claims import Claim, Key, key_of
from apps.sales.models import Sale
from apps.sales.rules import Payment
from apps.shops.days import day_of
from apps.shops.models import Shop
from apps.till.kinds import TenderKind


@dataclass(eq=False)
class ClaimOfAnother(Conflict):
    """A slip, a deposit or a scheme of somebody else than the bill is for."""

    number: str
    name: str

    def __str__(self) -> str:
        return _(
            "%(number)s belongs to %(name)s, and the bill is for somebody else."
            " Put %(name)s on the bill, or take the payment back."
        ) % {"number": self.number, "name": self.name}


@dataclass(eq=False)
class ClaimUsedUp(Conflict):
    number: str

    def __str__(self) -> str:
        return _("Nothing is left of %(number)s. Take another payment.") % {"number": self.number}


def read(payment: Payment, *, shop: Shop, at: datetime) -> Claim:
    """The claim that a payment names, as it is now; nothing is locked.

    Raises SlipNotFound, NoClaim, DepositNotFound, DepositNotOpen, DepositRunOut,
    MembershipNotFound, MembershipNotOpen, NotRipe, RateMissing, ClaimUsedUp.
    """
    if payment.kind == TenderKind.OLD_GOLD:
        claim = of_slip(slip_by_code(payment.instrument))
    elif payment.kind == TenderKind.SCHEME:
        claim = of_scheme(membership_by_number(payment.instrument), shop=shop, at=at)
    else:
        deposit = deposit_by_number(payment.instrument)
        demand_usable(deposit, day=day_of(shop, at))
        claim = of_deposit(deposit, pieces_of(deposit, aside=True), shop=shop, at=at)
    if not claim.left:
        raise ClaimUsedUp(number=claim.number)
    return claim


def read_all(
    payments: Iterable[Payment], *, shop: Shop, at: datetime
) -> tuple[dict[Key, Claim], dict[Key, Refusal]]:
    """What each of these payments can claim, and why the others cannot."""
    claims: dict[Key, Claim] = {}
    refused: dict[Key, Refusal] = {}
    for payment in payments:
        try:
            claims[key_of(payment)] = read(payment, shop=shop, at=at)
        except Refusal as refusal:
            refused[key_of(payment)] = refusal
    return claims, refused


def owner_of(payments: Sequence[Payment], *, customer: int | None) -> int | None:
    """Whose bill it is that these claims pay: `customer`, or else whose the claims are.

    Raises ClaimOfAnother, SlipNotFound, DepositNotFound, CustomerNotFound.
    """
    for payment in payments:
        owner, number = _owner(payment)
        if customer is not None and customer != owner.pk and not _became(customer, owner):
            raise ClaimOfAnother(number=number, name=owner.name)
        customer = owner.pk
    return customer


def _became(customer: int, owner: Customer) -> bool:
    """Whether the two were made one since. Raises CustomerNotFound."""
    return customer_by_id(customer).pk == owner.pk


def _owner(payment: Payment) -> tuple[Customer, str]:
    if payment.kind == TenderKind.OLD_GOLD:
        slip = slip_by_code(payment.instrument)
        return slip.customer, slip.code
    if payment.kind == TenderKind.SCHEME:
        member = membership_by_number(payment.instrument)
        return member.customer, member.number
    deposit = deposit_by_number(payment.instrument)
    return deposit.customer, deposit.number


@dataclass(frozen=True, slots=True)
class Left:
    """What a bill left of a slip or a deposit that paid it; it stays the customer's."""

    kind: str
    number: str
    amount: Decimal


def left_of_claims(sale: Sale) -> list[Left]:
    """What is left now of the slips and deposits that paid this bill.

    A bill without them asks the database nothing.
    """
    slips = [each["number"] for each in sale.terms.get("trade_ins", ())]
    deposit = sale.terms.get("deposit", {}).get("number")
    left = []
    if slips:
        found = open_claims(customer=sale.customer_id).filter(code__in=slips)
        left = [Left(TenderKind.OLD_GOLD, slip.code, slip.claim_left) for slip in found]
    if deposit:
        held = balance_of(deposit_by_number(deposit)).amount
        left += [Left(TenderKind.DEPOSIT, deposit, held)] if held > 0 else []
    return left


def of_slip(slip: OldGoldSlip) -> Claim:
    return Claim(
        kind=TenderKind.OLD_GOLD,
        number=slip.code,
        left=slip.claim_left,
        customer=slip.customer_id,
        customer_name=slip.customer.name,
        trade_in=trade_in_terms(slip.code),
        shown={"items": [_item(item) for item in slip.items.order_by("position")]},
    )


def _item(item: Any) -> dict[str, Any]:
    """What a bill prints of old gold. Units: grams; parts per ten thousand."""
    return {
        "description": item.description,
        "metal": item.metal,
        "gross_weight_g": format(item.gross_weight_g, "f"),
        "net_weight_g": format(item.net_weight_g, "f"),
        "fineness": item.offered_fineness,
        "fine_weight_g": format(item.fine_weight_g, "f"),
        "value": format(item.value, "f"),
    }


def of_deposit(deposit: Deposit, aside: Sequence[Any], *, shop: Shop, at: datetime) -> Claim:
    return Claim(
        kind=TenderKind.DEPOSIT,
        number=deposit.number,
        left=balance_of(deposit).amount,
        customer=deposit.customer_id,
        customer_name=deposit.customer.name,
        deposit=terms_for(deposit, shop=shop, at=at),
        reserved=frozenset(row.tag for row in aside),
    )


def of_scheme(member: Membership, *, shop: Shop, at: datetime) -> Claim:
    """A passbook as a claim: money saved and bonus together. Raises MembershipNotOpen, NotRipe."""
    if member.state != MembershipState.OPEN:
        raise MembershipNotOpen(number=member.number, state=member.state)
    benefit = benefit_of(member, shop=shop, at=at)
    if not benefit.is_ripe:
        raise NotRipe(number=member.number, ripe_on=member.ripe_on)
    return Claim(
        kind=TenderKind.SCHEME,
        number=member.number,
        left=max(benefit.spend, Decimal(0)),
        customer=member.customer_id,
        customer_name=member.customer.name,
        benefit=benefit,
    )
