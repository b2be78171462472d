"""Old-gold slips, deposits and savings schemes pay a bill: locked before it, used with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from apps.customers.models import Customer
from apps.deposits.selectors.schemes import membership_to_change
from apps.deposits.services import use as deposits
from apps.deposits.services.redeem import redeem
from apps.ledger.services import Amount
from apps.purchasing.selectors.slips import slip_by_code
from apps.purchasing.services.claims import use_claim
from apps.sales.claim_reads import ClaimUsedUp, of_deposit, of_scheme, of_slip
from apps.sales.claims import Claim, Key, key_of
from apps.sales.rules import Payment
from apps.shops.models import Member
from apps.shops.services import DocumentNumber
from apps.till.kinds import TenderKind


def claims_to_use(
    payments: Sequence[Payment],
    *,
    customer: Customer | None,
    tags: Sequence[str],
    by: Member,
    at: datetime,
) -> Mapping[Key, Claim]:
    """Lock every claim that pays a bill with these tags; the customer is locked already.

    Pieces that lie aside for a deposit among them can be sold from here on.

    Raises as `read`, and PieceNotFound.
    """
    claims: dict[Key, Claim] = {}
    # In one order, and deposits last: with a deposit the pieces are locked.
    for payment in sorted(payments, key=_lock_order):
        if payment.kind == TenderKind.OLD_GOLD:
            claim = of_slip(slip_by_code(payment.instrument, to_change=True))
        elif payment.kind == TenderKind.SCHEME:
            claim = of_scheme(membership_to_change(payment.instrument), shop=by.shop, at=at)
        else:
            deposit = deposits.open_for_sale(
                number=payment.instrument,
                tags=tags,
                by=by,
                at=at,
                customer=customer.pk if customer else None,
            )
            claim = of_deposit(deposit, [], shop=by.shop, at=at)
        if not claim.left:
            raise ClaimUsedUp(number=claim.number)
        claims[key_of(payment)] = claim
    return claims


def _lock_order(payment: Payment) -> tuple[bool, str, str]:
    return payment.kind == TenderKind.DEPOSIT, payment.kind, payment.instrument


def use(
    payment: Payment, amount: Decimal, *, number: DocumentNumber, by: Member, at: datetime
) -> list[Amount]:
    """Take so much of a locked claim for the bill of this number; the debits to post with it."""
    if payment.kind == TenderKind.OLD_GOLD:
        return use_claim(
            slip=payment.instrument, amount=amount, sale_reference=str(number), by=by, at=at
        )
    if payment.kind == TenderKind.SCHEME:
        return redeem(
            number=payment.instrument,
            amount=amount,
            sale_reference=str(number),
            by=by,
            at=at,
            shift=number.shift_id,
        )
    return deposits.use(
        number=payment.instrument,
        amount=amount,
        sale_reference=str(number),
        by=by,
        at=at,
        shift=number.shift_id,
    )
