"""Probes as a kubelet sends them, without a cluster: for tests and drills.

One thread a probe: a new connection each time, the Host of an address, and
nothing believed but the status. What differs from a real kubelet: exactly 200
counts. A kubelet takes 200 to 399 for success, a redirect too, which is how
probes come about that can never fail.
Source: kubernetes pkg/probe/http, pkg/kubelet/prober/worker.go.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

AGENT: Final = "kube-probe/1.34"
# As much of an answer as a kubelet reads.
_READ_AT_MOST: Final = 10 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one probe. `failure` is empty when an answer came, whatever it said."""

    status: int = 0
    head: bytes = b""
    body: bytes = b""
    took_s: float
    failure: str = ""

    @property
    def good(self) -> bool:
        return self.status == 200


def probe(
    port: int,
    path: str,
    *,
    within_s: float = 1.0,
    host: str = "127.0.0.1",
    at_most: int = _READ_AT_MOST,
    **headers: str,
) -> Answer:
    """Ask once. Never raises: a silent or closed port is an answer too.

    `headers` are added; a name's underscores stand for hyphens.
    """
    given = {"Host": f"{host}:{port}", "User-Agent": AGENT, "Accept": "*/*", "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    request = "\r\n".join([*lines, "", ""]).encode()
    return ask(port, request, within_s=within_s, host=host, at_most=at_most)


def ask(
    port: int,
    request: bytes,
    *,
    within_s: float = 1.0,
    host: str = "127.0.0.1",
    at_most: int = _READ_AT_MOST,
) -> Answer:
    """Send these bytes and read until the other side closes, all within one deadline."""
    began = time.monotonic()
    said = b""
    try:
        with socket.create_connection((host, port), within_s) as link:
            link.sendall(request)
            while len(said) < at_most:
                left = began + within_s - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                link.settimeout(left)
                if not (more := link.recv(at_most)):
                    break
                said += more
        head, _, body = said.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
    except TimeoutError:
        return Answer(took_s=time.monotonic() - began, head=said, failure="timeout")
    except (OSError, IndexError, ValueError) as failure:
        took_s = time.monotonic() - began
        return Answer(took_s=took_s, head=said, failure=type(failure).__name__)
    return Answer(status=status, head=head, body=body, took_s=time.monotonic() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One probe of a container, with the names and defaults of the manifest."""

    path: str
    period_s: float = 10.0
    timeout_s: float = 1.0
    failure_threshold: int = 3
    success_threshold: int = 1


@dataclass(slots=True)
class Verdict:
    """What a probe's answers so far amount to; it turns at the rule's thresholds."""

    rule: Rule
    passing: bool = False
    asked: int = 0
    _same: int = 0
    _last: bool | None = None

    def take(self, good: bool) -> bool:
        """Count one answer; whether it turned the verdict or, failing, confirmed it anew."""
        self.asked += 1
        self._same = self._same + 1 if good == self._last else 1
        self._last = good
        enough = self.rule.success_threshold if good else self.rule.failure_threshold
        if self._same < enough:
            return False
        turned = self.passing != good or not good
        self.passing = good
        if turned and not good:
            self._same = 0  # a container that was ended begins with a clean sheet
        return turned


@dataclass(slots=True, kw_only=True)
class Kubelet:
    """Probes one container until `stop`: startup first, then liveness and readiness beside it.

    `restarts` counts how often a kubelet would have ended the container; here
    nobody ends it. `turns` are the changes of readiness, each with its time.
    """

    port: int
    startup: Rule
    live: Rule
    ready: Rule
    restarts: int = 0
    turns: list[tuple[float, bool]] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _started: threading.Event = field(default_factory=threading.Event, repr=False)
    _threads: list[threading.Thread] = field(default_factory=list, repr=False)
    _verdicts: dict[str, Verdict] = field(default_factory=dict, repr=False)

    def start(self) -> None:
        """Begin to probe."""
        for name, rule, heed in self._probes():
            self._verdicts[name] = Verdict(rule, passing=name == "live")
            arguments = (self._verdicts[name], heed, name == "startup")
            thread = threading.Thread(target=self._run, args=arguments, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End probing; answers still awaited are awaited."""
        self._stopping.set()
        self._started.set()
        for thread in self._threads:
            thread.join()

    @property
    def in_service(self) -> bool:
        """Whether the container is sent requests now."""
        return bool(self.turns) and self.turns[-1][1]

    def asked(self, name: str) -> int:
        """How many probes of this kind were sent."""
        return self._verdicts[name].asked

    def _probes(self) -> Sequence[tuple[str, Rule, Callable[[bool], None]]]:
        return (
            ("startup", self.startup, self._heed_startup),
            ("live", self.live, self._heed_live),
            ("ready", self.ready, self._heed_ready),
        )

    def _run(self, verdict: Verdict, heed: Callable[[bool], None], is_startup: bool) -> None:
        if not is_startup:
            self._started.wait()
        rule = verdict.rule
        while not self._stopping.is_set():
            began = time.monotonic()
            if verdict.take(probe(self.port, rule.path, within_s=rule.timeout_s).good):
                heed(verdict.passing)
            if is_startup and self._started.is_set():
                return
            self._stopping.wait(max(0.0, rule.period_s - (time.monotonic() - began)))

    def _heed_startup(self, passing: bool) -> None:
        if passing:
            self._started.set()
        else:
            self.restarts += 1

    def _heed_live(self, passing: bool) -> None:
        if not passing:
            self.restarts += 1

    def _heed_ready(self, passing: bool) -> None:
        if passing != self.in_service:
            self.turns.append((time.monotonic(), passing))
