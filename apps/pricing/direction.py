"""In whose favour a rate moves: staff may move it in the shop's, and nobody the other way alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Conflict, Forbidden
from apps.core.units import EXACT, round_to
from apps.pricing.models import OF_HISTORY, MetalRate, RateSide
from apps.pricing.rules.rates import per_gram, quoted
from apps.shops.approvals import Approver, NotAllowed, may, permit
from apps.shops.models import IN_CHARGE, Action, Member, Shop
from apps.shops.policies import policy, set_policy

# How far staff may move a rate alone, in percent, until the shop says otherwise.
USUAL_LIMIT: Final = Decimal(5)
_RATE_LOCK: Final = 0x7A7F  # which lock it is, beside the shop's number
_TENTH: Final = Decimal("0.1")
_A_WAIT: Final = timedelta(minutes=2)  # longer is no wait for a lock, but a wrong clock


@dataclass(eq=False)
class RateOneWay(Forbidden):
    """Against the shop, by somebody who is not in charge."""

    side: str

    def __str__(self) -> str:
        if self.side == RateSide.SELL:
            return _("You may raise this rate, not lower it. Ask the owner.")
        return _("You may lower this rate, not raise it. Ask the owner.")


class RateUnknown(Forbidden):
    def __str__(self) -> str:
        return _("This rate was never quoted, so nobody sees which way it goes. Ask the owner.")


@dataclass(eq=False)
class RateTooFar(Conflict):
    """In the shop's favour, but further than one person goes alone. Units: percent."""

    percent: Decimal
    limit: Decimal

    def __str__(self) -> str:
        return _(
            "This moves the rate by %(percent)s; you may move it by %(limit)s alone."
            " Send it for approval, or let an owner or a manager type their PIN."
        ) % {
            "percent": formatting.percent(self.percent, places=1),
            "limit": formatting.percent(self.limit),
        }


def limit_now(*, at: datetime) -> Decimal:
    """How far staff may move a rate alone, in percent. One query."""
    return Decimal(policy("rates", at=at).get("limit_percent", USUAL_LIMIT))


def set_limit(percent: Decimal, *, by: Member, at: datetime) -> None:
    """Let staff move a rate so far alone from now on. Units: percent."""
    set_policy("rates", {"limit_percent": format(percent, "f")}, by=by, at=at)


def one_at_a_time(shop: Shop) -> None:
    """Let changes of the shop's rates wait for each other, until the transaction ends.

    What is judged is the way from the rate that holds: two at once would both start from the old.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_RATE_LOCK, shop.pk])


def not_before_the_last(
    at: datetime, *, shop: Shop, metal: str, fineness: int, side: str
) -> datetime:
    """`at`, or the moment of the newest quotation where that is later.

    Who waited for another's change read the clock before it, and still comes after it.
    """
    last = (
        MetalRate.objects.filter(metal=metal, fineness=fineness, side=side, currency=shop.currency)
        .exclude(OF_HISTORY)
        .aggregate(last=Max("valid_from"))["last"]
    )
    return max(at, last) if last and last - at < _A_WAIT else at


def permit_rate(
    *,
    shop: Shop,
    metal: str,
    fineness: int,
    side: str,
    unit: str,
    amount: Decimal,
    by: Member,
    at: datetime,
    reason: str = "",
    approver: Approver | None = None,
) -> None:
    """Judge a rate that `by` wants to set; an approver's word is written down.

    Whoever is in charge sets any. Others, where the shop's table lets them at all, may raise what
    the shop sells at and lower what it buys at, up to the limit. Call it under `one_at_a_time`.

    Raises NotAllowed, RateOneWay, RateTooFar, RateUnknown; with an approver also ReasonMissing,
    PinRefused, PinLocked.
    """
    if not may(Action.RATE, by=by, at=at):
        raise NotAllowed(action=Action.RATE.value)
    if by.role in IN_CHARGE:
        return
    refusal = _refusal(
        shop=shop, metal=metal, fineness=fineness, side=side, unit=unit, amount=amount, at=at
    )
    if refusal is None:
        return
    if approver is None:
        raise refusal
    permit(
        Action.RATE,
        by=by,
        reason=reason,
        reference=f"{metal} {fineness} {side}",
        at=at,
        approver=approver,
    )


def _refusal(
    *,
    shop: Shop,
    metal: str,
    fineness: int,
    side: str,
    unit: str,
    amount: Decimal,
    at: datetime,
) -> RateOneWay | RateTooFar | RateUnknown | None:
    """Why somebody of the staff may not set this rate alone, if so. Two queries."""
    before = (
        MetalRate.objects.filter(metal=metal, fineness=fineness, side=side, currency=shop.currency)
        .exclude(OF_HISTORY)
        .order_by("-valid_from", "-pk")
        .first()
    )
    if before is None:
        return RateUnknown()
    then = per_gram(quoted(before.amount, before.unit, fineness), fineness)
    now = per_gram(quoted(amount, unit, fineness), fineness)
    if now < then if side == RateSide.SELL else now > then:
        return RateOneWay(side=side)
    moved = abs(EXACT.divide(EXACT.multiply(now - then, Decimal(100)), then))
    limit = limit_now(at=at)
    return RateTooFar(percent=round_to(moved, _TENTH), limit=limit) if moved > limit else None
