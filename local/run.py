"""Run the shop on this machine: database, migrations, demo shop, web and worker.

The database is started first and stopped last, so that a request under way at
Ctrl-C still finds it.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.env import to_migrate, to_serve, with_environment
from local.output import announce
from local.place import CHECKOUT, Place, place_from
from local.postgres import Server, started
from local.problem import Problem, told_in_one_sentence
from local.processes import Part, start_part, stop_leftovers, stop_parts, write_down
from local.signals import ignore_from_now_on, interrupt_once
from local.tools import PDF_LIBRARIES, install_once
from local.web import chosen_port, is_ready, probe_ports, refuse_taken_port

READY_WITHIN_S = 90
LOOK_EVERY_S = 0.2


def main() -> None:
    """Run until Ctrl-C, or until one of the parts ends."""
    interrupt_once()
    place = place_from(os.environ)
    port = chosen_port(os.environ)
    place.make_folder()
    with only_run_of(place):
        stop_leftovers(place.programs_file)
        refuse_taken_port(port)
        install_once(PDF_LIBRARIES, remembered_in=place.folder)
        try:
            with started(place) as server:
                announce("database", f"localhost:{server.port}, TLS only")
                sign_in = prepare(server)
                serve(server, port=port, sign_in=sign_in)
        except KeyboardInterrupt:
            announce("stopping", "before everything had started")
    announce("stopped", f"the data stays in {place.folder}")


@contextmanager
def only_run_of(place: Place) -> Iterator[None]:
    """Hold this data folder's run. Raises Problem when another run holds it."""
    path = place.folder / "run.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(_already_running(path)) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _already_running(lock: Path) -> str:
    return (
        f"The shop is already running from {lock.parent} (process {lock.read_text().strip()})."
        " Stop it with Ctrl-C in its window, or run a second one:"
        " make run PORT=8001 DATA_DIR=.local2"
    )


def prepare(server: Server) -> str:
    """Bring the schema up to date and load the demo shop; return how to sign in."""
    owner = to_migrate(server.place, port=server.port)
    app = to_serve(server.place, port=server.port)
    announce("preparing", "schema and demo shop")
    _manage("migrate", "--noinput", environment=owner)
    _manage("createcachetable", environment=owner)
    return _manage("load_demo", environment=app)


def _manage(*command: str, environment: dict[str, str]) -> str:
    """What a manage.py command printed. Raises Problem with its last words when it fails."""
    ended = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), *command],
        env=with_environment(environment),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip()
        raise Problem(f"manage.py {' '.join(command)} did not succeed. It said:\n{said}")
    return ended.stdout.strip()


def serve(server: Server, *, port: int, sign_in: str) -> None:
    """Run web and worker until Ctrl-C, or until one of them or the database ends by itself."""
    environment = with_environment(
        to_serve(server.place, port=server.port)
        # Nobody stands before it who would have to send requests elsewhere first.
        | {"PORT": str(port), "PYTHONUNBUFFERED": "1", "DRAIN_SECONDS": "0"}
    )
    # The control socket is one per user: a second shop on this machine would fight for it.
    web = ["-m", "gunicorn", "--no-control-socket", "-c", "config/gunicorn.py"]
    web.append("config.wsgi:application")
    programs = {"web": web, "worker": ["manage.py", "worker"]}
    probes = probe_ports(port, count=len(programs))
    parts: list[Part] = []
    try:
        for (name, command), probe_port in zip(programs.items(), probes, strict=True):
            of_its_own = environment | {"HEALTH_PORT": str(probe_port)}
            command = [sys.executable, *command]
            parts.append(start_part(name, command, environment=of_its_own, folder=CHECKOUT))
        write_down(parts, server.place.programs_file)
        _wait_until_ready(parts, server, probes=probes)
        announce("ready", f"http://localhost:{port}/")
        for line in sign_in.splitlines():
            announce("", line)
        announce("", "Ctrl-C stops everything; `make reset` starts afresh.")
        while True:
            _refuse_to_go_on_without(parts, server)
            time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        announce("stopping", "web and worker, then the database")
    finally:
        ignore_from_now_on()
        stop_parts(parts)
        server.place.programs_file.unlink(missing_ok=True)


def _wait_until_ready(parts: Sequence[Part], server: Server, *, probes: Sequence[int]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not all(map(is_ready, probes)):
        _refuse_to_go_on_without(parts, server)
        if time.monotonic() > deadline:
            raise Problem(
                f"The shop did not become ready within {READY_WITHIN_S} seconds;"
                " the lines above tell why."
            )
        time.sleep(LOOK_EVERY_S)


def _refuse_to_go_on_without(parts: Sequence[Part], server: Server) -> None:
    """Raise Problem when a part has ended by itself: half a shop helps nobody."""
    if server.child is not None and server.child.poll() is not None:
        raise Problem(f"The database ended by itself, so all was stopped. See {server.place.log}.")
    for part in parts:
        status = part.process.poll()
        if status is not None:
            raise Problem(
                f"The {part.name} ended by itself with status {status}, so all was stopped."
                " The lines above tell why."
            )


if __name__ == "__main__":
    with told_in_one_sentence():
        main()
