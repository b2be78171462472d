"""The probe port: where a process answers although every one of its slots is busy.

Each process of a server has a thread that answers here, all of them at one
address (SO_REUSEPORT), so an answer is a sign of life of the process that gave
it. Beside the probes it shows the metrics, and takes `POST /drain/` from this
machine alone.
"""

import errno
import ipaddress
import os
import socket
from functools import partial
from http import HTTPStatus
from typing import Final

from apps.core import metrics
from apps.core.health import Answer, Question, answered, count, empty, full_answer
from apps.core.sampling.station import Station
from apps.core.sampling.wire import Request, Server

_BACKLOG: Final = 1024
# Who speaks for somebody else says so in one of these; then the peer is not who asks.
_SAID_BY_A_PROXY: Final = ("forwarded", "x-forwarded-", "x-real-ip", "via")


class PortRefused(Exception):
    """The probe port cannot be opened. The sentence says why, and what to do."""


class ProbePort:
    """An open probe port. `address` is where it really listens."""

    def __init__(self, listener: socket.socket, station: Station) -> None:
        self.address: tuple[str, int] = listener.getsockname()[:2]
        self._server = Server(listener, partial(_answer, station), name="health-port")
        self._server.start()

    def close(self) -> None:
        """Answer whoever has called by now, then nobody any more."""
        self._server.stop()


def open_port(station: Station, *, host: str, port: int) -> ProbePort:
    """Answer for `station` there, beside other processes of this server. Raises PortRefused."""
    return ProbePort(_listening(host, port, shared=True), station)


def refuse_taken(host: str, port: int) -> None:
    """Raise PortRefused if somebody answers there already.

    Processes of one user may share an address without a word, so another
    server's probes would be ours now and then. Ask before the first opens it.
    """
    _listening(host, port, shared=False).close()


def _listening(host: str, port: int, *, shared: bool) -> socket.socket:
    is_ipv6 = ":" in host
    listener = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if is_ipv6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # `::` is for both
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as failure:
        listener.close()
        raise PortRefused(_sentence(failure, host, port)) from None
    return listener


def _sentence(failure: OSError, host: str, port: int) -> str:
    page = "see docs/reference/settings.md#health_port."
    if failure.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return (
            f"HEALTH_PORT: port {port} of {host} is taken by another program."
            f" Stop that one, or choose another port: HEALTH_PORT={other}; {page}"
        )
    if failure.errno == errno.EACCES:
        return (
            f"HEALTH_PORT: port {port} may be opened by root only."
            f" Choose one above 1023: HEALTH_PORT=8081; {page}"
        )
    return (
        f"HEALTH_BIND: {host} cannot be listened at: {os.strerror(failure.errno or 0)}."
        f" Write 127.0.0.1, or 0.0.0.0 where a kubelet asks from outside; {page}"
    )


def _answer(station: Station, request: Request) -> Answer:
    path, _, query = _origin_form(request.target).partition("?")
    if path in ("/metrics", "/metrics/"):
        return _metrics(station, request)
    if path in ("/drain", "/drain/"):
        return _drain(station, request)
    return answered(
        Question(
            method=request.method,
            path=path,
            query=query,
            accept=request.headers.get("accept", ""),
            authorization=request.headers.get("authorization", ""),
            cookies=request.headers.get("cookie", ""),
            loopback=_comes_from_here(request),
            port="probe",
        ),
        station,
    )


def _metrics(station: Station, request: Request) -> Answer:
    if request.method not in ("GET", "HEAD"):
        return empty(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET, HEAD"))
    count(station, "/metrics/", HTTPStatus.OK)
    page = full_answer(HTTPStatus.OK, metrics.CONTENT_TYPE, metrics.page(station))
    if request.method == "HEAD":
        return Answer(status=page.status, headers=page.headers)
    return page


def _drain(station: Station, request: Request) -> Answer:
    if request.method != "POST":
        return empty(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "POST"))
    # A page in a browser on this machine can post here as well, but not without saying so.
    if not _comes_from_here(request) or "origin" in request.headers:
        return empty(HTTPStatus.FORBIDDEN)
    station.drain()
    return empty(HTTPStatus.NO_CONTENT)


def _comes_from_here(request: Request) -> bool:
    """Whether this machine itself asks, under its own name, with nobody in between.

    The name matters: a page of a stranger's whose name was made to lead here
    asks from this machine too.
    """
    return (
        _is_loopback(request.peer)
        and _is_loopback(_host_of(request))
        and not any(name.startswith(_SAID_BY_A_PROXY) for name in request.headers)
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _host_of(request: Request) -> str:
    host = request.headers.get("host", "localhost").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _origin_form(target: str) -> str:
    """The path and query of a target; that of a proxy's has the whole address before them."""
    if target.startswith("/"):
        return target
    _, scheme, rest = target.partition("://")
    return "/" + rest.partition("/")[2] if scheme else target
