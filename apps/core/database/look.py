"""What a look at the link is made of: the link, what was seen so far, and the result of a stage."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

import psycopg
from cryptography import x509

from apps.core.database.findings import FINDINGS
from apps.core.database.params import Link

T = TypeVar("T")


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


class Expect(StrEnum):
    """Which server should be at the end of the link."""

    PRIMARY = "primary"
    REPLICA = "replica"


@dataclass(frozen=True, slots=True)
class Note:
    """What a stage saw. `code` names the finding of a warning or a failure."""

    status: Status
    saw: str
    code: str = ""
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert bool(self.code) == (self.status in (Status.WARN, Status.FAIL)), self
        assert not self.code or self.code in FINDINGS, self.code


def ok(saw: str, *evidence: str) -> Note:
    return Note(Status.OK, saw, "", evidence)


def warn(code: str, saw: str, *evidence: str) -> Note:
    return Note(Status.WARN, saw, code, evidence)


def fail(code: str, saw: str, *evidence: str) -> Note:
    return Note(Status.FAIL, saw, code, evidence)


def skipped(why: str) -> Note:
    return Note(Status.SKIPPED, why)


@dataclass(frozen=True, slots=True)
class Result:
    """One stage's note, with its name and how long it took."""

    stage: str
    note: Note
    seconds: float


@dataclass(slots=True)
class Look:
    """One link and what the stages have found out about it so far."""

    link: Link
    expect: Expect
    now: datetime
    address: str = ""
    addresses: tuple[str, ...] = ()
    chain: tuple[x509.Certificate, ...] = ()
    connection: psycopg.Connection[Any] | None = None
    pooled: bool = False
    notes: dict[str, Note] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> timedelta:
        """How long ago `now` was."""
        return timedelta(seconds=time.monotonic() - self.began)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.link.password,)


class TookTooLong(Exception):
    """A call did not come back within its time."""


_SHORTEST: Final = 0.05


def within(seconds: float, work: Callable[[], T]) -> T:
    """Call `work` in a thread of its own and give up on it after `seconds`.

    For what has no time limit of its own: a resolver, a driver that waits for a silent server.
    Raises TookTooLong, and whatever `work` raises.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as failure:  # handed on to the caller below
            failed.append(failure)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(seconds, _SHORTEST))
    if failed:
        raise failed[0]
    if not done:
        raise TookTooLong
    return done[0]


def timed(work: Callable[[], Note]) -> tuple[Note, float]:
    """The note, and the seconds it took."""
    began = time.monotonic()
    note = work()
    return note, time.monotonic() - began
