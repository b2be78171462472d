"""The shop of a request, found once, at the door."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, cast

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from apps.core.health import PLACES
from apps.core.pages import answer_unavailable
from apps.core.status.views import answer_from_memory, is_status, needs_no_database
from apps.shops import approvals, identity
from apps.shops.access import ShopRequest
from apps.shops.acting import acting
from apps.shops.models import Action, Register
from apps.shops.scope import shop_scope

# The name as JSON may write it: any of its letters can be an escape.
_PIN_IN_JSON: Final = re.compile(rb'"(?:p|\\u0070)(?:i|\\u0069)(?:n|\\u006e)"', re.IGNORECASE)


class ShopScopeMiddleware:
    """Run a member's whole request, template rendering included, in their shop.

    A database that does not answer is a 503 with Retry-After here, wherever
    in the request it was met.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: ShopRequest) -> HttpResponse:
        request.member, request.shops, request.register, request.registers = None, [], None, []
        request.undone = False
        request.sees_cost = cast("bool", SimpleLazyObject(lambda: _sees_cost(request)))
        if request.path in PLACES or needs_no_database(request):
            return self.get_response(request)
        try:
            response = self._answer(request)
        except (OperationalError, InterfaceError) as failure:
            connection.close()
            if is_status(request):
                return answer_from_memory(request)
            return answer_unavailable(request, failure)
        if (
            response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            and not connection.in_atomic_block
        ):
            # What a view met in its transaction is over now: let go of a link that is done.
            connection.close_if_unusable_or_obsolete()
        return response

    def _answer(self, request: ShopRequest) -> HttpResponse:
        by_token = request.path.startswith("/api/")
        if by_token:
            request.member = identity.member_by_token(request.headers.get("Authorization", ""))
        else:
            request.shops = identity.memberships(request)
            request.member = identity.chosen(
                request.shops,
                identity.remembered(request, identity.SHOP_KEY) if request.shops else None,
            )
        if request.member is None:
            return self.get_response(request)
        structlog.contextvars.bind_contextvars(
            shop_id=request.member.shop_id, user_id=request.member.user_id
        )
        wrong: list[int] = []
        approvals.wrong_pins.set(wrong)
        with acting(
            member=request.member.pk,
            source=f"{'api' if by_token else 'page'} {request.path}",
            till=None if by_token else identity.remembered(request, identity.REGISTER_KEY),
            address=_address_of(request),
            request=str(structlog.contextvars.get_contextvars().get("request_id", "")),
        ):
            try:
                return self._in_scope(request, wrong, by_token=by_token)
            finally:
                if wrong:
                    approvals.count_wrong(wrong, by=request.member, at=timezone.now())

    def _in_scope(self, request: ShopRequest, wrong: list[int], *, by_token: bool) -> HttpResponse:
        assert request.member is not None, "found at the door"
        # Pages write times as the clock on the shop's wall shows them.
        with timezone.override(request.member.shop.zone), shop_scope(request.member.shop_id):
            if not by_token:
                request.registers = list(Register.objects.order_by("code"))
                request.register = _chosen_register(request)
            if not _brings_a_pin(request):
                response = self._undone_or_kept(request)
            else:
                # The lock outlives what is undone inside: a wrong PIN is counted under it.
                approvals.wait_for_others(request.member.shop_id)
                with transaction.atomic():
                    response = self._undone_or_kept(request)
                approvals.count_wrong(wrong, by=request.member, at=timezone.now())
                wrong.clear()
            return response

    def _undone_or_kept(self, request: ShopRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.undone or response.status_code >= 500:
            transaction.set_rollback(True)
        return response

    def process_exception(self, request: ShopRequest, error: Exception) -> HttpResponse | None:
        # Django turns a view's exception into a response before it comes back to
        # _answer, so the transaction there would commit. Remembered, not rolled
        # back at once: other middleware still asks the database for its answer,
        # as allauth does when it sends a member to give the password again.
        request.undone = True
        if isinstance(error, OperationalError | InterfaceError):
            return answer_unavailable(request, error)
        return None


def _chosen_register(request: ShopRequest) -> Register | None:
    at = identity.remembered(request, identity.REGISTER_KEY)
    registers = request.registers
    return next((r for r in registers if r.pk == at), registers[0] if registers else None)


def _sees_cost(request: ShopRequest) -> bool:
    """Asked at most once a request, and inside its shop. One query."""
    if request.member is None:
        return False
    return approvals.may(Action.SEE_COST, by=request.member, at=timezone.now())


def _brings_a_pin(request: ShopRequest) -> bool:
    """Whether a second person typed a PIN: as a field of a form, or in what a program sent."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    try:
        if request.path.startswith("/api/") or request.content_type == "application/json":
            # Without the zeros of UTF-16, in which JSON may come too.
            return _PIN_IN_JSON.search(request.body.replace(b"\0", b"")) is not None
        return any(
            typed and (name == "pin" or name.endswith("-pin"))  # a form among others has a prefix
            for name, typed in request.POST.items()
        )
    except (SuspiciousOperation, UnreadablePostError):
        return False  # too much, or cut off: the view meets it itself, and answers


def _address_of(request: ShopRequest) -> str:
    """Where the request came from, past as many proxies as the installation stands behind."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    said = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(said) >= proxies and said[-proxies].strip():
        return str(said[-proxies]).strip()
    return str(request.META.get("REMOTE_ADDR", ""))
