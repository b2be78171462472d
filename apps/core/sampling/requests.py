"""How many requests this process is at work on, and since when. A reading, not a judgement."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The slots of one process at one moment. `newest_began_s` is monotonic; None when idle."""

    slots: int
    busy: int
    newest_began_s: float | None

    def stuck_for_s(self, *, at_s: float) -> float:
        """For how long every slot has been held by the same requests; 0 while one is free."""
        if self.busy < self.slots or self.newest_began_s is None:
            return 0.0
        return at_s - self.newest_began_s


class Requests:
    """Counts requests in and out. Safe from many threads."""

    def __init__(self, *, slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.slots = slots
        self._clock = clock
        self._lock = threading.Lock()
        self._began: dict[int, float] = {}
        self._number = 0

    def begin(self) -> int:
        """A request holds a slot from now on; give the number back to `end`."""
        with self._lock:
            self._number += 1
            self._began[self._number] = self._clock()
            return self._number

    def end(self, number: int) -> None:
        """Its slot is free."""
        with self._lock:
            self._began.pop(number, None)

    def load(self) -> Load:
        """How it is now."""
        with self._lock:
            newest = max(self._began.values(), default=None)
            return Load(slots=self.slots, busy=len(self._began), newest_began_s=newest)
