"""The shops of bench.day: founded through the services, entered without signing in at a form.

Imports Django's models at its head: import it after django.setup().
"""

from decimal import Decimal
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from apps.inventory.services.new_pieces import NewMetal, NewPiece
from apps.inventory.services.take_in import take_in_all
from apps.ledger.services import open_books
from apps.pricing.services import set_rate
from apps.shops.models import Branch, Member, Register, Role, Shop
from apps.shops.scope import shop_scope
from apps.shops.services import enrol, issue_token, open_shop
from apps.users.models import User

AT_ONCE: Final = 500
KINDS: Final = ("Plain ring", "Halo ring", "Gold band", "Signet ring")


def found_one(*, name: str, clerks: int, pieces: int) -> dict[str, Any]:
    """A shop with a till and a person at each; their tokens and sessions, the tags to sell."""
    shop = open_shop(name=name, slug=name, currency="AED", tax_pack="AE")
    owner = enrol(user=User.objects.create_user(name), shop=shop, role=Role.OWNER)
    with shop_scope(shop.pk):
        open_books()
        branch = Branch.objects.get()
        Register.objects.bulk_create(
            Register(branch=branch, code=str(number), name=f"Till {number}")
            for number in range(2, clerks + 1)
        )
        set_rate(
            shop=shop, metal="gold", fineness=10_000, side="sell", unit="g",
            amount=Decimal(100), at=timezone.now(), by=owner,
        )  # fmt: skip
    tags = [f"T-{number}" for number in range(pieces)]
    for start in range(0, pieces, AT_ONCE):
        _take_in(shop, owner, tags[start : start + AT_ONCE])
    return {
        "name": name,
        "manager": seat(owner),
        "clerks": [_clerk(shop, till=str(number)) for number in range(1, clerks + 1)],
        "tags": tags,
    }


def _take_in(shop: Shop, owner: Member, tags: list[str]) -> None:
    metal = NewMetal(metal="gold", fineness=9160, net_weight_g=Decimal(10))
    with shop_scope(shop.pk):
        take_in_all(
            pieces=[
                NewPiece(
                    tag=tag, name=KINDS[number % len(KINDS)], category="ring", metals=(metal,),
                    gross_weight_g=Decimal(10), making_mode="percent_of_metal",
                    making_value=Decimal(10), cost=Decimal(500),
                )
                for number, tag in enumerate(tags)
            ],
            by=owner, at=timezone.now(), reference="opening",
        )  # fmt: skip


def _clerk(shop: Shop, *, till: str) -> dict[str, Any]:
    user = User.objects.create_user(f"{shop.slug}-clerk-{till}")
    return {**seat(enrol(user=user, shop=shop, role=Role.SALESPERSON)), "till": till}


def seat(member: Member) -> dict[str, str]:
    """A token, and a session as a sign-in leaves it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(member.user_id)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
    session.save()
    return {
        "token": issue_token(member=member, at=timezone.now()),
        "session": str(session.session_key),
    }
