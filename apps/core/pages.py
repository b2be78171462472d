"""How pages answer a refusal, a database that is away, and an upload that is too large."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.http import require_POST

from apps.core.database.explain import explain_failure
from apps.core.database.redact import redact
from apps.core.errors import Refusal, TooLarge, Unavailable, status_of
from apps.core.sampling import wedge

THEMES = {"device": "(prefers-color-scheme: dark)", "dark": "all", "light": "not all"}
_RETRY_AFTER_SECONDS = 2
_logger = structlog.get_logger(__name__)


def status_shown(request: HttpRequest, refusal: Refusal) -> int:
    """The status of a form that is shown again with this refusal.

    To htmx no 403: it swaps none, since pages read it as their own token being stale.
    """
    status = status_of(refusal)
    return 422 if status == 403 and request.headers.get("HX-Request") else status


class DatabaseAway(Unavailable):
    """The database does not answer."""

    def __str__(self) -> str:
        return _("The shop's database does not answer. Nothing was lost; try again in a moment.")


@dataclass(eq=False)
class UploadTooLarge(TooLarge):
    megabytes: int

    def __str__(self) -> str:
        return _(
            "The file is larger than %(limit)s MB, which is the most that is taken at once."
            " Split it into smaller files."
        ) % {"limit": self.megabytes}


class RefusalMiddleware:
    """Answer a view's refusal with its sentence and its kind's status; stop large uploads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("CONTENT_LENGTH") or "0"
        limit: int = settings.UPLOAD_LIMIT_BYTES
        if sent.isascii() and sent.isdigit() and int(sent) > limit:
            return answer(request, UploadTooLarge(megabytes=limit // (1024 * 1024)))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer(request, error) if isinstance(error, Refusal) else None


def answer(request: HttpRequest, refusal: Refusal, *, page: str = "refusal.html") -> HttpResponse:
    """The refusal as JSON under /api/, as a part for htmx, as a page for everybody else."""
    status = status_of(refusal)
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse(body_of(refusal), status=status)
    else:
        part = bool(getattr(request, "htmx", False))
        template = "components/_refusal.html" if part else page
        response = render(request, template, {"refusal": refusal}, status=status)
    if isinstance(refusal, Unavailable):
        response["Retry-After"] = str(_RETRY_AFTER_SECONDS)
    return response


def body_of(refusal: Refusal) -> dict[str, Any]:
    """What the API says: which refusal, its sentence, its facts."""
    return {
        "error": type(refusal).__name__,
        "message": str(refusal),
        "facts": refusal.facts(),
    }


def answer_unavailable(request: HttpRequest, failure: Exception) -> HttpResponse:
    """503 with Retry-After; the driver's words go to the log and not to the reader."""
    wedge.of_pages.missed()
    explained = explain_failure(failure)
    _logger.warning(
        "database_away",
        kind=type(failure).__name__,
        finding=explained.code,
        means=explained.finding.means,
        do=explained.finding.do,
        said=redact(str(failure))[:500],
    )
    # Not the shell: its notices and its menu ask the session, which the database keeps.
    return answer(request, DatabaseAway(), page="503.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: JSON under /api/, the page elsewhere."""
    return _no_view(
        request, exception, 404, "NoSuchAddress", _("There is nothing at this address.")
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return _no_view(request, exception, 403, "Forbidden", _("This is not for your role."))


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    return _no_view(request, exception, 400, "Unreadable", _("The request cannot be read."))


def broken(request: HttpRequest) -> HttpResponse:
    """handler500: a bug. The log has it; the reader learns that nothing was kept.

    A database that went away while a middleware saved the session comes here
    as well, and is no bug.
    """
    failure = sys.exception()
    if isinstance(failure, OperationalError | InterfaceError):
        return answer_unavailable(request, failure)
    if request.path.startswith("/api/"):
        message = _("Something failed here, and nothing was kept. It has been written down.")
        return JsonResponse({"error": "Broken", "message": message, "facts": {}}, status=500)
    return defaults.server_error(request)


def _no_view(
    request: HttpRequest, exception: Exception, status: int, error: str, message: str
) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"error": error, "message": message, "facts": {}}, status=status)
    if status == 404:
        return defaults.page_not_found(request, exception)
    if status == 403:
        return defaults.permission_denied(request, exception)
    return defaults.bad_request(request, exception)


def look(request: HttpRequest) -> dict[str, Any]:
    """Context for every page: the reader's theme, and the sign-in of a demo installation."""
    theme = request.COOKIES.get("theme", "device")
    theme = theme if theme in THEMES else "device"
    return {
        "theme": theme,
        "dark_media": THEMES[theme],
        "demo_signin": settings.DEMO_SIGNIN,
    }


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's theme in a cookie: as the device, light or dark."""
    response = redirect(back_to(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            "theme",
            theme,
            max_age=365 * 86400,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
    return response


set_theme.allowed_roles = None  # type: ignore[attr-defined]  # strangers choose their theme too


def back_to(request: HttpRequest) -> str:
    """The page that a small form stood on, if it is one of ours; else the way in."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    # An address, and no name of a view, as which `redirect` would take a bare word.
    return wanted if safe and wanted.startswith("/") else "/"
