"""The claim that an exchange gives: used by sales, given back by their voids, paid out.

Each locks the seller's row and then the slip's, so that two tills cannot use the same money.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import money
from apps.core.units import currency
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.pricing.rules.terms import TradeInTerms
from apps.purchasing.models import (
    ClaimMove,
    ClaimMoveKind,
    ClaimPayout,
    OldGoldSlip,
    Purpose,
    SlipState,
)
from apps.purchasing.policy import old_gold_policy
from apps.purchasing.selectors.claims import open_claims
from apps.purchasing.selectors.slips import slip_by_code
from apps.purchasing.services.numbered import head_of
from apps.purchasing.services.offers import PaidBy
from apps.purchasing.services.paying import pay_seller
from apps.shops.approvals import ApprovalNeeded, Approver, permit
from apps.shops.models import IN_CHARGE, Action, Member
from apps.shops.services import next_number

__all__ = [
    "ClaimTooSmall",
    "NoClaim",
    "open_claims",
    "pay_claim",
    "release_claim",
    "trade_in_terms",
    "use_claim",
]


@dataclass(eq=False)
class NoClaim(Conflict):
    """A slip that was paid at once, or voided."""

    slip: str

    def __str__(self) -> str:
        return _("Slip %(slip)s is no claim: it was paid for at once, or is void.") % {
            "slip": self.slip
        }


@dataclass(eq=False)
class ClaimTooSmall(Conflict):
    slip: str
    left: Decimal
    wanted: Decimal
    currency: str

    def __str__(self) -> str:
        return _(
            "Of slip %(slip)s %(left)s is left, and %(wanted)s was to be used. Take the rest"
            " another way."
        ) % {
            "slip": self.slip,
            "left": money(self.left, self.currency),
            "wanted": money(self.wanted, self.currency),
        }


@dataclass(eq=False)
class ClaimAmountImpossible(Invalid):
    amount: Decimal

    def __str__(self) -> str:
        return _("%(amount)s is no amount of old gold. Write more than zero.") % {
            "amount": self.amount
        }


@dataclass(eq=False)
class NothingUsed(Conflict):
    slip: str
    reference: str

    def __str__(self) -> str:
        return _("%(reference)s used nothing of slip %(slip)s, or gave it back already.") % {
            "reference": self.reference,
            "slip": self.slip,
        }


@dataclass(eq=False)
class UsedHere(Conflict):
    slip: str
    reference: str

    def __str__(self) -> str:
        return _("Slip %(slip)s pays for %(reference)s already. Put it down once.") % {
            "slip": self.slip,
            "reference": self.reference,
        }


@transaction.atomic
def use_claim(
    *, slip: str, amount: Decimal, sale_reference: str, by: Member, at: datetime
) -> list[Amount]:
    """Let a sale take so much of a slip's claim; the debits to post with the sale.

    The customer's row and then the slip's stay locked until the transaction ends: never is more
    used than is left. Raises SlipNotFound, NoClaim, ClaimTooSmall, ClaimAmountImpossible, UsedHere.
    """
    claim = _claim_to_change(slip)
    if not amount.is_finite() or amount <= 0 or amount % currency(claim.currency).step:
        raise ClaimAmountImpossible(amount=amount)
    if amount > claim.claim_left:
        raise ClaimTooSmall(
            slip=claim.code, left=claim.claim_left, wanted=amount, currency=claim.currency
        )
    if claim.moves.filter(kind=ClaimMoveKind.USED, reference=sale_reference).exists():
        raise UsedHere(slip=claim.code, reference=sale_reference)
    return _move(claim, ClaimMoveKind.USED, amount, reference=sale_reference, by=by, at=at)


@transaction.atomic
def release_claim(*, slip: str, sale_reference: str, by: Member, at: datetime) -> list[Amount]:
    """Give back what a sale that is undone used of a slip; the credits to post with its void.

    Once for each sale. Raises SlipNotFound, NoClaim, NothingUsed.
    """
    claim = _claim_to_change(slip)
    moves = {
        move.kind: move for move in ClaimMove.objects.filter(slip=claim, reference=sale_reference)
    }
    if ClaimMoveKind.USED not in moves or ClaimMoveKind.RELEASED in moves:
        raise NothingUsed(slip=claim.code, reference=sale_reference)
    amount = moves[ClaimMoveKind.USED].amount
    return _move(claim, ClaimMoveKind.RELEASED, amount, reference=sale_reference, by=by, at=at)


def trade_in_terms(slip: str, *, amount: Decimal | None = None) -> TradeInTerms:
    """What a quote must know of a slip: so much of it is taken in payment, all that is left if
    nobody says how much.

    Old precious metal for new is like kind; whether that lowers the tax base is the tax pack's.
    Raises SlipNotFound, NoClaim.
    """
    claim = slip_by_code(slip)
    _demand_claim(claim)
    metals = set(claim.items.values_list("metal", flat=True))
    return TradeInTerms(
        description=claim.code,
        metal=metals.pop() if len(metals) == 1 else "",
        amount=claim.claim_left if amount is None else amount,
        like_kind=True,
    )


@transaction.atomic
def pay_claim(
    *,
    slip: str,
    payments: tuple[PaidBy, ...],
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
    approver: Approver | None = None,
    cash_reason: CashReason = NO_REASON,
) -> ClaimPayout:
    """Pay the seller what is left of a claim, by tenders that the place allows.

    Where the slip was taken at more than the rate for money, a clerk needs a second person:
    otherwise the premium of an exchange could be had in cash. A key that came before is answered
    with its payout.

    Raises SlipNotFound, NoClaim, ClaimTooSmall, what paying and `permit` raise.
    """
    first = ClaimPayout.objects.filter(key=key).first()
    if first is not None:
        return first
    claim = _claim_to_change(slip)
    first = ClaimPayout.objects.filter(key=key).first()
    if first is not None:
        return first
    amount = claim.claim_left
    if not amount:
        raise ClaimTooSmall(
            slip=claim.code, left=amount, wanted=claim.total, currency=claim.currency
        )
    raised = claim.items.filter(premium_percent__gt=0).exists()
    if raised and by.role not in IN_CHARGE and approver is None:
        raise ApprovalNeeded(action=Action.OLD_GOLD.value)
    number = next_number(by=by, at=at, code=register, kind="O")
    permit(
        Action.OLD_GOLD,
        by=by,
        reason=reason,
        reference=str(number),
        at=at,
        amount=amount,
        approver=approver,
    )
    payout = ClaimPayout.objects.create(
        **head_of(number, key=key, by=by, at=at),
        slip=claim,
        amount=amount,
        reason=reason.strip()[:200],
    )
    paid = pay_seller(
        payments,
        total=amount,
        place=old_gold_policy(shop=by.shop, at=at).place,
        what="old-gold-payout",
        number=number,
        customer=claim.customer,
        by=by,
        at=at,
        cash_reason=cash_reason,
    )
    owed = _move(claim, ClaimMoveKind.PAID_OUT, amount, reference=payout.code, by=by, at=at)
    post(
        what="old-gold-payout",
        reference=payout.code,
        at=at,
        day=payout.day,
        by=by,
        amounts=[*owed, *paid],
        shift=number.shift_id,
    )
    return payout


def give_up_claim(claim: OldGoldSlip, *, reference: str, by: Member, at: datetime) -> list[Amount]:
    """End the whole claim of a locked slip that is voided; the debit to post with the void."""
    return _move(claim, ClaimMoveKind.VOIDED, claim.claim_left, reference=reference, by=by, at=at)


def _claim_to_change(code: str) -> OldGoldSlip:
    """The slip with its seller's row and its own locked, in that order."""
    seller: Customer = slip_by_code(code).customer
    seller = customer_by_id(seller.pk, to_change=True)
    claim = slip_by_code(code, to_change=True)
    claim.customer = seller
    _demand_claim(claim)
    return claim


def _demand_claim(claim: OldGoldSlip) -> None:
    if claim.purpose != Purpose.EXCHANGE or claim.state != SlipState.TAKEN:
        raise NoClaim(slip=claim.code)


def _move(
    claim: OldGoldSlip,
    kind: ClaimMoveKind,
    amount: Decimal,
    *,
    reference: str,
    by: Member,
    at: datetime,
) -> list[Amount]:
    """Write down the move and what is left after it; what the ledger owes the seller less."""
    sign = -1 if kind == ClaimMoveKind.RELEASED else 1
    claim.claim_left -= sign * amount
    claim.save(update_fields=["claim_left"])
    ClaimMove.objects.create(
        slip=claim, kind=kind, reference=reference, amount=amount, at=at, by=by
    )
    return [
        Amount(
            account=chart.OLD_GOLD_DUE,
            commodity=claim.currency,
            amount=sign * amount,
            party=claim.customer_id,
        )
    ]
