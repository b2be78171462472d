"""Is this process able to serve? Two answers, for two questions.

live asks nobody: a database outage must not restart every process.
ready asks the database, over the link the pages use: does it answer, over
TLS, as a role that row-level security binds?
"""

from collections.abc import Callable
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.core import metrics
from apps.core.database.postgresql.base import ReadOnly

_LINK = (
    "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
    " (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),"
    " row_security_active('shops_register'), pg_is_in_recovery()"
)


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process can run code."""
    return _answer("pass")


def ready(request: HttpRequest) -> HttpResponse:
    """200 when a sale could be made now; 503 otherwise, with the check that failed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_LINK)
            over_tls, unbound, bound_by_policy, read_only = cursor.fetchone()
    except ReadOnly:
        return _answer("fail", database="read-only")
    except Error:
        connection.close()
        return _answer("fail", database="does not answer")
    # Behind a pooler pg_stat_ssl speaks of the pooler's own leg, which is TLS as well.
    if not over_tls:
        return _answer("fail", database="link is plaintext")
    if unbound or not bound_by_policy:
        return _answer("fail", database="role is not bound by row-level security")
    if read_only:
        return _answer("fail", database="read-only")
    return _answer("pass", database="pass")


class HealthMiddleware:
    """Answer probes and scrapes before all other middleware.

    A kubelet calls by the pod's address, which is no host of ours, over plain
    HTTP, every few seconds: no check of the host, no redirect, no log line.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return DOORS.get(request.path_info, self.get_response)(request)


def _answer(status: str, **checks: Any) -> HttpResponse:
    body = {"status": status, "checks": checks} if checks else {"status": status}
    response = JsonResponse(body, status=200 if status == "pass" else 503)
    response["Cache-Control"] = "no-store"
    return response


DOORS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live/": live,
    "/health/ready/": ready,
    "/metrics/": metrics.page,
}
for door in DOORS.values():
    door.allowed_roles = None  # type: ignore[attr-defined]  # probes carry no member
