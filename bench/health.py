"""Probes: the shop beside django-health-check and beside a bare 200, in one run.

    python -m bench.health [ROUNDS]

Three gunicorns of the same shape on the same database over TLS: a WSGI application that only says
200 (the floor), django-health-check 4.8 with its Database check, and the shop. Speed by wrk with
`Connection: close`, as a kubelet calls, in interleaved rounds; then faults, with a prober that has
a kubelet's patience of one second.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import psycopg

from bench import production
from bench.processor import used_s
from local.env import to_serve
from local.kubelet import Answer, probe
from local.place import CHECKOUT, Place, place_from
from local.postgres import Server, start
from local.problem import Problem, told_in_one_sentence
from local.run import prepare
from local.spilo import free_port
from local.tools import WRK, install

SHAPES: Final = {"gthread 2x4": ("gthread", "2", "4"), "sync x2": ("sync", "2", "1")}
WRK_S: Final = 3
PATIENCE_S: Final = 1.0
PROBE_EVERY_S: Final = 0.1
FAULT_S: Final = 20.0
RETURN_WITHIN_S: Final = 60.0
SESSION_PROBES: Final = 200
IDLE_S: Final = 10.0
READY, LIVE = "/health/ready/", "/health/live/"


@dataclass(slots=True, kw_only=True)
class Site:
    """One gunicorn under measurement. `probe_port` is where a kubelet would call."""

    name: str
    port: int
    probe_port: int
    child: subprocess.Popen[bytes] = field(repr=False)

    def cpu_s(self) -> float:
        return cpu_of(self.child.pid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe and when it was sent."""

    at_s: float
    answer: Answer

    @property
    def status(self) -> int:
        """0: nothing in time."""
        return self.answer.status

    @property
    def took_s(self) -> float:
        return self.answer.took_s


def main(arguments: list[str]) -> int:
    """Measure and print all tables."""
    rounds = int(arguments[0]) if arguments else 5
    if install([WRK]):
        raise Problem(WRK.why_missing)
    place = place_from({**os.environ, "DATA_DIR": os.environ.get("DATA_DIR", ".local") + "/bench"})
    database = Database(place)
    try:
        prepare(database.server)
        production.collect_static(database.server)
        for shape in SHAPES:
            with sites(database.server, shape) as running:
                speed(shape, running, database, rounds)
        with sites(database.server, "gthread 2x4") as running:
            _, peer, shop = running
            sessions(running[1:], database)
            busy([peer, shop])
        for fault in (database.stopped, database.frozen):
            with sites(database.server, "gthread 2x4") as running:
                faults(fault, running[1:])
    finally:
        database.server.stop()
    return 0


