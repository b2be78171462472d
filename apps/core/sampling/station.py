"""All that one process knows of its health: its checks, its load, and its neighbours' word.

gunicorn's hooks open the station of a worker with the board that the master
made (config.gunicorn); `manage.py worker` opens its own; under any other server
the first probe does.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from apps.core.sampling.board import Row, Seat
from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.record import Change, Standing
from apps.core.sampling.requests import Load, Requests
from apps.core.sampling.sampler import Sampler

# Only what a restart repairs fails liveness: this long without a beat is no pause any more.
BEAT_EXPIRES_AFTER_S: Final = 60.0
# A row of the board is not for stories; as many bytes, since other languages take more of them.
_SAID_BYTES: Final = 300
# A watchdog that is this late cannot vouch for what it watches: readiness goes first.
BEAT_LATE_AFTER_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a station behaves.

    stuck_after_s  every slot of every worker held by the same requests this long: not alive
    spread_s       a return to readiness waits up to this long, differently on each server
    """

    kind: str = "web"
    stuck_after_s: float = 30.0
    spread_s: float = 0.0


class Station:
    """One process's health. Open it once, after forking; ask it from any thread."""

    def __init__(
        self,
        checks: Sequence[Check],
        *,
        options: Options,
        seat: Seat | None = None,
        slots: int = 1,
        clock: Callable[[], float] = time.monotonic,
        on_change: Callable[[Change], None] = lambda change: None,
    ) -> None:
        self.options = options
        self.seat = seat or Seat()
        self.requests = Requests(slots=slots, clock=clock)
        self.probes: Counter[tuple[str, int]] = Counter()
        # What else liveness hangs on in this process: a name, and the word it fails with or "".
        self.vitals: list[tuple[str, Callable[[], str]]] = []
        self.opened_at = datetime.now(UTC)
        self._clock = clock
        self._opened_s = clock()
        self.sampler = Sampler(
            checks,
            returns_after_s=options.spread_s * self.seat.board.seed,
            clock=clock,
            on_beat=self._publish,
            on_change=on_change,
        )

    def open(self) -> None:
        """Begin to look."""
        if self.seat.number is None:
            self.seat.number = self.seat.board.take_row(os.getpid())
        self.sampler.start()

    def close(self) -> None:
        """Stop looking."""
        self.sampler.stop()

    def drain(self) -> None:
        """Take no new work from now on: every process of this server says so."""
        self.seat.board.drain()

    @property
    def is_draining(self) -> bool:
        return self.seat.board.draining_since is not None

    @property
    def uptime_s(self) -> float:
        return self._clock() - self._opened_s

    def neighbours(self) -> list[Row]:
        """What every process of this server last wrote of itself, this one included."""
        return self.seat.board.rows()

    def live(self) -> list[Standing]:
        """Can this process, and can its server's workers, still run code? Asks nobody else."""
        more = [self._derived(name, word()) for name, word in self.vitals]
        return [self._beat(BEAT_EXPIRES_AFTER_S), self._workers(), *more]

    def startup(self) -> list[Standing]:
        """Is the program loaded, and has everything been looked at once?

        Once true, it stays true for the server: a worker that is renewed is no start of it.
        """
        if self.seat.board.has_started:
            return [self._derived("startup")]
        program = [
            replace(one, gates=True) for one in self.sampler.standings() if one.name == "program"
        ]
        seen = self.sampler.has_seen_everything
        sampled = self._derived("sampled", "" if seen else "starting")
        if seen and all(one.state is State.PASS for one in program):
            self.seat.board.start()
        return [*program, sampled]

    def ready(self) -> list[Standing]:
        """May this process be given work? Gates first, then what only warns."""
        started = all(one.state is State.PASS for one in self.startup())
        standings = [one for one in self.sampler.standings() if one.name != "program"]
        return [
            self._derived("startup", "" if started else "starting"),
            self._derived("draining", "draining" if self.is_draining else ""),
            self._beat(BEAT_LATE_AFTER_S),
            *sorted(standings, key=lambda one: not one.gates),
        ]

    def everything(self) -> list[Standing]:
        """Each check and each of our own vitals once; where two groups differ, the worse."""
        seen: dict[str, Standing] = {}
        for one in [*self.live(), *self.ready(), *self.sampler.standings()]:
            known = seen.get(one.name)
            if known is None or one.state.weight > known.state.weight:
                seen[one.name] = one
        return list(seen.values())

    def load(self) -> list[Load]:
        """The slots of each process of this server."""
        return [
            Load(
                slots=row.said["slots"],
                busy=row.said["busy"],
                newest_began_s=row.said["newest_began_s"],
            )
            for row in self.neighbours()
        ]

    def stuck_for_s(self) -> float:
        """For how long every slot of this process has been held by the same requests."""
        return self.requests.load().stuck_for_s(at_s=self._clock())

    def _beat(self, limit_s: float) -> Standing:
        age = self.sampler.beat_age_s
        if age is None:
            return self._derived("sampler", "starting")
        return self._derived("sampler", "stale" if age > limit_s else "", age_s=age)

    def _workers(self) -> Standing:
        """Stuck when every worker is: each slot held by the same requests for too long."""
        at_s, limit_s = self._clock(), self.options.stuck_after_s
        # This one first: it is at hand, and the board has to be read.
        stuck = self.stuck_for_s() > limit_s and all(
            load.stuck_for_s(at_s=at_s) > limit_s for load in self.load()
        )
        return self._derived("workers", "stuck" if stuck else "")

    def _derived(self, name: str, word: str = "", *, age_s: float | None = 0.0) -> Standing:
        return Standing(
            name=name,
            state=State.FAIL if word else State.PASS,
            gates=True,
            reading=_because(word),
            since=self.opened_at,
            age_s=age_s,
            took_s=None,
            in_a_row=0,
        )

    def _publish(self) -> None:
        """Write this process's row: called by the watchdog at each beat."""
        if self.seat.number is None:
            return
        load = self.requests.load()
        self.seat.board.write(
            self.seat.number,
            {
                "kind": self.options.kind,
                "beat_s": self._clock(),
                "opened_s": self._opened_s,
                "slots": load.slots,
                "busy": load.busy,
                "newest_began_s": load.newest_began_s,
                "vitals": {name: word() for name, word in self.vitals},
                "checks": [told(one) for one in self.sampler.standings()],
                "changes": [told_change(change) for change in list(self.sampler.changes)],
                "transitions": [
                    [check, to, count]
                    for (check, to), count in list(self.sampler.transitions.items())
                ],
                "probes": [
                    [path, status, count] for (path, status), count in list(self.probes.items())
                ],
            },
        )


