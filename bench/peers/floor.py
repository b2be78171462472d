"""The floor: a WSGI application that says 200, and nothing below it."""

from collections.abc import Callable, Iterable
from typing import Any

_BODY = b'{"status":"pass"}'
_HEADERS = [("Content-Type", "application/health+json"), ("Content-Length", str(len(_BODY)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer everything alike."""
    start_response("200 OK", _HEADERS)
    return [_BODY]
