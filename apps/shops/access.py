"""Who may pass a door: the guard that every view wears."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from apps.core.operators import is_operator
from apps.shops.models import Member, Register, Role


class ShopRequest(HttpRequest):
    """A request after ShopScopeMiddleware."""

    member: Member | None
    shops: list[Member]
    register: Register | None
    registers: list[Register]
    htmx: HtmxDetails
    undone: bool  # what was written is to be rolled back, whatever the answer says
    # Whether the shop's table lets this person see costs and margins; asked when first looked at.
    sees_cost: bool


class MemberRequest(ShopRequest):
    """A request that passed `members_only`."""

    member: Member


def members_only(*roles: Role) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Let in members of the shop with one of `roles`; with none named, every member.

    A stranger is sent to the sign-in page, and comes back to a page: after a
    part of a page or a form that was sent, to where they stood. An operator
    without a shop is sent from the way in to what they run.
    """
    allowed = roles or tuple(Role)

    def decorate(view: Callable[..., HttpResponse]) -> Any:
        @wraps(view)
        def guarded(request: ShopRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.member is None:
                if request.user.is_authenticated:
                    if is_operator(request.user) and _is_the_way_in(request):
                        return redirect("status")
                    raise PermissionDenied(
                        _("You are not a member of any shop. Ask the owner to add you.")
                    )
                return _to_sign_in(request)
            if request.member.role not in allowed:
                raise PermissionDenied(_("Your role does not allow this. Ask the owner."))
            return view(request, *args, **kwargs)

        guarded.allowed_roles = allowed  # type: ignore[attr-defined]  # tests/architecture/test_doors.py
        return guarded

    return decorate


def anyone(view: Callable[..., HttpResponse]) -> Any:
    """Mark a view that strangers may see: sign-in, health, the look of pages."""
    view.allowed_roles = None  # type: ignore[attr-defined]  # tests/architecture/test_doors.py
    return view


def _is_the_way_in(request: ShopRequest) -> bool:
    """Whether this is where signing in leads."""
    match = request.resolver_match
    return match is not None and match.view_name == settings.LOGIN_REDIRECT_URL


def _to_sign_in(request: ShopRequest) -> HttpResponse:
    if request.htmx:
        back = request.htmx.current_url_abs_path or resolve_url("home")
        to_sign_in = redirect_to_login(back)
        return HttpResponseClientRedirect(to_sign_in.url)
    if request.method != "GET":
        return redirect_to_login((request.headers.get("Referer") and _path_of(request)) or "/")
    return redirect_to_login(request.get_full_path())


def _path_of(request: HttpRequest) -> str:
    """The path of the page the form stood on, if it was one of ours."""
    referer = request.headers.get("Referer", "")
    here = request.build_absolute_uri("/")
    return "/" + referer[len(here) :] if referer.startswith(here) else "/"
