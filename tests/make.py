"""Ready-made things, every default in sight. They go through our services."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from django.db import transaction

from apps.core.units import permille
from apps.inventory.services.new_pieces import NewMetal, NewPiece
from apps.inventory.services.take_in import take_in
from apps.ledger.services import open_books
from apps.pricing.services import set_rate
from apps.shops.models import Member, Role
from apps.shops.scope import shop_scope
from apps.shops.services import enrol, issue_token, open_shop
from apps.shops.shifts import begin, locked_register
from apps.users.models import User

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
# What make.piece() costs at make.rate(): 916.00 of metal, making 10 % 91.60, VAT 5 % 50.38.
RING_TOTAL = Decimal("1057.98")
_number = count(1)


def shop(*, name="Noor", currency="AED", tax_pack="AE", time_zone="UTC", **details):
    """A shop with its books open, one branch and Till 1."""
    number = next(_number)
    made = open_shop(
        name=name,
        slug=f"{name.lower()}-{number}",
        currency=currency,
        tax_pack=tax_pack,
        time_zone=time_zone,
        **details,
    )
    with shop_scope(made.pk):
        open_books()
    return made


def user(*, username="", password="a long enough one"):
    return User.objects.create_user(username or f"user{next(_number)}", password=password)


def member(*, of, role=Role.OWNER, username="", password="a long enough one") -> Member:
    return enrol(user=user(username=username, password=password), shop=of, role=role)


def shift(*, by, at=NOON):
    """Till 1 of the shop in scope, open: its first document begins no shift."""
    with transaction.atomic():
        return begin(register=locked_register(code="1"), by=by, at=at)


def token(*, of) -> str:
    return issue_token(member=of, at=NOON)


def rate(
    *,
    of,
    amount="100",
    metal="gold",
    fineness="1000",
    side="sell",
    unit="g",
    at=NOON,
):
    """A rate on the board of the shop in scope; `of` is that shop."""
    return set_rate(
        shop=of,
        metal=metal,
        fineness=permille(fineness),
        side=side,
        unit=unit,
        amount=Decimal(amount),
        at=at,
        by=None,
    )


def gold(*, net_weight_g="10", fineness="916"):
    return NewMetal(metal="gold", fineness=permille(fineness), net_weight_g=Decimal(net_weight_g))


def new_piece(*, tag="R-1", name="Ring", category="ring", **terms):
    """The terms of a piece: 10 g of 916, making 10 % of the metal, cost 500."""
    return NewPiece(
        tag=tag,
        name=name,
        category=category,
        **{
            "metals": (gold(),),
            "gross_weight_g": Decimal(10),
            "making_mode": "percent_of_metal",
            "making_value": Decimal(10),
            "cost": Decimal(500),
            **terms,
        },
    )


def piece(*, by, at=NOON, **terms):
    """Such a piece, in stock."""
    return take_in(piece=new_piece(**terms), by=by, at=at)
