"""Who is asking, and in which shop."""

from hashlib import sha256

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from apps.shops.models import ApiToken, Member

SHOP_KEY = "shop"  # session: the id of the shop a user with several has chosen
REGISTER_KEY = "register"  # session: the id of the till they stand at


def digest_of(token: str) -> str:
    """What is stored of a token: its SHA-256, since a token is random enough to need no salt."""
    return sha256(token.encode()).hexdigest()


def memberships(request: HttpRequest) -> list[Member]:
    """The signed-in user's places in shops, by shop name; empty for a stranger.

    Never by session under /api/, because its views are exempt from CSRF
    checks. Asks no database for a stranger.
    """
    user = getattr(request, "user", None)
    if user is None or isinstance(user, AnonymousUser) or not user.is_authenticated:
        return []
    return list(
        Member.objects.filter(user=user, user__is_active=True)
        .select_related("shop", "user")
        .order_by("shop__name", "pk")
    )


def chosen(members: list[Member], shop_id: object) -> Member | None:
    """The membership of the shop chosen in the session, else the first."""
    return next((m for m in members if m.shop_id == shop_id), members[0] if members else None)


def member_by_token(header: str) -> Member | None:
    """The member whose `Authorization: Bearer …` this is, if it is one of ours and not revoked."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii():
        return None
    found = (
        ApiToken.objects.filter(
            digest=digest_of(token.strip()), revoked_at=None, member__user__is_active=True
        )
        .select_related("member__shop", "member__user")
        .first()
    )
    return found.member if found else None
