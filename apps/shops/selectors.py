"""Reads: shops, their branches and members, and what was approved."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import Invalid, NotFound
from apps.shops.models import Action, ApiToken, Approval, Branch, Member, PolicyVersion, Shop

_LONGEST_SEARCH = 40


@dataclass(eq=False)
class RegisterNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        if not self.code:
            return _("This shop has no register. Ask the owner to add one.")
        return _("This shop has no register %(code)s. Check its number.") % {"code": self.code}


@dataclass(eq=False)
class ShopNotFound(NotFound):
    shop: str

    def __str__(self) -> str:
        return _("No shop is called %(shop)s here. Check the name.") % {"shop": self.shop}


@dataclass(eq=False)
class MemberNotFound(NotFound):
    member: str

    def __str__(self) -> str:
        return _("%(member)s is no member of this shop. Ask the owner to add them.") % {
            "member": self.member
        }


@dataclass(eq=False)
class BranchNotFound(NotFound):
    branch: str

    def __str__(self) -> str:
        return _("This shop has no branch %(branch)s. Check the name.") % {"branch": self.branch}


@dataclass(eq=False)
class BranchUnsaid(Invalid):
    """Nobody said which, and the shop has several."""

    branches: list[str]

    def __str__(self) -> str:
        return _("The shop has several branches. Name one of %(branches)s.") % {
            "branches": ", ".join(self.branches)
        }


def shop_named(shop: str) -> Shop:
    """The shop with this slug, or this id. Raises ShopNotFound."""
    by = {"pk": int(shop)} if shop.isascii() and shop.isdigit() else {"slug": shop}
    try:
        return Shop.objects.get(**by)
    except Shop.DoesNotExist:
        raise ShopNotFound(shop=shop) from None


def member_named(*, shop: Shop, member: str) -> Member:
    """The member with this user name in the shop. Raises MemberNotFound."""
    try:
        return Member.objects.select_related("user", "shop").get(
            shop=shop, user__username=member, let_go_at=None
        )
    except Member.DoesNotExist:
        raise MemberNotFound(member=member) from None


def branches() -> list[Branch]:
    """Where the shop sells, by name."""
    return list(Branch.objects.order_by("name"))


def branch_named(name: str = "") -> Branch:
    """The branch with this name; with none given, the only one there is.

    Raises BranchNotFound, BranchUnsaid.
    """
    known = branches()
    if not name and len(known) > 1:
        raise BranchUnsaid(branches=[branch.name for branch in known])
    for branch in known:
        if not name or branch.name == name:
            return branch
    raise BranchNotFound(branch=name)


def members_of(shop: Shop) -> list[Member]:
    """Who works in the shop or ever did, by name: what old documents are looked for by."""
    members = Member.objects.filter(shop=shop).select_related("user")
    return list(members.order_by("user__username"))


def staff_of(shop: Shop) -> list[Member]:
    """Who works in the shop now, by name."""
    return [member for member in members_of(shop) if member.let_go_at is None]


def approvals_listed(*, action: str = "", person: str = "", search: str = "") -> QuerySet[Approval]:
    """Approvals, newest first: of an action, of a person who asked or approved, of a document.

    `search` is the start of the document's number, or a part of the reason.
    """
    found = Approval.objects.select_related("asked_by__user", "approved_by__user").order_by("-pk")
    if action in Action.values:
        found = found.filter(action=action)
    person = person.replace("\x00", "")
    if person:
        found = found.filter(
            Q(asked_by__user__username=person) | Q(approved_by__user__username=person)
        )
    words = search.replace("\x00", "").strip()[:_LONGEST_SEARCH]
    if words:
        found = found.filter(Q(reference__istartswith=words) | Q(reason__icontains=words))
    return found


def tokens_of(shop: Shop) -> list[ApiToken]:
    """The keys to the API that still open this shop, the newest first."""
    tokens = ApiToken.objects.filter(member__shop=shop, revoked_at=None)
    return list(tokens.select_related("member__user").order_by("-pk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One version of the permission table, and what it made different from the one before."""

    at: datetime
    by: Member | None
    actions: list[str]  # in words


_VERSIONS_SHOWN = 20


def rule_versions() -> list[RuleChange]:
    """The latest versions of the permission table, newest first. One query."""
    newest = list(
        PolicyVersion.objects.filter(section="approvals")
        .select_related("set_by__user")
        .order_by("-valid_from", "-pk")[: _VERSIONS_SHOWN + 1]
    )
    befores = [*newest[1:], None][: len(newest)]
    changes = [
        RuleChange(
            at=version.valid_from,
            by=version.set_by,
            actions=[
                str(Action(code).label)
                for code in Action.values
                if version.values.get(code) != (before.values.get(code) if before else None)
            ],
        )
        for version, before in zip(newest, befores, strict=True)
    ]
    return changes[:_VERSIONS_SHOWN]
