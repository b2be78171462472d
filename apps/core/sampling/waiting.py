"""Waiting for a descriptor until a moment, or until a bell rings."""

import math
import os
import select
import time
import weakref
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import psycopg
from psycopg.waiting import Ready, Wait


class Phase(StrEnum):
    """What was waited for."""

    TURN = "turn"
    RESOLVING = "resolving"
    CONNECTING = "connecting"
    SECURING = "securing"
    LOGIN = "login"
    ANSWER = "answer"


_LATE: Final = {
    Phase.TURN: "the link to the database was busy with other questions",
    Phase.RESOLVING: "the name of the database's host was not resolved in time",
    Phase.CONNECTING: "the connection was not accepted in time",
    Phase.SECURING: "the server accepted the connection and did not begin TLS in time",
    Phase.LOGIN: "the login was not answered in time",
    Phase.ANSWER: "the statement was not answered in time",
}


class Late(psycopg.OperationalError):
    """What was waited for did not come in time, or the waiting was cut short."""

    def __init__(self, phase: Phase, *, was_cut: bool = False) -> None:
        super().__init__(_LATE[phase])
        self.phase = phase
        self.was_cut = was_cut


class Bell:
    """Wakes whoever waits. Any thread may ring it."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe()
        for end in (self._hears, self._rings):
            os.set_blocking(end, False)
            weakref.finalize(self, os.close, end)

    def fileno(self) -> int:
        """Can be read from when the bell was rung."""
        return self._hears

    def ring(self) -> None:
        """Wake. Rung twice is rung once."""
        try:
            os.write(self._rings, b"!")
        except BlockingIOError:
            return  # rung so often that the pipe is full

    def hush(self) -> None:
        """Forget that it was rung."""
        try:
            while os.read(self._hears, 1024):
                pass
        except BlockingIOError:
            return


@dataclass(frozen=True, slots=True)
class Patience:
    """Until when somebody waits, by the monotonic clock; the bell ends it before."""

    until_s: float
    bell: Bell

    @property
    def left_s(self) -> float:
        return self.until_s - time.monotonic()

    def part(self, of: int) -> "Patience":
        """The share of one of so many attempts in what is left."""
        return replace(self, until_s=time.monotonic() + self.left_s / of)

    def at_most(self, seconds: float) -> "Patience":
        """The same, but no longer than this from now on."""
        return replace(self, until_s=min(self.until_s, time.monotonic() + seconds))

    def wait(self, descriptor: int, wanted: Wait, phase: Phase) -> Ready:
        """Wait until there is something to read or room to write. Raises Late."""
        poll = select.poll()
        poll.register(descriptor, _mask(wanted))
        poll.register(self.bell.fileno(), select.POLLIN)
        left_ms = math.ceil(self.left_s * 1000)
        events = dict(poll.poll(left_ms)) if left_ms > 0 else {}
        if self.bell.fileno() in events:
            raise Late(phase, was_cut=True)
        if descriptor not in events:
            raise Late(phase)
        event = events[descriptor]
        # A broken connection is ready for everything: the next call tells what broke.
        if event & ~(select.POLLIN | select.POLLOUT):
            return Ready.RW
        readable = Ready.R if event & select.POLLIN else Ready.NONE
        writable = Ready.W if event & select.POLLOUT else Ready.NONE
        return Ready(readable | writable)


def _mask(wanted: Wait) -> int:
    return (select.POLLIN if wanted & Wait.R else 0) | (select.POLLOUT if wanted & Wait.W else 0)
