"""Requests that do not reach the database although this process does.

Then the way of the pages is broken and not the database, and a restart mends
it. Pages say what they met, and liveness asks whether that has gone on for too
long. Each look that finds the database away ends the count: no restart helps there.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from apps.core.sampling.check import Check, Reading, State

# One slow statement that was ended is no pattern.
_MISSES_AT_LEAST: Final = 3


class Wedge:
    """What requests of this process met, since the last that reached the database."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._misses = 0
        self._first_s = self._last_s = 0.0

    def missed(self) -> None:
        """A request ended without the database."""
        with self._lock:
            self._last_s = self._clock()
            if not self._misses:
                self._first_s = self._last_s
            self._misses += 1

    def reached(self) -> None:
        """The database answered a request, or it is away for everybody."""
        if self._misses:  # mostly not; so the lock is not asked for
            with self._lock:
                self._misses = 0

    def is_stuck(self, *, for_s: float) -> bool:
        """Whether requests have missed it for this long, to the last, and still do."""
        with self._lock:
            now_s = self._clock()
            return (
                self._misses >= _MISSES_AT_LEAST
                and now_s - self._first_s >= for_s
                and now_s - self._last_s < for_s
            )


# Of this process.
of_pages: Final = Wedge()


def ending(wedge: Wedge, check: Check) -> Check:
    """This check of the database; whenever it finds it away, nobody's requests count."""

    def look() -> Reading:
        found = State.FAIL
        try:
            reading = check.look()
            found = reading.state
            return reading
        finally:
            if found is State.FAIL:
                wedge.reached()

    return replace(check, look=look)
