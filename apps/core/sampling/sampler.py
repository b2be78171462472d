"""The threads that look, and the watchdog over them.

Each check has a thread of its own, so a stuck one holds nothing but itself, and
at most one look of a check is ever running. The watchdog runs no check: it
notices deadlines, cuts short what is past them, and shows that this process
still runs code. Log lines leave by a third kind of thread, since a full pipe
may block whoever writes into it.
"""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.record import STARTING, Change, Record, Standing

_BEAT_S: Final = 0.25
_CHANGES_KEPT: Final = 50
_logger = structlog.get_logger(__name__)

Clock = Callable[[], float]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sampler:
    """Looks at `checks` from `start` to `stop`.

    Ask `standings` from any thread: it never waits for a look.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        *,
        returns_after_s: float = 0.0,
        clock: Clock = time.monotonic,
        wall: Callable[[], datetime] = _utc_now,
        on_beat: Callable[[], None] = lambda: None,
        on_change: Callable[[Change], None] = lambda change: None,
    ) -> None:
        self._clock, self._wall = clock, wall
        self._on_beat, self._on_change = on_beat, on_change
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._news: queue.SimpleQueue[Change | None] = queue.SimpleQueue()
        self._records = {
            check.name: Record(
                check=check, now=wall(), returns_after_s=returns_after_s, tell=self._note
            )
            for check in checks
        }
        self._threads: list[threading.Thread] = []
        self._cut: dict[str, float] = {}
        self.changes: deque[Change] = deque(maxlen=_CHANGES_KEPT)
        self.transitions: Counter[tuple[str, str]] = Counter()
        self.beat_at: float | None = None

    def start(self) -> None:
        """Start looking. Once."""
        self.beat_at = self._clock()
        work: list[tuple[str, Callable[[], None]]] = [
            ("health-watchdog", self._watch),
            ("health-news", self._pass_on_news),
        ]
        work += [
            (f"health-{name}", self._looking(record)) for name, record in self._records.items()
        ]
        for name, run in work:
            # Daemons: a look that hangs must not keep a stopping process alive.
            thread = threading.Thread(target=run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Stop looking, and cut short what is running. Does not wait for stuck looks."""
        self._stopping.set()
        self._news.put(None)
        for record in self._records.values():
            _give_up(record.check)

    def standings(self) -> list[Standing]:
        """Every check as it stands at this moment, in the order they were given."""
        at_s = self._clock()
        with self._lock:
            return [record.standing(at_s=at_s) for record in self._records.values()]

    @property
    def checks(self) -> dict[str, Check]:
        """What is looked at, by name."""
        return {name: record.check for name, record in self._records.items()}

    @property
    def has_seen_everything(self) -> bool:
        """Whether every check has been looked at once, or was given up on."""
        with self._lock:
            return all(record.shown is not STARTING for record in self._records.values())

    @property
    def beat_age_s(self) -> float | None:
        """How long ago the watchdog last ran; None before the start."""
        return None if self.beat_at is None else self._clock() - self.beat_at

    def _looking(self, record: Record) -> Callable[[], None]:
        def look_again_and_again() -> None:
            while (due := record.next_at()) is not None:
                if self._stopping.wait(max(0.0, due - self._clock())):
                    return
                self._look(record)

        return look_again_and_again

    def _look(self, record: Record) -> None:
        with self._lock:
            record.begin(at_s=self._clock())
        try:
            reading = record.check.look()
        except Exception:
            # A fault of the check itself: it must neither end its thread nor read as health.
            _logger.exception("health_check_broken", check=record.check.name)
            reading = Reading(state=State.FAIL, word="error")
        with self._lock:
            record.end(reading, at_s=self._clock(), now=self._wall())

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                for check in self._settle():
                    _give_up(check)
                self._on_beat()
            except Exception:
                # A row too long to publish, say, must not end the watch.
                _logger.exception("health_watchdog_stumbled")
            self.beat_at = self._clock()
            self._stopping.wait(self._until_next_deadline())

    def _settle(self) -> list[Check]:
        """Write down deadlines and expiries that passed; the looks to cut short, each once."""
        at_s, now = self._clock(), self._wall()
        overdue = []
        with self._lock:
            for name, record in self._records.items():
                record.settle(at_s=at_s, now=now)
                began = record.began_at
                if began is None or not record.is_overdue(at_s=at_s):
                    continue
                if self._cut.get(name) != began:
                    self._cut[name] = began
                    overdue.append(record.check)
        return overdue

    def _until_next_deadline(self) -> float:
        at_s = self._clock()
        with self._lock:
            left = [
                record.began_at + record.check.within_s - at_s
                for record in self._records.values()
                if record.began_at is not None
            ]
        # One past its deadline was dealt with; a hair more, so that the next turn finds it over.
        return min([_BEAT_S, *(seconds + 0.001 for seconds in left if seconds > 0)])

    def _note(self, change: Change) -> None:
        """Called under the lock, so it only puts things down."""
        self.changes.append(change)
        self.transitions[change.check, str(change.after)] += 1
        self._news.put(change)

    def _pass_on_news(self) -> None:
        while (change := self._news.get()) is not None:
            log = _logger.info if change.after is State.PASS else _logger.warning
            try:
                log(
                    "health_changed",
                    check=change.check,
                    before=str(change.before),
                    after=str(change.after),
                    word=change.word,
                    finding=change.finding,
                    said=change.said,
                )
                self._on_change(change)
            except Exception:
                # Whoever is told may stumble; the next change must still be told.
                _logger.exception("health_news_stumbled", check=change.check)


def _give_up(check: Check) -> None:
    try:
        check.give_up()
    except Exception:
        # One check's fault must not keep the others from being cut short.
        _logger.exception("health_check_broken", check=check.name)
