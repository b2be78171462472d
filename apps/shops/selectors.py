"""Reads: registers and shops."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.errors import Invalid, NotFound
from apps.shops.models import Branch, Member, Shop


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
        return Member.objects.select_related("user", "shop").get(shop=shop, user__username=member)
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
