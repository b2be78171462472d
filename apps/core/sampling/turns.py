"""Who may use the one link next."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from apps.core.sampling.waiting import Late, Phase


class Turns:
    """One at a time. Who is urgent goes before all others who wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = False
        self._urgent = 0

    @contextmanager
    def take(self, *, until_s: float, urgent: bool) -> Iterator[None]:
        with self._changed:
            self._urgent += urgent
            try:
                free = self._changed.wait_for(
                    lambda: not self._taken and (urgent or not self._urgent),
                    until_s - time.monotonic(),
                )
            finally:
                self._urgent -= urgent
            if not free:
                raise Late(Phase.TURN)
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()
