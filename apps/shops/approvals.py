"""Permission, reason and a second person's PIN, for what can cost the shop money."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Forbidden, Invalid
from apps.shops.models import IN_CHARGE, Action, Approval, Member, PinFailure, Role
from apps.shops.policies import policy, set_policy
from apps.shops.scope import shop_scope

SHORTEST_PIN: Final = 4
LONGEST_PIN: Final = 12
_FAILURES: Final = 5
_LOCKED_FOR: Final = timedelta(minutes=15)
_PIN_LOCK: Final = 0x50494E  # which lock it is, beside the shop's number
_EVERYBODY: Final = tuple(Role.values)
# Who may ask. Whoever is in charge needs nobody else; the others do above the limit.
_ASKED_BY: Final[dict[str, tuple[str, ...]]] = {
    Action.MELT: IN_CHARGE,
    Action.RATE: (*IN_CHARGE, Role.SALESPERSON),
    Action.FORFEIT: IN_CHARGE,
    Action.CORRECT: IN_CHARGE,
    Action.WEIGHT: IN_CHARGE,
    Action.WRITE_OFF: IN_CHARGE,
    Action.COUNT: IN_CHARGE,
    Action.MEMO: IN_CHARGE,
    Action.MERGE: IN_CHARGE,
    Action.ERASE: (Role.OWNER,),
    Action.SEE_COST: IN_CHARGE,
}
# Permissions that are given for what pieces cost: their amounts are for who may see that.
AT_COST: Final = frozenset({Action.WRITE_OFF, Action.COUNT, Action.TRANSFER, Action.MEMO})
# Up to this much a person needs no second one: NULL is any amount.
_LIMITS: Final[dict[str, Decimal | None]] = {
    Action.TRADE_IN: None,
    Action.OLD_GOLD: None,
    Action.REPRINT: None,
}

# A wrong PIN is counted though its transaction is given up: ShopScopeMiddleware writes it after.
wrong_pins: ContextVar[list[int] | None] = ContextVar("wrong_pins", default=None)


@dataclass(eq=False)
class NotAllowed(Forbidden):
    action: str

    def __str__(self) -> str:
        return _("%(action)s: your role does not allow it. Ask the owner.") % {
            "action": Action(self.action).label
        }


@dataclass(eq=False)
class ReasonMissing(Invalid):
    action: str

    def __str__(self) -> str:
        return _("%(action)s: there is no reason. Write why.") % {
            "action": Action(self.action).label
        }


@dataclass(eq=False)
class ApprovalNeeded(Conflict):
    action: str

    def __str__(self) -> str:
        return _("%(action)s: a second person must approve this. Let them type their PIN.") % {
            "action": Action(self.action).label
        }


class PinRefused(Forbidden):
    """The same answer to an unknown person, a wrong PIN and a person who may not approve."""

    def __str__(self) -> str:
        return _("The approval did not come through. Check the person and the PIN.")


class PinLocked(Forbidden):
    def __str__(self) -> str:
        return _("The PIN was wrong too often. Wait a quarter of an hour.")


@dataclass(eq=False)
class PinImpossible(Invalid):
    def __str__(self) -> str:
        return _("A PIN is 4 to 12 digits, not all the same. Choose another.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """The second person: a user name of this shop, and what they typed."""

    username: str
    pin: str


@dataclass(eq=False)
class PinIsYours(Forbidden):
    """Only its owner chooses a PIN; the shop's owner may take it away."""

    def __str__(self) -> str:
        return _("A PIN is taken away by the owner of the shop alone. Ask the owner.")


def take_pin_away(*, member: int, by: Member) -> Member:
    """Let a member of the owner's shop have no PIN until they choose a new one.

    Raises PinIsYours, Member.DoesNotExist.
    """
    if by.role != Role.OWNER:
        raise PinIsYours
    found = Member.objects.select_related("user").get(pk=member, shop_id=by.shop_id)
    Member.objects.filter(pk=found.pk).update(pin="", pin_failures=0, pin_locked_until=None)
    return found


def set_pin(*, member: Member, pin: str) -> None:
    """Give the member a new PIN. Raises PinImpossible."""
    possible = pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN
    if not possible or len(set(pin)) == 1:
        raise PinImpossible
    Member.objects.filter(pk=member.pk).update(
        pin=make_password(pin), pin_failures=0, pin_locked_until=None
    )


