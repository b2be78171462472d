"""Somebody who probes all the time, and remembers every answer."""

import json
import threading
import time
from dataclasses import dataclass

from local.kubelet import Answer, probe

LIVE, READY, STARTUP, DETAILED = (
    "/health/live/",
    "/health/ready/",
    "/health/startup/",
    "/health/detailed/",
)
PATHS = (LIVE, READY, STARTUP, DETAILED)
# Every probe, under every fault (T1). The kubelet gives up after a second.
SLOWEST_S = 0.5
# So many answers in a row, so that each of two workers has had its say: probes go to either.
IN_A_ROW = 12
_PAUSE_S = 0.02
# The detailed answer is for people and machines that read it to its end.
_READ_AT_MOST = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One answer, when it was asked for, and at which address."""

    at: float
    path: str
    answer: Answer

    @property
    def status(self):
        return self.answer.status

    def json(self):
        return json.loads(self.answer.body or b"{}")

    def outputs(self, component, state):
        """The words that the detailed answer gives for what is in this state."""
        return {
            entry.get("output")
            for name, entries in self.json().get("checks", {}).items()
            for entry in entries
            if name.partition(":")[0] == component and entry["status"] == state
        }

    def __str__(self):
        return f"{self.path} {self.status or self.answer.failure} {self.answer.body[:300]!r}"


class Watcher:
    """Probes one program from `start` to `stop`, one probe after another."""

    def __init__(self, port, *, token):
        self._port, self._token = port, token
        self.seen = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._stopping.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def since(self, at, path=None):
        """What was asked for at `at` or later."""
        seen, index = self.seen, len(self.seen)
        while index and seen[index - 1].at >= at:
            index -= 1
        return [one for one in seen[index:] if path is None or one.path == path]

    def steady(self, since, *, within_s, **expected):
        """Wait until the answers have become what is `expected`, in every worker.

        `expected` is a test by endpoint: `ready=lambda seen: …`. Returns the seconds from
        `since` until the last answer that was something else.
        """
        wanted = {f"/health/{name}/": test for name, test in expected.items()}
        until = time.monotonic() + within_s
        while True:
            times = [self._settled(since, path, test) for path, test in wanted.items()]
            if None not in times:
                return max(times)
            if time.monotonic() > until:
                last = [str(one) for one in self.seen[-8:]]
                raise AssertionError(
                    f"not within {within_s} s; the last answers:\n" + "\n".join(last)
                )
            time.sleep(_PAUSE_S)

    def _settled(self, since, path, test):
        answers = self.since(since, path)
        tail = answers[-IN_A_ROW:]
        if len(tail) < IN_A_ROW or not all(test(one) for one in tail):
            return None
        return max((one.at - since for one in answers if not test(one)), default=0.0)

    def _run(self):
        while not self._stopping.is_set():
            for path in PATHS:
                headers = {"Authorization": f"Bearer {self._token}"} if path == DETAILED else {}
                at = time.monotonic()
                answer = probe(self._port, path, within_s=2.0, at_most=_READ_AT_MOST, **headers)
                self.seen.append(Seen(at=at, path=path, answer=answer))
            self._stopping.wait(_PAUSE_S)
