"""Who runs the installation, as opposed to a shop in it, and how they are known without a database.

An operator is a person with `is_staff`. While the database answers, the
session says who is signed in. While it does not, a pass does: a signed cookie
that is renewed for as long as the person is an operator, and that ends an hour
after the last renewal.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject

if TYPE_CHECKING:  # the probe port must not need loaded models
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

COOKIE: Final = "operator"
LASTS_S: Final = 3600


def is_operator(user: "AbstractBaseUser | AnonymousUser") -> bool:
    """Whether this person runs the installation. Asks the session of whoever is signed in."""
    return bool(user.is_active and getattr(user, "is_staff", False))


def give_pass(response: HttpResponse, user: "AbstractBaseUser | AnonymousUser") -> None:
    """Let an operator go on seeing reasons for an hour; take the pass of anybody else."""
    if not is_operator(user):
        take_pass(response)
        return
    response.set_cookie(
        COOKIE,
        _signer().sign(str(user.pk)),
        max_age=LASTS_S,
        path="/",
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_pass(response: HttpResponse) -> None:
    """Whoever gets this response has no pass any more."""
    response.delete_cookie(COOKIE, path="/", domain=settings.SESSION_COOKIE_DOMAIN, samesite="Lax")


def has_pass(cookies: Mapping[str, str]) -> bool:
    """Whether these cookies hold a pass that we gave within the hour. Asks nobody."""
    try:
        _signer().unsign(cookies.get(COOKIE, ""), max_age=LASTS_S)
    except BadSignature:
        return False
    return True


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="apps.core.operators.pass")


class PassMiddleware:
    """A pass comes with signing in and goes with signing out, however either is done.

    Django then puts the person themself into `request.user`, where a request
    that did neither has a lazy object: looking at its type asks no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is None or issubclass(type(user), LazyObject):
            return response
        if COOKIE in request.COOKIES or is_operator(user):
            give_pass(response, user)
        return response
