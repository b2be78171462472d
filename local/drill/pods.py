"""The kubelet of the drill cluster: starts pods, probes them, restarts them, deletes them.

Restarts by `/health/live/` with the manifest's values, and when a process ends. Whether a pod
gets requests is HAProxy's to say, by `/health/ready/`.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from local.drill import probes
from local.drill.balancer import Balancer, Slot
from local.drill.patroni import ask
from local.drill.room import Program, Room, start
from local.place import CHECKOUT

WEB: Final = "web"
_STABLE_AFTER_S: Final = 600


@dataclass(slots=True, kw_only=True)
class Pod:
    """One program with its probes. `slot` is None for what nobody sends requests to."""

    name: str
    room: Room
    command: list[str]
    environment: Mapping[str, str] = field(repr=False)
    events: Callable[[str], None]
    slot: Slot | None = None
    balancer: Balancer | None = None
    probed: bool = True
    restarts: int = 0
    _in_a_row: int = 0  # as many as the next one waits for
    program: Program | None = None
    _wanted: bool = False
    _gone: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def start(self) -> None:
        """Start the container, and watch it until the pod is deleted."""
        self._wanted = True
        self._run()

    def kill(self) -> None:
        """kill -9 of all processes of the container; it is restarted."""
        assert self.program is not None
        self.program.kill()

    def delete(self) -> None:
        """End the pod as a cluster does: out of the endpoints, preStop, SIGTERM, grace, SIGKILL.

        Returns when it is gone.
        """
        self._wanted = False
        self._gone.set()
        self.events(f"{self.name} is deleted")
        if self.slot and self.balancer:
            # Removal from the endpoints and the container's end begin together, unordered.
            timer = threading.Timer(
                probes.ENDPOINTS_LAG_S, self.balancer.drain, (WEB, self.slot.name)
            )
            timer.start()
        self._pre_stop()
        if self.program is not None:
            ended = self.program.stop(signal.SIGTERM, within_s=probes.GRACE_S)
            self.events(f"{self.name} ended {'by itself' if ended else 'by SIGKILL'}")
        if self.slot and self.balancer:
            self.balancer.forget(WEB, self.slot.name)

    def _pre_stop(self) -> None:
        """The manifest's: not ready from this moment."""
        if not self.slot:
            return
        told = subprocess.run(
            [sys.executable, "manage.py", "drain"],
            env={**self.environment},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode != 0:
            # As with a kubelet, the end goes on without it.
            self.events(f"{self.name} was not told to drain: {told.stderr.strip()}")

    def stop(self) -> None:
        """End it without ceremony; the cluster is being put away."""
        self._wanted = False
        self._gone.set()
        if self.program is not None:
            self.program.tell(signal.SIGKILL)
            self.program.process.wait()

    def probe(self, path: str, *, timeout_s: float) -> tuple[int | None, float]:
        """Status (None: no answer in time) and seconds of one probe."""
        begun = time.monotonic()
        assert self.slot is not None
        seen = ask(self.slot.probe, "GET", path, within_s=timeout_s)
        return (seen[0] if seen else None), time.monotonic() - begun

    def _run(self) -> None:
        if self.slot and self.balancer:
            self.balancer.expect(WEB, self.slot.name)
        begun = time.monotonic()
        self.program = start(
            self.room,
            f"{self.name}-log",
            self.command,
            environment=self.environment,
            folder=CHECKOUT,
            as_server_user=False,
            on_end=lambda status: self._ended(status, time.monotonic() - begun),
        )
        if self.probed and self.slot:
            watch = threading.Thread(target=self._watch, args=(self.program,), daemon=True)
            watch.start()

    def _ended(self, status: int, lived_s: float) -> None:
        if not self._wanted:
            return
        if self.slot and self.balancer:
            self.balancer.take_out(WEB, self.slot.name)
        if lived_s > _STABLE_AFTER_S:
            self._in_a_row = 0
        wait = probes.RESTART_AFTER_S[min(self._in_a_row, len(probes.RESTART_AFTER_S) - 1)]
        self._in_a_row += 1
        self.restarts += 1
        self.events(f"{self.name} ended ({status}); its container is restarted in {wait} s")
        if not self._gone.wait(wait):
            with self._lock:
                if self._wanted:
                    self._run()

    def _watch(self, program: Program) -> None:
        """Startup probe, then liveness, of one container."""
        if not self._started(program):
            return
        failures = 0
        while not self._gone.wait(probes.LIVE_PERIOD_S) and program.alive:
            status, _took = self.probe(probes.LIVE, timeout_s=probes.LIVE_TIMEOUT_S)
            failures = 0 if status == 200 else failures + 1
            if failures >= probes.LIVE_FAILURES:
                self.events(f"{self.name} is restarted: liveness failed {failures} times")
                program.kill()
                return

    def _started(self, program: Program) -> bool:
        for _ in range(probes.STARTUP_FAILURES):
            if self._gone.wait(probes.STARTUP_PERIOD_S) or not program.alive:
                return False
            if self.probe(probes.STARTUP, timeout_s=probes.STARTUP_TIMEOUT_S)[0] == 200:
                return True
        self.events(f"{self.name} is restarted: it did not start")
        program.kill()
        return False


def web_command() -> list[str]:
    """What the image's web container runs."""
    return [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"]


def worker_command() -> list[str]:
    """What the image's worker container runs."""
    return [sys.executable, "manage.py", "worker", "--concurrency", "2"]