class Database:
    """The laptop's PostgreSQL, and what can befall it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.server: Server = start(place)
        if self.server.child is None:
            raise Problem("The bench's database is in use; stop the other run first.")

    @property
    def pid(self) -> int:
        assert self.server.child is not None
        return self.server.child.pid

    def cpu_s(self) -> float:
        return cpu_of(self.pid)

    def sessions(self) -> int:
        """How many sessions were ever opened in the shop's database."""
        serving = to_serve(self.place, port=self.server.port)
        with psycopg.connect(
            host=serving["POSTGRES_HOST"],
            port=serving["POSTGRES_PORT"],
            dbname=serving["POSTGRES_DB"],
            user=serving["DB_USER"],
            password=Path(serving["APP_DB_PASSWORD_FILE"]).read_text().strip(),
            sslmode="verify-full",
            sslrootcert=serving["DB_SSLROOTCERT"],
            autocommit=True,
        ) as link:
            link.execute("SELECT pg_stat_force_next_flush()")
            row = link.execute(
                "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
            ).fetchone()
            assert row is not None
            return int(row[0])

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Refuses connections, then is back."""
        self.server.stop()
        try:
            yield
        finally:
            self.server = start(self.place)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Takes connections and answers nothing, then goes on."""
        pids = [self.pid, *children_of(self.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


# -- the three sites -------------------------------------------------------------------------


@contextmanager
def sites(server: Server, shape: str) -> Iterator[list[Site]]:
    """Floor, peer and shop, all up and warm."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(site(name, module, server, shape))
            for name, module in (
                ("floor", "bench.peers.floor:application"),
                ("django-health-check", "bench.peers.wsgi:application"),
                ("jewelry-shop", "config.wsgi:application"),
            )
        ]


@contextmanager
def site(name: str, module: str, server: Server, shape: str) -> Iterator[Site]:
    port, probe_port = free_port(), free_port()
    is_shop = name == "jewelry-shop"
    worker_class, workers, threads = SHAPES[shape]
    settings = "config.settings.production" if is_shop else "bench.peers.settings"
    environment = production.environment(
        server,
        DJANGO_SETTINGS_MODULE=settings,
        LOG_LEVEL="ERROR",
        PORT=str(port),
        HEALTH_PORT=str(probe_port),
        WEB_WORKERS=workers,
        WEB_THREADS=threads,
    )
    config = "config/gunicorn.py" if is_shop else "bench/peers/gunicorn.py"
    # No worker is renewed in the middle of a run.
    command = [sys.executable, "-m", "gunicorn", "-c", config, "-k", worker_class]
    command += ["--max-requests", "0", module]
    child = subprocess.Popen(command, env=environment, cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    try:
        one = Site(name=name, port=port, probe_port=probe_port if is_shop else port, child=child)
        wait_until(lambda: ask(one.probe_port, READY).status == 200, f"{name} ready")
        # Every worker, not only the one that was asked.
        wait_until(lambda: all(ask(port, READY).status == 200 for _ in range(20)), f"{name} warm")
        yield one
    finally:
        child.terminate()
        child.wait(60)


# -- speed and cost --------------------------------------------------------------------------


def speed(shape: str, running: Sequence[Site], database: Database, rounds: int) -> None:
    """Requests a second, percentiles and CPU, the peers by turns in each round."""
    floor, peer, shop = running
    cases = [
        ("floor", floor.port, "/", floor),
        ("jewelry-shop, live, site's port", shop.port, LIVE, shop),
        ("jewelry-shop, ready, site's port", shop.port, READY, shop),
        ("jewelry-shop, ready, probe port", shop.probe_port, READY, shop),
        ("django-health-check, no check", peer.port, LIVE, peer),
        ("django-health-check, Database", peer.port, READY, peer),
    ]
    idle = {case.name: idle_cpu(case, database) for case in (shop, peer)}
    for clients in (1, 4):
        seen: dict[str, list[Run]] = {name: [] for name, *_ in cases}
        for _ in range(rounds):
            for name, port, path, case in cases:
                seen[name].append(run_wrk(port, path, clients, case, database))
        print(f"\n{shape}, {clients} at a time, {rounds} rounds of {WRK_S} s, medians")
        print(
            f"{'':<36}{'a second':>10}{'floor/this':>12}{'p50 ms':>9}{'p99 ms':>9}"
            f"{'app CPU ms':>12}{'db CPU ms':>11}"
        )
        base = median(run.rate for run in seen["floor"])
        for name, *_ in cases:
            runs = seen[name]
            rate = median(run.rate for run in runs)
            print(
                f"{name:<36}{rate:>10.0f}{base / rate:>12.2f}"
                f"{median(run.p50_ms for run in runs):>9.2f}"
                f"{median(run.p99_ms for run in runs):>9.2f}"
                f"{median(run.app_ms for run in runs):>12.3f}"
                f"{median(run.db_ms for run in runs):>11.3f}"
            )
    for name, (app, db) in idle.items():
        print(f"{name} with no probe at all: {app:.1f} ms of CPU a second, database {db:.1f} ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    rate: float
    p50_ms: float
    p99_ms: float
    app_ms: float
    db_ms: float


def run_wrk(port: int, path: str, clients: int, case: Site, database: Database) -> Run:
    app, db = case.cpu_s(), database.cpu_s()
    said = subprocess.run(
        [
            "wrk", "-t1", f"-c{clients}", f"-d{WRK_S}s", "--latency", "--timeout", "10s",
            "-H", "Connection: close", "-H", "Host: localhost", f"http://127.0.0.1:{port}{path}",
        ],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in said:
        raise Problem(f"{case.name} did not answer 200 to {path}:\n{said}")
    count = float(_found(r"(\d+) requests in", said))
    return Run(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        p50_ms=_milliseconds(_found(r"\n\s+50%\s+(\S+)", said)),
        p99_ms=_milliseconds(_found(r"\n\s+99%\s+(\S+)", said)),
        app_ms=1000 * (case.cpu_s() - app) / count,
        db_ms=1000 * (database.cpu_s() - db) / count,
    )


def idle_cpu(case: Site, database: Database) -> tuple[float, float]:
    """What it costs to be watched by nobody, in milliseconds a second: app and database.

    The database's share holds what the other sites and its own housekeeping take at that time.
    """
    app, db = case.cpu_s(), database.cpu_s()
    time.sleep(IDLE_S)
    return 1000 * (case.cpu_s() - app) / IDLE_S, 1000 * (database.cpu_s() - db) / IDLE_S


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise Problem(f"wrk said nothing like {pattern}:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def sessions(running: Sequence[Site], database: Database) -> None:
    """Sessions that a number of probes opened."""
    print(f"\nsessions opened in the database by {SESSION_PROBES} probes of readiness")
    for case in running:
        before = database.sessions()
        for _ in range(SESSION_PROBES):
            ask(case.probe_port, READY)
        # The look itself is one.
        print(f"{case.name:<36}{database.sessions() - before - 1:>6}")


# -- faults ----------------------------------------------------------------------------------


def busy(running: Sequence[Site]) -> None:
    """Probes answered within a second while every slot is held by a request that sends no body."""
    print("\nprobes answered within 1 s while every slot is busy")
    for case in running:
        answers = answers_while_busy(case)
        good = [answer for answer in answers if answer.status == 200]
        slowest = f"slowest {1000 * max(one.took_s for one in good):.1f} ms" if good else ""
        print(f"{case.name:<36}{len(good):>4} of {len(answers)}  {slowest}")


def answers_while_busy(case: Site) -> list[Probe]:
    held = [hold_a_slot(case.port) for _ in range(3 * 8)]
    try:
        wait_until(lambda: ask(case.port, LIVE).status == 0, "every slot busy")
        return [ask(case.probe_port, path) for path in (LIVE, READY) * 50]
    finally:
        for link in held:
            link.close()


def hold_a_slot(port: int) -> socket.socket:
    """A request whose body never comes."""
    link = socket.create_connection(("127.0.0.1", port))
    link.sendall(
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=x"
    )
    return link


def faults(fault: Callable[[], object], running: Sequence[Site]) -> None:
    """What a kubelet-like prober sees before, during and after: one prober a site and address."""
    name = fault.__name__
    watchers = [
        Watcher(f"{case.name}, {path}", case.probe_port, path)
        for case in running
        for path in (READY, LIVE)
    ]
    for watcher in watchers:
        watcher.start()
    time.sleep(2)
    began = time.monotonic()
    with fault():  # type: ignore[attr-defined]
        time.sleep(FAULT_S)
        ended = time.monotonic()
    came_back = time.monotonic()
    deadline = came_back + RETURN_WITHIN_S
    while time.monotonic() < deadline and not all(one.answers_200 for one in watchers):
        time.sleep(0.05)
    time.sleep(1)
    for watcher in watchers:
        watcher.stop()
    print(
        f"\ndatabase {name} for {ended - began:.0f} s, a probe each {PROBE_EVERY_S} s, 1 s patience"
    )
    print(f"{'':<36}{'said so after':>14}{'slowest':>10}{'no answer':>11}{'200 again after':>17}")
    for watcher in watchers:
        during = [one for one in watcher.seen if began <= one.at_s < ended]
        told = [one for one in during if one.status not in (0, 200)]
        silent = sum(one.status == 0 for one in during)
        good = [one for one in watcher.seen if one.at_s >= came_back and one.status == 200]
        first = told[0].at_s + told[0].took_s - began if told else None
        slowest = max(one.took_s for one in during)
        back = good[0].at_s + good[0].took_s - came_back if good else None
        print(
            f"{watcher.name:<36}{_seconds(first):>14}{1000 * slowest:>7.1f} ms"
            f"{silent:>6} of {len(during)}{_seconds(back):>14}"
        )


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"


class Watcher(threading.Thread):
    """Probes one address again and again, as a kubelet does: a new connection each time."""

    def __init__(self, name: str, port: int, path: str) -> None:
        super().__init__(daemon=True)
        self.name = name
        self.seen: list[Probe] = []
        self._port, self._path = port, path
        self._told_to_stop = threading.Event()

    def run(self) -> None:
        while not self._told_to_stop.wait(PROBE_EVERY_S):
            self.seen.append(ask(self._port, self._path))

    def stop(self) -> None:
        self._told_to_stop.set()
        self.join()

    @property
    def answers_200(self) -> bool:
        return bool(self.seen) and self.seen[-1].status == 200


def ask(port: int, path: str) -> Probe:
    """One probe with a kubelet's patience."""
    return Probe(at_s=time.monotonic(), answer=probe(port, path, within_s=PATIENCE_S))


# -- processes -------------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    """All descendants that live now."""
    direct = [
        int(child)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]
    return [*direct, *(each for child in direct for each in children_of(child))]


def cpu_of(pid: int) -> float:
    """Seconds of processor of a process and all that it started. Raises Problem without /proc."""
    used = used_s(pid)
    if used is None:
        raise Problem("This system has no /proc, so what a probe costs cannot be measured.")
    return used


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + RETURN_WITHIN_S
    while not true():
        if time.monotonic() > deadline:
            raise Problem(f"Not within {RETURN_WITHIN_S:.0f} s: {what}.")
        time.sleep(0.05)


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
