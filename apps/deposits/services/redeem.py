"""A savings scheme pays for a bill: what was saved, and the bonus with it.

    benefit = benefit_of(membership, shop=…, at=…)           # for the counter
    discount = making_discount(benefit, grams=…)             # gram kind: for the price
    amounts = redeem(number=…, amount=…, sale_reference=…)   # into the bill's entry

The tender is the `amount`: money saved and bonus together. Its debits are what `redeem` answers.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.units import EXACT, Rounding, currency, round_to
from apps.deposits import rules
from apps.deposits.models import (
    Membership,
    MembershipState,
    SchemeMove,
    SchemeMoveKind,
)
from apps.deposits.refusals import (
    DepositOfAnother,
    MembershipNotOpen,
    MoreThanPaid,
    NotRipe,
)
from apps.deposits.selectors.schemes import Benefit, benefit_of, membership_to_change
from apps.deposits.services.passbook import (
    Step,
    demand_amount,
    owed_to_member,
    write_of_member,
)
from apps.ledger import chart
from apps.ledger.services import Amount
from apps.pricing.rules import DiscountOn, DiscountTerms
from apps.shops.models import Member

__all__ = ["benefit_of", "making_discount", "redeem", "reopen"]

_ZERO: Final = Decimal(0)
_MILLIGRAM: Final = Decimal("0.001")
_PERCENT_STEP: Final = Decimal("0.0001")


def making_discount(benefit: Benefit, *, grams: Decimal) -> DiscountTerms | None:
    """The discount by which no making is charged on the grams of a gram scheme.

    percent = grams of the scheme ÷ `grams` of the line that carry making × 100, cut, at most
    100. None where there are no such grams.
    """
    free = min(benefit.free_making_g, grams)
    if free <= 0:
        return None
    percent = EXACT.divide(EXACT.multiply(free, Decimal(100)), grams)
    return DiscountTerms(
        on=DiscountOn.MAKING,
        percent=round_to(percent, _PERCENT_STEP, Rounding.DOWN),
        reason=_("Savings scheme: no making on its grams"),
    )


@transaction.atomic
def redeem(
    *,
    number: str,
    amount: Decimal,
    sale_reference: str,
    by: Member,
    at: datetime,
    shift: int | None = None,
    customer: int | None = None,
) -> list[Amount]:
    """Spend so much of a ripe passbook on a bill; the debits that go into the bill's entry.

    The amount is taken from what was paid and from the bonus in proportion. The bonus is the
    shop's expense of the day it is used. `customer`: whose bill it is, where that was said.

    Raises MembershipNotFound, MembershipNotOpen, NotRipe, DepositOfAnother, AmountImpossible,
    MoreThanPaid, RateMissing, ClockBehind.
    """
    membership = membership_to_change(number)
    if membership.state != MembershipState.OPEN:
        raise MembershipNotOpen(number=number, state=membership.state)
    if customer is not None and customer != membership.customer_id:
        raise DepositOfAnother(number=number, name=membership.customer.name)
    demand_amount(amount, membership.currency)
    benefit = benefit_of(membership, shop=by.shop, at=at)
    if not benefit.is_ripe:
        raise NotRipe(number=number, ripe_on=membership.ripe_on)
    if amount > benefit.spend:
        raise MoreThanPaid(
            number=number, amount=amount, left=benefit.spend, currency=membership.currency
        )
    step = currency(membership.currency).step
    paid = rules.share_of(benefit.paid, amount, benefit.spend, step)
    grams = rules.share_of(benefit.grams, amount, benefit.spend, _MILLIGRAM)
    fine_g = rules.share_of(benefit.fine_g, amount, benefit.spend, _MILLIGRAM)
    write_of_member(
        membership,
        SchemeMoveKind.USED,
        Step(reference=sale_reference, amount=-paid, grams=-grams, fine_g=-fine_g, shift=shift),
        by=by,
        at=at,
        bonus=paid - amount,
    )
    if amount == benefit.spend:
        set_state(membership, MembershipState.REDEEMED)
    return _postings(membership, paid=paid, fine_g=fine_g, bonus=amount - paid)


@transaction.atomic
def reopen(
    *, sale_reference: str, by: Member, at: datetime, shift: int | None = None
) -> list[Amount]:
    """Undo what a bill took of every passbook, because the bill is void; the postings to add.

    Done again it does nothing. Raises ClockBehind.
    """
    numbers = sorted(
        set(
            SchemeMove.objects.filter(
                reference=sale_reference, kind=SchemeMoveKind.USED
            ).values_list("membership__number", flat=True)
        )
    )
    return [
        amount
        for number in numbers
        for amount in _reopen(
            membership_to_change(number), sale_reference, by=by, at=at, shift=shift
        )
    ]


def _reopen(
    membership: Membership, sale_reference: str, *, by: Member, at: datetime, shift: int | None
) -> list[Amount]:
    taken = SchemeMove.objects.filter(
        membership=membership,
        reference=sale_reference,
        kind__in=[SchemeMoveKind.USED, SchemeMoveKind.REOPENED],
    )
    paid = -sum((move.amount for move in taken), _ZERO)
    bonus = -sum((move.bonus for move in taken), _ZERO)
    if not paid and not bonus:
        return []
    fine_g = -sum((move.fine_g for move in taken), _ZERO)
    step = Step(
        reference=sale_reference,
        amount=paid,
        grams=-sum((move.grams for move in taken), _ZERO),
        fine_g=fine_g,
        shift=shift,
    )
    write_of_member(membership, SchemeMoveKind.REOPENED, step, by=by, at=at, bonus=bonus)
    set_state(membership, MembershipState.OPEN)
    return _postings(membership, paid=-paid, fine_g=-fine_g, bonus=-bonus)


def _postings(
    membership: Membership, *, paid: Decimal, fine_g: Decimal, bonus: Decimal
) -> list[Amount]:
    amounts = owed_to_member(membership, amount=-paid, fine_g=-fine_g)
    if bonus:
        amounts.append(
            Amount(account=chart.SCHEME_BONUS, commodity=membership.currency, amount=bonus)
        )
    return amounts


def set_state(membership: Membership, state: MembershipState) -> None:
    """Move a locked passbook on."""
    membership.state = state
    Membership.objects.filter(pk=membership.pk).update(state=state)
