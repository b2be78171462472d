"""What tests of probes share: a station whose checks find what the test says."""

import threading
import time

from apps.core.health import Question, answer
from apps.core.sampling.board import Seat
from apps.core.sampling.check import Check, Reading, State
from apps.core.sampling.names import WEB
from apps.core.sampling.station import Options, Station

PATIENCE_S = 10
GATES = ("database", "migrations", "temporary")
# Nothing of this may reach an anonymous caller.
CANARIES = ("postgresql://", "db.inner.example", "jewelry_app", "s3cret-pw", "/var/lib/pg", "17.6")
SAID = "postgresql://jewelry_app:s3cret-pw@db.inner.example/x /var/lib/pg 17.6 Traceback"


class Things:
    """What the checks find, by name."""

    def __init__(self):
        self.found = {}

    def check(self, name, **given):
        defaults = {"every_s": 0.02, "within_s": 5.0}
        return Check(name=name, look=lambda: self.found.get(name, Reading()), **(defaults | given))


def until(true, *, what):
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.005)


def bad(word, state=State.FAIL):
    return Reading(state=state, word=word, finding="tcp.refused", said=SAID)


def a_station(found=None, *, options=None, seat: Seat | None = None, slots=4, **given):
    """Not yet open. What is not in `found` passes; a function there is asked at each look."""
    found = found or {}

    def check(name):
        reading = found.get(name, Reading())
        return Check(
            name=name,
            look=reading if callable(reading) else lambda: reading,
            every_s=3600.0,
            within_s=5.0,
            gates=name in GATES,
            latch=name == "program",
        )

    return Station(
        [check(name) for name in WEB],
        options=options or Options(),
        seat=seat,
        slots=slots,
        **given,
    )


def ask(station, path, *, method="GET", **given):
    return answer(Question(method=method, path=path, **given), station)
