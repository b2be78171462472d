"""Writes: who works in the shop, as what, and whose keys still open it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Forbidden, NotFound
from apps.shops.models import ApiToken, Member, Role
from apps.users.services import person


class PeopleNotYours(Forbidden):
    def __str__(self) -> str:
        return _("Who works in the shop is decided by its owner. Ask the owner.")


class MemberGone(NotFound):
    def __str__(self) -> str:
        return _("This person is not in the shop any more. Look at the list again.")


class TokenGone(NotFound):
    def __str__(self) -> str:
        return _("This key is none of the shop's, or was revoked already. Look at the list again.")


@dataclass(eq=False)
class MemberAlready(Conflict):
    person: str

    def __str__(self) -> str:
        return _("%(person)s works in this shop already. Change their role in the list.") % {
            "person": self.person
        }


class LastOwner(Conflict):
    def __str__(self) -> str:
        return _("The shop would have no owner. Make somebody else an owner first.")


class NotYourself(Conflict):
    def __str__(self) -> str:
        return _("You would let yourself go. Another owner does that.")


@transaction.atomic
def take_on(
    *, username: str, name: str, password: Callable[[], str], role: Role, by: Member
) -> Member:
    """Give a person a place in the shop of `by`; one who was let go comes back as `role`.

    A user name that is known takes no password. Raises PeopleNotYours, MemberAlready,
    PersonImpossible.
    """
    _demand_owner(by)
    user = person(name=username, password=password)
    if name and not user.get_full_name():
        user.first_name = name
        user.save(update_fields=["first_name"])
    known = (
        Member.objects.select_for_update(no_key=True).filter(user=user, shop_id=by.shop_id).first()
    )
    if known is None:
        with refuse_on({"shops_member_unique": MemberAlready(person=str(user))}):
            return Member.objects.create(user=user, shop_id=by.shop_id, role=role)
    if known.let_go_at is None:
        raise MemberAlready(person=str(user))
    known.let_go_at, known.role, known.pin = None, role, ""
    known.pin_failures, known.pin_locked_until = 0, None
    known.save(update_fields=["let_go_at", "role", "pin", "pin_failures", "pin_locked_until"])
    return known


@transaction.atomic
def change_role(*, member: int, role: Role, by: Member) -> Member:
    """Let a person work as something else; it counts from their next request.

    Raises PeopleNotYours, MemberGone, LastOwner.
    """
    _demand_owner(by)
    found = _to_change(member, by)
    found.role = role
    with refuse_on({"shops_member_owner_stays": LastOwner()}):
        found.save(update_fields=["role"])
    return found


@transaction.atomic
def let_go(*, member: int, by: Member, at: datetime) -> Member:
    """End a person's work in the shop: no page and no program of theirs opens it any more.

    Their row stays, as documents name it. Raises PeopleNotYours, MemberGone, NotYourself,
    LastOwner.
    """
    _demand_owner(by)
    if member == by.pk:
        raise NotYourself
    found = _to_change(member, by)
    found.let_go_at, found.pin = at, ""
    with refuse_on({"shops_member_owner_stays": LastOwner()}):
        found.save(update_fields=["let_go_at", "pin"])
    ApiToken.objects.filter(member=found, revoked_at=None).update(revoked_at=at)
    return found


def revoke_token(*, token: int, by: Member, at: datetime) -> ApiToken:
    """Let a key to the API open nothing any more. Raises PeopleNotYours, TokenGone."""
    _demand_owner(by)
    found = (
        ApiToken.objects.filter(pk=token, member__shop_id=by.shop_id, revoked_at=None)
        .select_related("member__user")
        .first()
    )
    if found is None:
        raise TokenGone
    ApiToken.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=at)
    return found


def _to_change(member: int, by: Member) -> Member:
    found = (
        Member.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(pk=member, shop_id=by.shop_id, let_go_at=None)
        .first()
    )
    if found is None:
        raise MemberGone
    return found


def _demand_owner(by: Member) -> None:
    if by.role != Role.OWNER:
        raise PeopleNotYours
