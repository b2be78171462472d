"""A station's memory of 24 hours: in the process, and in tables while the database answers.

A thread of its own writes, at most once in a quarter of an hour and after
changes; what it could not write it keeps and writes later, since a dead
database cannot record its own death. Probes and pages cost nothing here.
"""

import os
import random
import socket
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from django.db import Error, connection

from apps.core.sampling import kept
from apps.core.sampling.check import State
from apps.core.sampling.kept import Past, Told
from apps.core.sampling.record import Change, Standing
from apps.core.sampling.ring import Cell, Key, Ring, worst_of
from apps.core.sampling.station import Station

CHANGES_KEPT: Final = 500
# How often the thread looks at the station's memory; it asks nobody.
_LOOK_EVERY_S: Final = 5.0
# Changes come in company: what gates a page takes others with it.
_GATHER_S: Final = 2.0
_AT_LEAST_BETWEEN_S: Final = 30.0
# Not every process of an installation at the stroke of the quarter.
_SPREAD_S: Final = 20.0
_CLOSE_WITHIN_S: Final = 1.0
_SERVER_AT_MOST: Final = 64
_logger = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class History:
    """What a station saw, and what the tables say all others saw.

    Call `note` with each change; `open` once, after forking. The rest may be
    asked from any thread.
    """

    def __init__(
        self,
        station: Station,
        *,
        server: str = "",
        wall: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.station = station
        self.server = (server or socket.gethostname())[:_SERVER_AT_MOST]
        self._wall = wall
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._changed = threading.Event()
        self._ring = Ring()
        self._own: deque[Told] = deque(maxlen=CHANGES_KEPT)
        self._unwritten_cells: set[Key] = set()
        self._unwritten: deque[Told] = deque(maxlen=CHANGES_KEPT)
        self._past = Past(cells={})
        self._tried_at: datetime | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Begin to remember; this process's pages ask it from now on."""
        global _current
        _current = self
        # A daemon: a write that hangs must not keep a stopping process alive.
        self._thread = threading.Thread(target=self._run, name="health-history", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop. What was not written is lost with the process, which is a quarter at most."""
        self._stopping.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_WITHIN_S)

    def note(self, change: Change) -> None:
        """A check changed. Never waits for anything but memory."""
        told = Told(change=change, server=self.server, process=os.getpid())
        with self._lock:
            self._own.append(told)
            self._unwritten.append(told)
            self._see(change.check, change.after, change.word, at=change.at)
        self._changed.set()

    def look(self) -> None:
        """See how the checks stand in this quarter; what has not been looked at is not seen."""
        now = self._wall()
        with self._lock:
            for one in self.station.sampler.standings():
                if one.word != "starting":
                    self._see(one.name, one.state, one.word, at=now)
            self._ring.forget(at=now)
            self._unwritten_cells &= set(self._ring)

    def save(self) -> None:
        """Write what is new, and read what others wrote. Raises django.db.Error."""
        now = self._wall()
        with self._lock:
            cells = {key: self._ring[key] for key in self._unwritten_cells}
            changes = list(self._unwritten)
        kind = self.station.options.kind
        kept.write(cells=cells, changes=changes, server=self.server, kind=kind, at=now)
        past = kept.read(at=now)
        with self._lock:
            # One that got worse meanwhile is news again.
            self._unwritten_cells -= {key for key, cell in cells.items() if self._has(key, cell)}
            written = {told.key for told in changes}
            self._unwritten = deque(
                (told for told in self._unwritten if told.key not in written), CHANGES_KEPT
            )
            self._past = past

    def refresh(self, *, older_than_s: float = 5.0) -> None:
        """Read the tables on the calling thread's connection, if what was read is that old.

        Raises django.db.Error.
        """
        now = self._wall()
        read_at = self._past.read_at
        if read_at is not None and timedelta(0) <= now - read_at < timedelta(seconds=older_than_s):
            return
        past = kept.read(at=now)
        with self._lock:
            self._past = past

    @property
    def past(self) -> Past:
        """The tables as they were last read, and what this process knows beside them."""
        with self._lock:
            known = {told.key: told for told in self._past.changes}
            known |= {told.key: told for told in self._own}
            cells = worst_of(self._past.cells, self._ring.cells())
            read_at, reporters = self._past.read_at, self._past.reporters
        known |= {told.key: told for told in self._neighbours()}
        newest_first = sorted(known.values(), key=lambda told: told.change.at, reverse=True)
        return Past(
            read_at=read_at,
            cells=cells,
            changes=tuple(newest_first[:CHANGES_KEPT]),
            reporters=reporters,
        )

    @property
    def unwritten(self) -> int:
        """How many samples and changes wait for the database."""
        with self._lock:
            return len(self._unwritten_cells) + len(self._unwritten)

    def _neighbours(self) -> list[Told]:
        return [
            Told(change=change_told(change), server=self.server, process=row.pid)
            for row in self.station.neighbours()
            if row.pid != os.getpid()
            for change in row.said["changes"]
        ]

    def _see(self, name: str, state: State, word: str, *, at: datetime) -> None:
        key = self._ring.see(name, Cell(state, word), at=at)
        if key is not None:
            self._unwritten_cells.add(key)

    def _has(self, key: Key, cell: Cell) -> bool:
        return key not in self._ring or self._ring[key] == cell

    def _run(self) -> None:
        # So that a server's processes do not all write at the stroke of the quarter.
        late = timedelta(seconds=random.uniform(0, _SPREAD_S))  # noqa: S311 - no secret
        while not self._stopping.is_set():
            if self._changed.wait(_LOOK_EVERY_S):
                self._stopping.wait(_GATHER_S)
                self._changed.clear()
            try:
                self.look()
                if not self._stopping.is_set() and self._is_due(late):
                    self._save_or_keep()
            except Exception:
                # A fault of ours must not end the thread without a word.
                _logger.exception("health_history_broken")

    def _is_due(self, late: timedelta) -> bool:
        """Something is new, the database answers, and the last try is a while ago."""
        now = self._wall()
        with self._lock:
            in_this_quarter = [key[0] for key in self._unwritten_cells]
            new = bool(self._unwritten) or any(now >= began + late for began in in_this_quarter)
        if not new or not answers(self.station.sampler.standings()):
            return False
        return self._tried_at is None or not (
            timedelta(0) <= now - self._tried_at < timedelta(seconds=_AT_LEAST_BETWEEN_S)
        )

    def _save_or_keep(self) -> None:
        self._tried_at = self._wall()
        try:
            self.save()
        except Error as failure:
            # Why is told by the database's own check; what is new waits here.
            _logger.info("health_history_waits", kind=type(failure).__name__)
        finally:
            connection.close()


def answers(standings: list[Standing]) -> bool:
    """Whether the database answers as far as is known; before the first look nothing is."""
    database = next((one for one in standings if one.name == "database"), None)
    return database is None or database.state is not State.FAIL or database.word == "starting"


def change_told(told: dict[str, Any]) -> Change:
    """A change from the board (station.told_change)."""
    return Change(
        at=datetime.fromisoformat(told["at"]),
        check=told["check"],
        before=State(told["before"]),
        after=State(told["after"]),
        word=told["word"],
        finding=told["finding"],
        said=told["said"],
    )


_current: History | None = None


def current(station: Station) -> History:
    """The memory of this process's station; one that only remembers, where none was opened."""
    global _current
    if _current is None or _current.station is not station:
        _current = History(station)
    return _current
