"""Rates that wait for an owner or a manager: sent, taken, refused, or forgotten at midnight."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Forbidden, Invalid
from apps.pricing.direction import one_at_a_time
from apps.pricing.models import MetalRate, Outcome, RateProposal
from apps.pricing.services import demand_rate, set_rate
from apps.shops.approvals import NotAllowed, agree, may
from apps.shops.days import day_of, start_of
from apps.shops.models import IN_CHARGE, Action, Member

_LONGEST_REASON = 120


class ProposalReasonMissing(Invalid):
    def __str__(self) -> str:
        return _("There is no reason. Write why the rate changes, then send it.")


class ProposalGone(Conflict):
    def __str__(self) -> str:
        return _("This rate waits no more: it was decided, or its day is over. Look again.")


class ProposalNotYours(Forbidden):
    def __str__(self) -> str:
        return _("An owner or a manager who did not enter the rate decides. Ask one of them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerms:
    """Units: fineness in parts per ten thousand; amount is money per `unit`."""

    metal: str
    fineness: int
    side: str
    unit: str
    amount: Decimal


@transaction.atomic
def propose(*, terms: RateTerms, reason: str, by: Member, at: datetime) -> RateProposal:
    """Send a rate for approval. It prices nothing, and is forgotten when the shop's day ends.

    Raises NotAllowed, ProposalReasonMissing, RateImpossible.
    """
    if not may(Action.RATE, by=by, at=at):
        raise NotAllowed(action=Action.RATE.value)
    if not reason.strip():
        raise ProposalReasonMissing
    demand_rate(
        metal=terms.metal,
        fineness=terms.fineness,
        side=terms.side,
        unit=terms.unit,
        amount=terms.amount,
    )
    return RateProposal.objects.create(
        metal=terms.metal,
        fineness=terms.fineness,
        side=terms.side,
        unit=terms.unit,
        amount=terms.amount,
        reason=reason.strip()[:_LONGEST_REASON],
        asked_by=by,
        asked_at=at,
        expires_at=start_of(by.shop, day_of(by.shop, at) + timedelta(days=1)),
    )


@transaction.atomic
def take(*, proposal: int, by: Member, at: datetime) -> MetalRate:
    """Let a rate that waits count from now on. Raises ProposalNotYours, ProposalGone."""
    one_at_a_time(by.shop)
    found = _decided(proposal, Outcome.TAKEN, by=by, at=at)
    agree(
        Action.RATE,
        asked_by=found.asked_by,
        approved_by=by,
        reason=found.reason,
        reference=f"{found.metal} {found.fineness} {found.side}",
        at=at,
    )
    return set_rate(
        shop=by.shop,
        metal=found.metal,
        fineness=found.fineness,
        side=found.side,
        unit=found.unit,
        amount=found.amount,
        at=at,
        by=found.asked_by,
        reason=found.reason,
    )


@transaction.atomic
def refuse(*, proposal: int, by: Member, at: datetime) -> RateProposal:
    """Say no to a rate that waits. Raises ProposalNotYours, ProposalGone."""
    return _decided(proposal, Outcome.REFUSED, by=by, at=at)


def waiting(*, at: datetime) -> QuerySet[RateProposal]:
    """What waits for a word, the newest first."""
    return (
        RateProposal.objects.filter(outcome="", expires_at__gt=at)
        .select_related("asked_by__user")
        .order_by("-pk")
    )


def _decided(proposal: int, outcome: Outcome, *, by: Member, at: datetime) -> RateProposal:
    if by.role not in IN_CHARGE:
        raise ProposalNotYours
    found = waiting(at=at).select_for_update(of=("self",), no_key=True).filter(pk=proposal).first()
    if found is None:
        raise ProposalGone
    if found.asked_by_id == by.pk:
        raise ProposalNotYours
    found.outcome, found.decided_by, found.decided_at = outcome, by, at
    found.save(update_fields=["outcome", "decided_by", "decided_at"])
    return found
