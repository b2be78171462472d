"""Open a session of PostgreSQL within a deadline, whatever holds it up.

The driver's own limits are none: connect_timeout is rounded up to 2 s, and
after a cancelled wait it goes on waiting for the answer to its cancellation.
So libpq is only ever asked what it can do at once, the waiting is done here,
and a bell ends it early. Names are resolved in a thread of their own, as
nothing can interrupt the system's resolver.
Source: PostgreSQL documentation, "Database Connection Control Functions".
"""

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, PGconn, PollingStatus, abc
from psycopg.waiting import Wait

from apps.core.sampling.waiting import Bell, Late, Patience, Phase

_RV = TypeVar("_RV")
# Longer than a slow login takes; and one that was lost must not keep the next one waiting.
_ATTEMPTED_FOR_S: Final = 4.0
_NOT_REACHED: Final = frozenset({ConnStatus.BAD, ConnStatus.STARTED, ConnStatus.NEEDED})


# What only Django's own connections know.
_NOT_LIBPQ: Final = frozenset(
    {"assume_role", "connect_timeout", "isolation_level", "pool", "server_side_binding"}
)


class Unreached(psycopg.OperationalError):
    """No server was reached, so none has refused anything."""


class Unfinished(Late):
    """A login that came too late for this question, and may still come about."""

    def __init__(self, phase: Phase, attempt: "Attempt") -> None:
        super().__init__(phase)
        self.attempt = attempt


class Session(psycopg.Connection[Any]):
    """A psycopg connection that waits as long as its `patience`, which is set for each question."""

    patience: Patience
    # Whether an answer is still to come that nobody waits for any more.
    owes = False

    def settle(self) -> None:
        """Take in the answer that came too late, so that the next one is of the next question.

        Raises Late, psycopg.OperationalError.
        """
        while True:
            while self.pgconn.is_busy():
                self.patience.wait(self.pgconn.socket, Wait.R, Phase.ANSWER)
                self.pgconn.consume_input()
            if self.pgconn.get_result() is None:
                self.owes = False
                return

    def wait(self, gen: PQGen[_RV], interval: float = 0.1, timeout: float | None = None) -> _RV:
        try:
            wanted = next(gen)
            while True:
                ready = self.patience.wait(self.pgconn.socket, wanted, Phase.ANSWER)
                wanted = gen.send(ready)
        except StopIteration as ended:
            value: _RV = ended.value
            return value


@dataclass(slots=True)
class Resolver:
    """Asks the system for addresses, in one thread at most: a stuck one is waited for again."""

    _asked: "_Resolving | None" = field(default=None, repr=False)

    def addresses(self, host: str, port: int, patience: Patience) -> list[str]:
        """The addresses of a host, as libpq's `hostaddr`. Raises Late, psycopg.OperationalError."""
        if self._asked is None or self._asked.about != (host, port):
            self._asked = _Resolving((host, port))
        asked = self._asked
        patience.wait(asked.done.fileno(), Wait.R, Phase.RESOLVING)
        self._asked = None
        if asked.failure is not None:
            raise Unreached(f"failed to resolve host {host!r}: {asked.failure}") from asked.failure
        return asked.found


class _Resolving:
    def __init__(self, about: tuple[str, int]) -> None:
        self.about = about
        self.done = Bell()
        self.found: list[str] = []
        self.failure: OSError | UnicodeError | None = None
        threading.Thread(target=self._ask, name="health-resolver", daemon=True).start()

    def _ask(self) -> None:
        try:
            for entry in socket.getaddrinfo(*self.about, type=socket.SOCK_STREAM):
                if (address := str(entry[4][0])) not in self.found:
                    self.found.append(address)
        except (OSError, UnicodeError) as failure:  # a label that is too long is no Unicode
            self.failure = failure
        self.done.ring()


def parameters(database: dict[str, Any]) -> dict[str, Any]:
    """libpq's parameters of an entry of DATABASES, as Django connects by them."""
    options = {name: value for name, value in database["OPTIONS"].items() if name not in _NOT_LIBPQ}
    # By another name the server can tell these sessions from those of the pages. A pooler would
    # rename its server's session before each statement.
    if not database.get("POOLED"):
        options["application_name"] = f"{options.get('application_name', 'jewelry-shop')} health"
    return {
        **options,
        "host": database["HOST"],
        "port": database["PORT"],
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "client_encoding": "UTF8",
    }


def dial(parameters: Mapping[str, Any], *, resolver: Resolver, patience: Patience) -> Session:
    """Log in. Of several addresses the next is tried when nobody answers at one, as libpq does.

    Raises Late, psycopg.OperationalError, psycopg.ProgrammingError for parameters libpq refuses.
    """
    host = str(parameters.get("host", ""))
    if not host or host.startswith("/"):
        return Attempt(parameters).go_on(patience)
    addresses = resolver.addresses(host, int(parameters.get("port") or 5432), patience)
    for left in range(len(addresses), 1, -1):
        try:
            return Attempt({**parameters, "hostaddr": addresses[-left]}).go_on(patience.part(left))
        except Unreached:
            continue
        except Late as late:
            if late.phase is not Phase.CONNECTING:
                raise
    return Attempt({**parameters, "hostaddr": addresses[-1]}).go_on(patience)


class Attempt:
    """A login under way. It may be waited for in several goes: some servers take their time."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._wire = PGconn.connect_start(make_conninfo(**parameters).encode())
        self._polled = PollingStatus.WRITING
        self._until_s = time.monotonic() + _ATTEMPTED_FOR_S

    @property
    def is_hopeless(self) -> bool:
        """Whether another attempt is the better chance by now."""
        return time.monotonic() >= self._until_s

    def go_on(self, patience: Patience) -> Session:
        """The session, once it is there. Raises Late, psycopg.OperationalError."""
        wire, at = self._wire, ConnStatus(self._wire.status)
        try:
            while self._polled != PollingStatus.OK:
                if self._polled == PollingStatus.FAILED or wire.status == ConnStatus.BAD:
                    kind = Unreached if at in _NOT_REACHED else psycopg.OperationalError
                    raise kind(f"connection failed: {wire.get_error_message()}")
                at = ConnStatus(wire.status)
                wanted = Wait.R if self._polled == PollingStatus.READING else Wait.W
                patience.wait(wire.socket, wanted, _phase(at))
                self._polled = PollingStatus(wire.connect_poll())
        except Late as late:
            if late.phase is Phase.CONNECTING:
                self.give_up()  # another knock is heard sooner than the kernel repeats this one
                raise
            raise Unfinished(late.phase, self) from None
        except psycopg.OperationalError:
            self.give_up()
            raise
        return _session(wire, patience)

    def give_up(self) -> None:
        """Hang up."""
        self._wire.finish()


def _session(wire: abc.PGconn, patience: Patience) -> Session:
    wire.nonblocking = 1
    session = Session(wire)
    session.patience = patience
    session.autocommit = True
    # A pooler gives each statement another server, which knows no earlier one's preparations.
    session.prepare_threshold = None
    return session


def _phase(at: ConnStatus) -> Phase:
    if at in _NOT_REACHED:
        return Phase.CONNECTING
    return Phase.SECURING if at in (ConnStatus.MADE, ConnStatus.SSL_STARTUP) else Phase.LOGIN
