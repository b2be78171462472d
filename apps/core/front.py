"""What stands before Django in a web server: probes are answered, requests are counted.

A kubelet calls by the pod's address, which is no host of ours, over plain HTTP,
every few seconds. So a probe meets no check of the host, no redirect, no
session, no shop, and writes no log line. Everything else goes through as it came.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apps.core.health import PLACES, Answer, Question, answered
from apps.core.sampling.entry import current
from apps.core.sampling.requests import Requests

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class FrontDoor:
    """The WSGI application around Django's."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        station = current()
        if environ.get("PATH_INFO") in PLACES:
            answer = answered(_question(environ), station)
            status = HTTPStatus(answer.status)
            start_response(f"{status.value} {status.phrase}", list(answer.headers))
            return [answer.body]
        number = station.requests.begin()
        if (
            environ.get("CONTENT_LENGTH", "0") not in ("", "0")
            or "HTTP_TRANSFER_ENCODING" in environ
        ):
            environ["wsgi.input"] = _Body(environ["wsgi.input"], station.requests, number)
        try:
            response = self._application(environ, start_response)
        except BaseException:
            station.requests.end(number)
            raise
        return _told(response, station.requests, number)


@csrf_exempt
def probe(request: HttpRequest) -> HttpResponse:
    """The same answers as a view, for servers without the front door."""
    answer: Answer = answered(_question(request.META), current())
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


probe.allowed_roles = None  # type: ignore[attr-defined]  # a kubelet carries no member


def _question(environ: Mapping[str, Any]) -> Question:
    return Question(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        accept=environ.get("HTTP_ACCEPT", ""),
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        cookies=environ.get("HTTP_COOKIE", ""),
    )


def _told(response: Iterable[bytes], requests: Requests, number: int) -> Iterable[bytes]:
    """The response, with word of when it waits for its client, and of its end.

    Who reads slowly holds a slot as who writes slowly does, and neither is a fault of ours.
    """
    # A page as a whole, or a file in the server's own wrapper: all of it is there. The wrapper
    # must stay what it is, since the server sends a file by the kernel only if it sees that.
    if getattr(response, "streaming", None) is False or hasattr(response, "filelike"):
        close: Callable[[], None] = getattr(response, "close", lambda: None)
        response.close = _then(close, requests, number)  # type: ignore[attr-defined]
        requests.sends(number)
        return response
    return _Parts(response, requests, number)


def _then(close: Callable[[], None], requests: Requests, number: int) -> Callable[[], None]:
    def close_and_tell() -> None:
        try:
            close()
        finally:
            requests.end(number)

    return close_and_tell


class _Body:
    """A request's body. Who reads it waits for the client."""

    def __init__(self, body: Any, requests: Requests, number: int) -> None:
        self._body, self._requests, self._number = body, requests, number

    def read(self, *size: int) -> bytes:
        with self._requests.listening(self._number):
            said: bytes = self._body.read(*size)
            return said

    def readline(self, *size: int) -> bytes:
        with self._requests.listening(self._number):
            said: bytes = self._body.readline(*size)
            return said

    def readlines(self, *hint: int) -> list[bytes]:
        with self._requests.listening(self._number):
            said: list[bytes] = self._body.readlines(*hint)
            return said

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line


class _Parts:
    """A response that is made while it is sent: between two parts it waits for the client."""

    def __init__(self, response: Iterable[bytes], requests: Requests, number: int) -> None:
        self._response, self._requests, self._number = response, requests, number
        self.close = _then(getattr(response, "close", lambda: None), requests, number)

    def __iter__(self) -> Iterator[bytes]:
        for part in self._response:
            with self._requests.listening(self._number):
                yield part
