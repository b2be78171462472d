"""How many requests this process is at work on, and since when. A reading, not a judgement."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

# What a process says that does not know how many requests its server takes at once.
SLOTS_UNKNOWN: Final = 1_000


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
        self._with_client: set[int] = set()
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
            self._with_client.discard(number)

    def sends(self, number: int) -> None:
        """Its answer is made and on its way: from now on it waits for its client."""
        with self._lock:
            if number in self._began:
                self._with_client.add(number)

    @contextmanager
    def listening(self, number: int) -> Iterator[None]:
        """While the request waits for its client, who may be slow: it is held, and not stuck.

        A restart would not make the client faster; afterwards the time counts anew.
        """
        with self._lock:
            self._with_client.add(number)
        try:
            yield
        finally:
            with self._lock:
                self._with_client.discard(number)
                if number in self._began:
                    self._began[number] = self._clock()

    def load(self) -> Load:
        """How it is now."""
        with self._lock:
            newest = max(self._began.values(), default=None)
            if self._with_client:
                newest = self._clock()
            return Load(slots=self.slots, busy=len(self._began), newest_began_s=newest)
