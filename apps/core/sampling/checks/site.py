"""Does this server's own site answer? Else a probe port that works tells only half the truth."""

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext_lazy as _

from apps.core.sampling.causes import Cause, cause_of
from apps.core.sampling.check import Check, Observation, Reading, State

_ANSWERED_WITHIN_S: Final = 5.0
# A full house is not a closed one: slow requests may hold every slot for a while.
_MISSED_AFTER_S: Final = 30.0
_REQUEST: Final = (
    b"GET /health/live/ HTTP/1.1\r\nHost: localhost\r\nUser-Agent: jewelry-shop health\r\n"
    b"Accept: */*\r\nConnection: close\r\n\r\n"
)

Address = tuple[str, int]


class Site:
    """Remembers when the site last answered."""

    def __init__(self, address: Address, *, clock: Callable[[], float] = time.monotonic) -> None:
        host, port = address
        self._address = (_reached_at(host), port)
        self._clock = clock
        self._answered_at: float | None = None

    def look(self) -> Reading:
        """One look. Observes how long the answer took, when there was one."""
        began_s = self._clock()
        if self._answered_at is None:
            self._answered_at = began_s  # from when on it is expected to
        try:
            _ask(self._address)
        except OSError as failure:
            return self._missed(cause_of(failure))
        self._answered_at = self._clock()
        took = Observation(
            measurement="site:responseTime",
            value=round((self._answered_at - began_s) * 1000, 3),
            unit="ms",
        )
        return Reading(observed=(took,))

    def _missed(self, cause: Cause) -> Reading:
        assert self._answered_at is not None
        if self._clock() - self._answered_at < _MISSED_AFTER_S:
            return Reading()
        return cause.reading(state=State.WARN)


def build(address: Address) -> Check:
    return Check(
        name="site",
        look=Site(address).look,
        every_s=10.0,
        within_s=2 * _ANSWERED_WITHIN_S,
        component_type="system",
        meaning=_("Pages are answered at their own address"),
    )


def _ask(address: Address) -> None:
    """Wait for the first bytes of an answer; which one it is is the probe's affair.

    Raises OSError.
    """
    with socket.create_connection(address, timeout=_ANSWERED_WITHIN_S) as link:
        link.sendall(_REQUEST)
        if not link.recv(64).startswith(b"HTTP/1."):
            raise ConnectionResetError("the site hung up without an answer")


def _reached_at(host: str) -> str:
    """Where a server that listens at every address is reached from its own machine."""
    try:
        bound = ipaddress.ip_address(host or "0.0.0.0")  # noqa: S104 - asked, not bound
    except ValueError:
        return host
    if not bound.is_unspecified:
        return host
    return "::1" if bound.version == 6 else "127.0.0.1"
