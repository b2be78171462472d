"""Who is asking, and in which shop."""

import re
from hashlib import sha256

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from apps.shops.models import ApiToken, Member

# In the session, and in a cookie that outlives it: whoever signs in again in
# the middle of a sale is back in the shop and at the till where it lies open.
SHOP_KEY = "shop"  # the id of the shop a user with several has chosen
REGISTER_KEY = "register"  # the id of the till they stand at


_REMEMBERED_SECONDS = 365 * 86400
_AN_ID = re.compile(r"[0-9]{1,18}")


def remembered(request: HttpRequest, key: str) -> int | None:
    """The id chosen in this session, else the one this browser chose last.

    A cookie is anybody's word: the caller looks whether the id is one of the member's own.
    """
    in_session = request.session.get(key)
    if in_session is not None:
        return int(in_session)
    in_cookie = request.COOKIES.get(key, "")
    return int(in_cookie) if _AN_ID.fullmatch(in_cookie) else None


def remember(request: HttpRequest, response: HttpResponse, key: str, chosen_id: int) -> None:
    """Keep what was chosen for this session and for the next sign-in of this browser."""
    request.session[key] = chosen_id
    response.set_cookie(
        key,
        str(chosen_id),
        max_age=_REMEMBERED_SECONDS,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure(),
    )


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
        Member.objects.filter(user=user, user__is_active=True, let_go_at=None)
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
            digest=digest_of(token.strip()),
            revoked_at=None,
            member__user__is_active=True,
            member__let_go_at=None,
        )
        .select_related("member__shop", "member__user")
        .first()
    )
    return found.member if found else None