def permit(
    action: Action,
    *,
    by: Member,
    reason: str,
    reference: str,
    at: datetime,
    amount: Decimal | None = None,
    approver: Approver | None = None,
) -> Approval:
    """Write down that `by` may do this for this reason, approved where the shop wants it.

    The shop's `approvals` policy names, for an action, `roles` (who may ask)
    and `limit` (money up to which nobody else is needed; null: any amount).
    Owners and managers need no second person.

    Raises NotAllowed, ReasonMissing, ApprovalNeeded, PinRefused, PinLocked.
    """
    rule = _rule(action, policy("approvals", at=at).get(action.value, {}))
    if by.role not in rule.roles:
        raise NotAllowed(action=action.value)
    if not reason.strip():
        raise ReasonMissing(action=action.value)
    second = None
    if approver is not None:
        second = _approved(approver, by=by, at=at)
    elif _needs_second(rule, by=by, amount=amount):
        raise ApprovalNeeded(action=action.value)
    return Approval.objects.create(
        action=action,
        reference=reference,
        amount=amount,
        reason=reason.strip(),
        asked_by=by,
        approved_by=second,
        at=at,
    )


def agree(
    action: Action,
    *,
    asked_by: Member,
    approved_by: Member,
    reason: str,
    reference: str,
    at: datetime,
) -> Approval:
    """Write down that somebody in charge, who is signed in themself, said yes to another's wish.

    Raises NotAllowed.
    """
    if approved_by.role not in IN_CHARGE or approved_by.pk == asked_by.pk:
        raise NotAllowed(action=action.value)
    return Approval.objects.create(
        action=action,
        reference=reference,
        reason=reason,
        asked_by=asked_by,
        approved_by=approved_by,
        at=at,
    )


def may(action: Action, *, by: Member, at: datetime) -> bool:
    """Whether the shop's table lets this person's role do it at all. One query."""
    return by.role in _rule(action, policy("approvals", at=at).get(action.value, {})).roles


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may ask for an action, and the money up to which nobody else is needed (None: any)."""

    roles: tuple[str, ...]
    limit: Decimal | None


def rules_now(*, at: datetime) -> dict[Action, Rule]:
    """The rule of every action in force at `at`. One query."""
    set_by_shop = policy("approvals", at=at)
    return {action: _rule(action, set_by_shop.get(action.value, {})) for action in Action}


def _rule(action: Action, words: Mapping[str, Any]) -> Rule:
    limit = words["limit"] if "limit" in words else _LIMITS.get(action, Decimal(0))
    roles = words.get("roles", _ASKED_BY.get(action, _EVERYBODY))
    return Rule(
        # The owner always may: nobody locks themself out of their own shop.
        roles=tuple(role for role in Role.values if role in roles or role == Role.OWNER),
        limit=None if limit is None else Decimal(limit),
    )


def set_rules(rules: Mapping[Action, Rule], *, by: Member, at: datetime) -> None:
    """Let these rules count from now on, for the actions that are named."""
    changed = {
        action.value: {
            "roles": list(rule.roles),
            "limit": None if rule.limit is None else format(rule.limit, "f"),
        }
        for action, rule in rules.items()
    }
    set_policy("approvals", {**policy("approvals", at=at), **changed}, by=by, at=at)


def needs_second(action: Action, *, by: Member, amount: Decimal | None, at: datetime) -> bool:
    """Whether this person would need an approver: what a form asks before it is sent."""
    rule = _rule(action, policy("approvals", at=at).get(action.value, {}))
    return _needs_second(rule, by=by, amount=amount)


def _needs_second(rule: Rule, *, by: Member, amount: Decimal | None) -> bool:
    if by.role in IN_CHARGE:
        return False
    return rule.limit is not None and (amount is None or abs(amount) > rule.limit)


def _approved(approver: Approver, *, by: Member, at: datetime) -> Member:
    member = (
        Member.objects.select_related("user")
        .filter(
            shop_id=by.shop_id,
            user__username=approver.username,
            role__in=IN_CHARGE,
            let_go_at=None,
        )
        .exclude(pk=by.pk)
        .first()
    )
    if member is None:
        check_password(approver.pin, make_password("1234"))  # as long as a known name would take
        raise PinRefused
    if member.pin_locked_until is not None and member.pin_locked_until > at:
        raise PinLocked
    if not member.pin or not check_password(approver.pin, member.pin):
        failed = wrong_pins.get()
        if failed is not None:
            failed.append(member.pk)
        raise PinRefused
    if member.pin_failures:
        Member.objects.filter(pk=member.pk).update(pin_failures=0, pin_locked_until=None)
    return member


def wait_for_others(shop_id: int) -> None:
    """Let one request of the shop at a time try a PIN, until its transaction ends.

    Otherwise those who guess at four tills at once would be counted only after all four.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_PIN_LOCK, shop_id])


def count_wrong(members: list[int], *, by: Member, at: datetime) -> None:
    """Remember wrong PINs that `by` typed, outside the transaction that they ended."""
    with shop_scope(by.shop_id):
        for pk in members:
            meant = Member.objects.select_for_update(no_key=True).get(pk=pk)
            failures = meant.pin_failures + 1
            locked = failures >= _FAILURES
            meant.pin_failures = 0 if locked else failures
            if locked:
                meant.pin_locked_until = at + _LOCKED_FOR
            meant.save(update_fields=["pin_failures", "pin_locked_until"])
            PinFailure.objects.create(member=meant, tried_by=by, locked=locked, at=at)
