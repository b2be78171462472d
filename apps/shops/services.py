"""Writes: who belongs to a shop, tokens, and the number series of a register."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.core.currencies import CURRENCIES
from apps.core.errors import Invalid
from apps.shops.identity import digest_of
from apps.shops.models import ApiToken, Branch, Member, Register, Role, Shop
from apps.shops.scope import shop_scope
from apps.shops.selectors import RegisterNotFound
from apps.users.models import User


@dataclass(eq=False)
class ShopImpossible(Invalid):
    field: str
    value: str

    def __str__(self) -> str:
        return _("%(value)s is no %(field)s. Write it as AED or Asia/Dubai are written.") % {
            "value": self.value,
            "field": self.field,
        }


@transaction.atomic
def open_shop(
    *, name: str, slug: str, currency: str, tax_pack: str, time_zone: str = "UTC", **details: object
) -> Shop:
    """Found a shop with one branch and one register.

    Raises ShopImpossible: a currency or a time zone that is none would fail on every page.
    """
    if currency not in CURRENCIES:
        raise ShopImpossible(field="currency", value=currency)
    if time_zone not in available_timezones():
        raise ShopImpossible(field="time_zone", value=time_zone)
    shop = Shop.objects.create(
        name=name,
        slug=slug,
        currency=currency,
        tax_pack=tax_pack,
        time_zone=time_zone,
        **details,
    )
    with shop_scope(shop.pk):
        branch = Branch.objects.create(name=name)
        Register.objects.create(branch=branch, code="1", name="Till 1")
    return shop


def issue_token(*, member: Member, at: datetime) -> str:
    """Make a key to the API for the member and return it; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(member=member, digest=digest_of(token), created_at=at)
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNumber:
    """A register's next number, printed as `1-000042`."""

    register_id: int
    code: str
    number: int

    def __str__(self) -> str:
        return f"{self.code}-{self.number:06d}"


def next_number(*, code: str = "") -> DocumentNumber:
    """Take the next number of a register; the row stays locked until the transaction ends.

    Gap-free, because a transaction that fails gives its number back. Call it
    as late as possible: until the commit every other sale of this register waits.
    Without a code the shop's first register is meant.

    Raises RegisterNotFound.
    """
    assert connection.in_atomic_block, "a number belongs to the transaction that uses it"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE shops_register SET last_number = last_number + 1"
            " WHERE id = (SELECT id FROM shops_register"
            "  WHERE shop_id = (SELECT current_shop_id())"
            "   AND (%(code)s = '' OR code = %(code)s)"
            "  ORDER BY code LIMIT 1)"
            " RETURNING id, code, last_number",
            {"code": code},
        )
        row = cursor.fetchone()
    if row is None:
        raise RegisterNotFound(code=code)
    return DocumentNumber(register_id=row[0], code=row[1], number=row[2])


def enrol(*, user: User, shop: Shop, role: Role) -> Member:
    """Make a user a member of a shop."""
    return Member.objects.create(user=user, shop=shop, role=role)
