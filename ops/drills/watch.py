"""What probes see while a system is broken: asked from outside, as a kubelet does, and counted."""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from ops.drills.cluster import Cannot, Cluster

LIVE: Final = "/health/live/"
READY: Final = "/health/ready/"
EVERY_S: Final = 1.0
# The manifest's timeouts; an answer that comes later is none.
TIMEOUT_S: Final = {LIVE: 2.0, READY: 1.0}


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at one pod."""

    at: float
    pod: str
    path: str
    status: int | None
    took_s: float


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who got requests at a moment."""

    at: float
    pods: tuple[str, ...]


@dataclass(slots=True)
class Watch:
    """Looks once a second until it is stopped."""

    cluster: Cluster
    began: float
    probes: list[Probe] = field(default_factory=list)
    rotation: list[Rotation] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def start(self) -> None:
        """Begin to look."""
        thread = threading.Thread(target=self._rotate, daemon=True)
        thread.start()
        self._threads.append(thread)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(5)

    def now(self) -> float:
        """Seconds of this run."""
        return time.monotonic() - self.began

    def wait_rotation(self, count: int, *, within_s: float) -> float | None:
        """When so many pods got requests, looking from now on; None when not in that time."""
        since = self.now()

        def found() -> list[float]:
            return [r.at for r in self.rotation if r.at >= since and len(r.pods) == count]

        with self._news:
            self._news.wait_for(lambda: bool(found()), within_s)
            return next(iter(found()), None)

    def wait_ready(self, status: int | None, *, within_s: float) -> float | None:
        """When every pod's readiness was last seen so (None: anything but 200)."""
        since = self.now()

        def wanted(said: int | None) -> bool:
            return said != 200 if status is None else said == status

        def when() -> float | None:
            last = {p.pod: p for p in self.probes if p.path == READY and p.at >= since}
            try:
                pods = set(self.cluster.web())
            except (OSError, Cannot):
                return None
            if pods <= set(last) and all(wanted(last[pod].status) for pod in pods):
                return max(p.at + p.took_s for p in last.values())
            return None

        found: float | None = None

        def seen() -> bool:
            nonlocal found
            found = when()
            return found is not None

        with self._news:
            self._news.wait_for(seen, within_s)
            return found

    def _rotate(self) -> None:
        while not self._stop.wait(EVERY_S / 2):
            try:
                there, pods = self.cluster.web(), tuple(self.cluster.in_rotation())
            except (OSError, Cannot):
                continue
            for pod in there:
                if pod not in self._seen:
                    self._seen.add(pod)
                    for path in (LIVE, READY):
                        thread = threading.Thread(target=self._probe, args=(pod, path), daemon=True)
                        thread.start()
                        self._threads.append(thread)
            with self._news:
                self.rotation.append(Rotation(self.now(), pods))
                self._news.notify_all()

    def _may_be_there(self, pod: str) -> bool:
        """False once the cluster says that it is gone; one that says nothing says no such thing."""
        try:
            return pod in self.cluster.web()
        except (OSError, Cannot):
            return True

    def _probe(self, pod: str, path: str) -> None:
        while self._may_be_there(pod):
            begun = self.now()
            seen = self.cluster.probe(pod, path, timeout_s=TIMEOUT_S[path])
            with self._news:
                self.probes.append(Probe(begun, pod, path, seen.status, seen.took_s))
                self._news.notify_all()
            if self._stop.wait(EVERY_S):
                return
        self._seen.discard(pod)