@cache
def _because(word: str) -> Reading:
    """A failure with this word, or with none a pass. Probes ask thousands of times."""
    return Reading(state=State.FAIL if word else State.PASS, word=word)


def told(one: Standing) -> dict[str, Any]:
    """A standing as JSON holds it, for the board."""
    return {
        "name": one.name,
        "state": str(one.state),
        "gates": one.gates,
        "word": one.word,
        "finding": one.reading.finding,
        "said": _short(one.reading.said),
        "since": one.since.isoformat(),
        "age_s": one.age_s,
        "took_s": one.took_s,
        "in_a_row": one.in_a_row,
        "observed": [told_observation(seen) for seen in one.reading.observed],
    }


def told_observation(seen: Observation) -> dict[str, Any]:
    return {
        "measurement": seen.measurement,
        "component": seen.component,
        "value": seen.value,
        "unit": seen.unit,
        "state": str(seen.state),
        "word": seen.word,
    }


def told_change(change: Change) -> dict[str, Any]:
    return {
        "at": change.at.isoformat(),
        "check": change.check,
        "before": str(change.before),
        "after": str(change.after),
        "word": change.word,
        "finding": change.finding,
        "said": _short(change.said),
    }


def _short(said: str) -> str:
    """As much of it as a row has room for, without what JSON writes with several signs."""
    printable = "".join(sign if sign.isprintable() else " " for sign in said[:_SAID_BYTES])
    return printable.encode()[:_SAID_BYTES].decode(errors="ignore")


_open: Station | None = None
_pid: int | None = None
_opening: Final = threading.Lock()


def opened(make: Callable[[], Station]) -> Station:
    """This process's station; made and opened by the first who asks.

    A process forked since then has none of its parent's threads, so it makes its own.
    """
    global _open, _pid
    with _opening:
        if _open is None or _pid != os.getpid():
            _open, _pid = make(), os.getpid()
            _open.open()
        return _open


def closed() -> None:
    """Close this process's station, if there is one; the next who asks opens another."""
    global _open
    with _opening:
        if _open is not None:
            _open.close()
            _open = None
