"""Start, find and stop the laptop's PostgreSQL.

Whoever starts it holds `postgres.lock` for as long as he lives. So a server
with the lock taken is somebody's: attach to it. One with the lock free is an
orphan, its parent was killed: stop it and start afresh.

    python -m local.postgres [--test]     runs it until SIGTERM or Ctrl-C
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.cluster import as_server_user, ensure_cluster, program
from local.place import Place, place_from
from local.postmaster import Postmaster, interrupt, running, usable
from local.problem import Problem, told_in_one_sentence
from local.roles import ensure_roles
from local.signals import interrupt_once

START_WITHIN_S = 60
STOP_WITHIN_S = 30
LOOK_EVERY_S = 0.02
PORTS_TO_TRY = 5
LOG_KEPT_BYTES = 5_000_000


@dataclass(slots=True, kw_only=True)
class Server:
    """A database that answers. `child` is None when somebody else started it."""

    place: Place
    port: int
    child: subprocess.Popen[bytes] | None = None
    _lock: IO[str] | None = field(default=None, repr=False)

    def stop(self) -> None:
        """Shut down fast, if it is ours: clients are cut off, nothing has to be recovered."""
        if self.child is not None:
            _stop_child(self.place, self.child)
        if self._lock is not None:
            self._lock.close()


def start(place: Place) -> Server:
    """Start the database with its roles, or attach to the one that is running.

    Raises Problem when it cannot be started.
    """
    place.make_folder()
    lock = _take(place.lock)
    if lock is None:
        return _attach(place)
    try:
        if orphan := running(place):
            _stop_orphan(place, orphan)
        ensure_cluster(place)
        child, port = _launch(place)
    except BaseException:
        lock.close()
        raise
    server = Server(place=place, port=port, child=child, _lock=lock)
    try:
        ensure_roles(place, port=port)
        place.ready_file.write_text(f"{child.pid}\n")
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def started(place: Place) -> Iterator[Server]:
    """The database for the length of a block; what was running before runs on."""
    server = start(place)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def stopped(place: Place) -> Iterator[None]:
    """No database of this place during the block, so that its files may be changed.

    Raises Problem while another program runs it.
    """
    lock = _take(place.lock)
    if lock is None:
        raise Problem(
            f"The database in {place.folder} is in use by another program."
            " Stop that program first, with Ctrl-C in its window."
        )
    with lock:
        if orphan := running(place):
            _stop_orphan(place, orphan)
        yield


def _take(path: Path) -> IO[str] | None:
    """Hold the lock on this file until it is closed; None when another process holds it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _attach(place: Place) -> Server:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if found := usable(place):
            return Server(place=place, port=found.port)
        time.sleep(LOOK_EVERY_S)
    raise Problem(
        f"Another program holds {place.lock}, but its database does not answer."
        f" Stop that program and try again; {place.log} tells more."
    )


def _launch(place: Place) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on its port of last time, or on another free one if that is taken."""
    for attempt in range(PORTS_TO_TRY):
        port = _port(place, another=attempt > 0)
        child = _spawn(place, port)
        try:
            ready = _became_ready(place, child)
        except BaseException:
            _stop_child(place, child)
            raise
        if ready:
            place.port_file.write_text(f"{port}\n")
            return child, port
        said = _last_words(place)
        if "Address already in use" not in said:
            break
    if "No space left on device" in said:
        raise Problem(
            f"The disk of {place.folder} is full, so PostgreSQL could not start."
            " Free some space, or choose another disk: DATA_DIR=…"
        )
    raise Problem(f"PostgreSQL did not start. The end of {place.log} says:\n{said}")


def _spawn(place: Place, port: int) -> subprocess.Popen[bytes]:
    grown = place.log.exists() and place.log.stat().st_size > LOG_KEPT_BYTES
    with place.log.open("wb" if grown else "ab") as log:
        return subprocess.Popen(
            [program(place, "postgres"), "-D", str(place.data), "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own session: a Ctrl-C reaches us alone, and we choose the kind of shutdown.
            start_new_session=True,
            **as_server_user(place),
        )


def _became_ready(place: Place, child: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_WITHIN_S
    while child.poll() is None:
        found = running(place)
        if found and found.pid == child.pid and found.ready:
            return True
        if time.monotonic() > deadline:
            _stop_child(place, child)
            break
        time.sleep(LOOK_EVERY_S)
    return False


def _port(place: Place, *, another: bool) -> int:
    """The port of last time, else a free one: two checkouts run side by side."""
    if not another and place.port_file.exists():
        remembered = int(place.port_file.read_text())
        if _is_free(remembered):
            return remembered
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As PostgreSQL binds: a port that is only waiting out its last connection is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _stop_orphan(place: Place, orphan: Postmaster) -> None:
    interrupt(orphan.pid)
    deadline = time.monotonic() + STOP_WITHIN_S
    while running(place):
        if time.monotonic() > deadline:
            raise Problem(
                f"A database left behind by an earlier run (process {orphan.pid}) does not stop."
                f" End it with: kill -QUIT {orphan.pid}"
            )
        time.sleep(LOOK_EVERY_S)


def _stop_child(place: Place, child: subprocess.Popen[bytes]) -> None:
    interrupt(child.pid)
    try:
        child.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        raise Problem(
            f"PostgreSQL (process {child.pid}) did not stop within {STOP_WITHIN_S} seconds."
            f" See {place.log}."
        ) from None


def _last_words(place: Place) -> str:
    lines = place.log.read_text(errors="replace").splitlines()
    return "\n".join(lines[-5:])


def main(arguments: list[str]) -> None:
    """Run the database in the foreground until a signal says stop."""
    interrupt_once()
    place = place_from(os.environ, for_tests="--test" in arguments)
    try:
        with started(place) as server:
            if server.child is None:
                print(f"database   runs already on port {server.port}, started by another program")
                return
            print(f"database   localhost:{server.port}, TLS only; log in {place.log}", flush=True)
            status = server.child.wait()
            raise Problem(f"PostgreSQL ended with status {status}. See {place.log}.")
    except KeyboardInterrupt:
        print("database   stopped")


if __name__ == "__main__":
    with told_in_one_sentence():
        main(sys.argv[1:])
