"""Writes: who belongs to a shop, tokens, and the number series of a register."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.core.currencies import CURRENCIES
from apps.core.errors import Invalid
from apps.shops.identity import digest_of
from apps.shops.models import ApiToken, Branch, Member, Register, Role, Shop
from apps.shops.scope import shop_scope
from apps.shops.selectors import RegisterNotFound
from apps.shops.shifts import begin_unasked
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
    """A register's next number, printed as `1-000042`, or `1-R000042` for another kind.

    `shift_id` is the shift that is open at the register: the document belongs to it.
    """

    register_id: int
    code: str
    number: int
    shift_id: int
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.code}-{self.kind}{self.number:06d}"


_ONE_REGISTER: Final = (
    "(SELECT id FROM shops_register WHERE shop_id = (SELECT current_shop_id())"
    " AND (%(code)s = '' OR code = %(code)s) ORDER BY code LIMIT 1)"
)
_NEXT_SALE: Final = (
    "UPDATE shops_register SET last_number = last_number + 1"  # noqa: S608 - our own words
    f" WHERE id = {_ONE_REGISTER} RETURNING id, code, last_number, shift_id"
)
# Locks the register too: every document of a till waits for the one before it, whatever its kind.
_NEXT_OF_KIND: Final = (
    "WITH till AS MATERIALIZED (SELECT id, code, shift_id FROM shops_register"  # noqa: S608
    f" WHERE id = {_ONE_REGISTER} FOR UPDATE),"
    " series AS (INSERT INTO shops_series (register_id, kind, last_number)"
    " SELECT id, %(kind)s, 1 FROM till"
    " ON CONFLICT (shop_id, register_id, kind)"
    " DO UPDATE SET last_number = shops_series.last_number + 1 RETURNING last_number)"
    " SELECT till.id, till.code, series.last_number, till.shift_id FROM till, series"
)


def next_number(*, by: Member, at: datetime, code: str = "", kind: str = "") -> DocumentNumber:
    """Take the next number of a register; the row stays locked until the transaction ends.

    Gap-free, because a transaction that fails gives its number back. Call it
    as late as possible: until the commit every other document of this register waits.
    Without a code the shop's first register is meant. `kind`: the letters of a
    series beside the sales. Where no shift is open at the register, one begins.

    Raises RegisterNotFound, TillNotOpen.
    """
    assert connection.in_atomic_block, "a number belongs to the transaction that uses it"
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_OF_KIND if kind else _NEXT_SALE, {"code": code, "kind": kind})
        row = cursor.fetchone()
    if row is None:
        raise RegisterNotFound(code=code)
    register, register_code, number, shift = row
    if shift is None:
        shift = begin_unasked(register=register, by=by, at=at).pk
    return DocumentNumber(
        register_id=register, code=register_code, number=number, shift_id=shift, kind=kind
    )


def enrol(*, user: User, shop: Shop, role: Role) -> Member:
    """Make a user a member of a shop."""
    return Member.objects.create(user=user, shop=shop, role=role)
