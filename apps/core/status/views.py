"""The door of /status/: operators while the database knows who they are, their passes while not."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from apps.core import operators
from apps.core.pages import forbidden
from apps.core.sampling import entry, history
from apps.core.sampling.history import answers
from apps.core.status.page import Page, page, page_without_reasons


def needs_no_database(request: HttpRequest) -> bool:
    """Whether this is the page that is there when the database is not, and it is not.

    Middleware that would ask the database for anything must ask this first.
    """
    return is_status(request) and not answers(entry.current().sampler.standings())


def is_status(request: HttpRequest) -> bool:
    """Whether the status page was asked for."""
    return request.path == reverse("status")


def answer_from_memory(request: HttpRequest) -> HttpResponse:
    """The page without a query: whole for who has an operator's pass, else names and states."""
    memory = history.current(entry.current())
    at = datetime.now(UTC)
    if operators.has_pass(request.COOKIES):
        return _render(request, page(memory, at=at), is_from_memory=True)
    return _render(request, page_without_reasons(memory, at=at), is_from_memory=True)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """How the installation is. htmx asks again and again for the part that changes."""
    station = entry.current()
    if not answers(station.sampler.standings()):
        return answer_from_memory(request)
    memory = history.current(station)
    try:
        user = request.user
        if not user.is_authenticated:
            return _to_sign_in(request)
        if not operators.is_operator(user):
            return _refused(request)
        memory.refresh()
    except (OperationalError, InterfaceError):
        # It went away since it was last looked at.
        request.undone = True  # type: ignore[attr-defined]  # apps.shops.access.ShopRequest
        return answer_from_memory(request)
    response = _render(request, page(memory, at=datetime.now(UTC)), is_from_memory=False)
    operators.give_pass(response, user)
    return response


# Operators are no role of a shop; the view judges for itself.
status.allowed_roles = None  # type: ignore[attr-defined]  # tests/architecture/test_doors.py


def _refused(request: HttpRequest) -> HttpResponse:
    """403, and whoever was an operator until now has no pass any more."""
    sentence = _("This page is for those who run the installation. Ask them how it is.")
    response = forbidden(request, PermissionDenied(sentence))
    operators.take_pass(response)
    return response


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    to_sign_in = redirect_to_login(reverse("status"))
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(to_sign_in.url)
    return to_sign_in


def _render(request: HttpRequest, shown: Page, *, is_from_memory: bool) -> HttpResponse:
    part = bool(getattr(request, "htmx", False))
    context: dict[str, Any] = {
        "page": shown,
        "is_from_memory": is_from_memory,
        "new_verdict": request.GET.get("verdict") != shown.verdict_key,
        "new_events": request.GET.get("events") != shown.events_key,
    }
    response = render(request, "status/_part.html" if part else "status/page.html", context)
    response["Cache-Control"] = "no-store"
    return response
